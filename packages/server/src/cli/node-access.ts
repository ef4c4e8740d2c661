import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SERVER_FILE, type ServerFile, TOKEN_FILE } from '../daemon/data-directory.js';
import { TokenFileError } from '../http/errors.js';
import { isLoopback } from '../config/listen-address.js';
import type { Environment } from '../daemon/locate.js';
import { NodeAbsentError, TokenMissingError } from './errors.js';

/** How to reach a running node. */
export interface NodeAccess {
  readonly url: string;
  readonly token: string;
}

/**
 * Finds the node of a data directory by the files it leaves there. HYPHAE_TOKEN goes before the token there, which is sent
 * to no other machine: it would open this node to whoever runs that one.
 *
 * @throws HYP_NODE_ABSENT, HYP_TOKEN_FILE
 */
export async function nodeAccess(dataDir: string, env: Environment, url?: string): Promise<NodeAccess> {
  const found = url ?? (await runningUrl(dataDir));
  if (!isHttp(found))
    throw new NodeAbsentError({ what: found, why: 'it is not an address such as http://pi.local:8080' });
  const given = env['HYPHAE_TOKEN']?.trim();
  if (given !== undefined && given !== '') return { url: found, token: given };
  if (url !== undefined && !isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, ''))) {
    const own = await runningUrl(dataDir).catch(() => undefined);
    if (own === undefined || new URL(own).origin !== new URL(url).origin) throw new TokenMissingError({ url });
  }
  const file = join(dataDir, TOKEN_FILE);
  const token = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new TokenFileError({ file, why: error instanceof Error ? error.message : String(error) }, { cause: error });
  });
  if (token.trim() === '') throw new TokenFileError({ file, why: 'it is empty' });
  return { url: found, token: token.trim() };
}

const isHttp = (url: string) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);

async function runningUrl(dataDir: string): Promise<string> {
  const absent = (why: string) => new NodeAbsentError({ what: `the data directory ${dataDir}`, why });
  let file: Partial<ServerFile>;
  try {
    file = JSON.parse(await readFile(join(dataDir, SERVER_FILE), 'utf8')) as Partial<ServerFile>; // fields are checked
  } catch {
    throw absent('none is running there');
  }
  const { url, pid } = file;
  if (typeof url !== 'string' || !isHttp(url) || typeof pid !== 'number') throw absent(`${SERVER_FILE} is damaged`);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') throw absent(`process ${pid} ended without stopping`); // kill throws nothing else
  }
  return url;
}
