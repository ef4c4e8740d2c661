import { chmod, mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasErrno } from '../http/errno.js';
import { TokenFileError } from '../http/errors.js';
import { newToken } from './token-store.js';

/**
 * The node's token: read from `file`, or made there at first start with mode 0600. Two processes that start together
 * agree on one, because the file is created exclusively.
 *
 * @throws HYP_TOKEN_FILE when it can neither be read nor made, or is empty
 */
export async function openTokenFile(file: string): Promise<{ readonly token: string; readonly created: boolean }> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const token = newToken();
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(`${token}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return { token, created: true };
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw failed(file, error);
  }
  try {
    const token = (await readFile(file, 'utf8')).trim();
    if (token.length < 16) throw new TokenFileError({ file, why: 'it holds no token' });
    await chmod(file, 0o600).catch(() => {}); // another user's file may be readable and not ours to change
    return { token, created: false };
  } catch (error) {
    throw error instanceof TokenFileError ? error : failed(file, error);
  }
}

function failed(file: string, cause: unknown): Error {
  return new TokenFileError({ file, why: cause instanceof Error ? cause.message : String(cause) }, { cause });
}
