import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The name of the configuration file. */
export const CONFIG_FILE = 'hyphae.yaml';
/** The configuration that is used where there is none: a simulated greenhouse. */
export const EMBEDDED_CONFIG = fileURLToPath(new URL('../../greenhouse.yaml', import.meta.url));

/** What was found. */
export interface Places {
  readonly configFile: string;
  /** True for the configuration that comes with the program. */
  readonly embedded: boolean;
  readonly dataDir: string;
}

/** What may have been said about places. */
export interface PlaceWishes {
  readonly configFile?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly env: Environment;
  readonly cwd: string;
}

/**
 * Finds configuration file and data directory. Configuration: the wish, HYPHAE_CONFIG, ./hyphae.yaml, hyphae.yaml in the data
 * directory, else the embedded one. Data: the wish, HYPHAE_DATA, the folder of a configuration the user named or stands in,
 * else $XDG_DATA_HOME/hyphae (XDG Base Directory Specification: ~/.local/share when unset).
 */
export function locate({ configFile, dataDir, env, cwd }: PlaceWishes): Places {
  const named = nonEmpty(configFile) ?? nonEmpty(env['HYPHAE_CONFIG']);
  const here = join(cwd, CONFIG_FILE);
  const wishedData = nonEmpty(dataDir) ?? nonEmpty(env['HYPHAE_DATA']);
  const own = named !== undefined ? resolve(cwd, named) : existsSync(here) ? here : undefined;
  const data = wishedData !== undefined ? resolve(cwd, wishedData) : own !== undefined ? dirname(own) : homeData(env);
  if (own !== undefined) return { configFile: own, embedded: false, dataDir: data };
  const kept = join(data, CONFIG_FILE);
  return existsSync(kept)
    ? { configFile: kept, embedded: false, dataDir: data }
    : { configFile: EMBEDDED_CONFIG, embedded: true, dataDir: data };
}

function homeData(env: Environment): string {
  const base = env['XDG_DATA_HOME'];
  // The specification: a relative path is invalid and to be ignored.
  return join(
    base !== undefined && isAbsolute(base) ? base : join(nonEmpty(env['HOME']) ?? homedir(), '.local', 'share'),
    'hyphae',
  );
}

const nonEmpty = (text: string | undefined) => (text === undefined || text.trim() === '' ? undefined : text);
