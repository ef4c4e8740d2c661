import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../http/errno.js';
import { lockDataDirectory } from './data-lock.js';
import { DataDirectoryError } from './errors.js';
import { makeFolder } from './make-folder.js';

/** What `server.json` tells the command-line tools. */
export interface ServerFile {
  readonly url: string;
  readonly pid: number;
}

/** The name of the file that tells tools where the node is. */
export const SERVER_FILE = 'server.json';
/** The name of the file with the token. */
export const TOKEN_FILE = 'token';

/** A data directory this process has for itself. */
export interface DataDirectory extends AsyncDisposable {
  readonly folder: string;
  readonly tokenFile: string;
  /** Why nothing can be written there; undefined when all is well. */
  readonly unusable?: DataDirectoryProblem;
  /** Tells the tools where the node is. Never rejects: without it they have to be told. */
  announce(file: ServerFile): Promise<void>;
}

/** HYP_DATA_DIRECTORY. */
export type DataDirectoryProblem = InstanceType<typeof DataDirectoryError>;

/** A medium that is read-only or full, as opposed to a wrong path: the node can go on without it. */
const DEGRADED = ['EROFS', 'ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EIO'];

/**
 * Makes the data directory where it is missing (mode 0700) and takes it for this process. One that is there but cannot be
 * written comes back `unusable`: control has to go on with a worn-out card as well.
 *
 * @throws HYP_DATA_IN_USE; HYP_DATA_DIRECTORY when there is no such directory and none can be made
 */
export async function openDataDirectory(folder: string): Promise<DataDirectory> {
  try {
    await makeFolder(folder);
    if (!(await stat(folder)).isDirectory()) throw new Error('it is not a directory');
  } catch (error) {
    throw problem(folder, error);
  }
  const tokenFile = join(folder, TOKEN_FILE);
  const serverFile = join(folder, SERVER_FILE);
  let lock: AsyncDisposable;
  try {
    lock = await lockDataDirectory(folder);
  } catch (error) {
    if (!DEGRADED.some((code) => hasErrno(error, code))) throw isOwn(error) ? error : problem(folder, error);
    return {
      folder,
      tokenFile,
      unusable: problem(folder, error),
      announce: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
  }
  return {
    folder,
    tokenFile,
    async announce(file) {
      const draft = `${serverFile}.${file.pid}`;
      try {
        await writeFile(draft, `${JSON.stringify(file)}\n`, { mode: 0o600 });
        await rename(draft, serverFile);
      } catch {
        await rm(draft, { force: true }).catch(() => {});
      }
    },
    async [Symbol.asyncDispose]() {
      await rm(serverFile, { force: true }).catch(() => {});
      await lock[Symbol.asyncDispose]();
    },
  };
}

const isOwn = (error: unknown) => error instanceof Error && error.name.startsWith('HYP_');

function problem(folder: string, cause: unknown): DataDirectoryProblem {
  return new DataDirectoryError({ folder, why: cause instanceof Error ? cause.message : String(cause) }, { cause });
}
