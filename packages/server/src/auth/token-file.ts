import { chmod, link, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../daemon/make-folder.js';
import { hasErrno } from '../http/errno.js';
import { TokenFileError } from '../http/errors.js';
import { newToken } from './token-store.js';

interface OpenedToken {
  readonly token: string;
  readonly created: boolean;
}

/**
 * The node's token: read from `file`, or made there at first start with mode 0600. Two processes that start together
 * agree on one. The file appears with its content or not at all; one that a full disk or a power cut left empty counts
 * as missing.
 *
 * @throws HYP_TOKEN_FILE when it can neither be read nor made, or holds something else
 */
export async function openTokenFile(file: string): Promise<{ readonly token: string; readonly created: boolean }> {
  try {
    return (await existing(file)) ?? (await make(file));
  } catch (error) {
    if (error instanceof TokenFileError) throw error;
    throw new TokenFileError({ file, why: error instanceof Error ? error.message : String(error) }, { cause: error });
  }
}

async function existing(file: string): Promise<OpenedToken | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (hasErrno(error, 'ENOENT')) return '';
    throw error;
  });
  const token = text.trim();
  if (token === '') return undefined;
  if (token.length < 16) throw new TokenFileError({ file, why: 'it holds no token' });
  await chmod(file, 0o600).catch(() => {}); // another user's file may be readable and not ours to change
  return { token, created: false };
}

async function make(file: string): Promise<OpenedToken> {
  await makeFolder(dirname(file));
  const token = newToken();
  const draft = `${file}.${token.slice(0, 8)}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(`${token}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    try {
      await link(draft, file);
    } catch (error) {
      const other = hasErrno(error, 'EEXIST') ? await existing(file) : undefined;
      if (other) return other;
      await rename(draft, file); // over an empty one, or on a file system without links
    }
    return { token, created: true };
  } finally {
    await rm(draft, { force: true }).catch(() => {}); // nothing worse than a file that is left over
  }
}
