import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SERVER_FILE, type ServerFile, TOKEN_FILE } from '../daemon/data-directory.js';
import { TokenFileError } from '../http/errors.js';
import { NodeAbsentError } from './errors.js';

/** How to reach a running node. */
export interface NodeAccess {
  readonly url: string;
  readonly token: string;
}

/** Finds the node of a data directory by the files it leaves there. @throws HYP_NODE_ABSENT, HYP_TOKEN_FILE */
export async function nodeAccess(dataDir: string, url?: string): Promise<NodeAccess> {
  const found = url ?? (await runningUrl(dataDir));
  const file = join(dataDir, TOKEN_FILE);
  const token = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new TokenFileError({ file, why: error instanceof Error ? error.message : String(error) }, { cause: error });
  });
  if (token.trim() === '') throw new TokenFileError({ file, why: 'it is empty' });
  return { url: found, token: token.trim() };
}

async function runningUrl(dataDir: string): Promise<string> {
  const absent = (why: string) => new NodeAbsentError({ what: `the data directory ${dataDir}`, why });
  let file: Partial<ServerFile>;
  try {
    file = JSON.parse(await readFile(join(dataDir, SERVER_FILE), 'utf8')) as Partial<ServerFile>; // fields are checked
  } catch {
    throw absent('none is running there');
  }
  const { url, pid } = file;
  if (typeof url !== 'string' || typeof pid !== 'number') throw absent(`${SERVER_FILE} is damaged`);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') throw absent(`process ${pid} ended without stopping`); // kill throws nothing else
  }
  return url;
}
