import { basename, isAbsolute, normalize } from 'node:path';
import { type Duration, type HyphaeError, isHyphaeError } from '@hyphae/core';
import type { NodePlan } from '@hyphae/core/kernel';
import { type Check, instances, pluginOf } from './check.js';
import { checkDurations } from './check-durations.js';
import { checkFunctions } from './check-functions.js';
import { checkInstances, checkSoundInstances } from './check-instances.js';
import { checkNames } from './check-names.js';
import { checkShape } from './check-shape.js';
import { checkValues } from './check-values.js';
import { DEFAULT_LISTEN, type ListenAddress, parseListen } from './listen-address.js';
import { type BoardParts, makeBoards } from './make-boards.js';
import type { PluginLookup } from './plugin-lookup.js';
import { configInvalid } from './problem.js';
import type { YamlSource } from './yaml-source.js';

/** Where readings are kept. */
export interface StoreSettings {
  readonly client: 'sqlite3' | 'memory';
  /** Relative to the data directory, unless absolute. */
  readonly file: string;
  readonly commit?: Duration;
  readonly keep?: Duration;
}

/** Where and for whom the server listens. */
export interface ServerSettings {
  readonly listen: ListenAddress;
  readonly origins: readonly string[];
  readonly hosts: readonly string[];
}

/** A valid configuration, ready to run. */
export interface NodeConfig {
  readonly name: string;
  readonly plan: NodePlan;
  readonly server: ServerSettings;
  readonly store: StoreSettings;
}

/** What checking needs besides the file. */
export interface LoadParts extends BoardParts {
  readonly plugins: PluginLookup;
  /** The file's name in messages. */
  readonly file: string;
  /** The node's name where the file gives none. */
  readonly name: string;
}

/** The board providers a file names, whatever else is wrong with it: they decide what discovery has to import. */
export function providersIn(source: YamlSource): ReadonlySet<string> {
  const boards = (source.value as { boards?: unknown } | null | undefined)?.boards; // not checked yet
  if (!Array.isArray(boards)) return new Set();
  const names = boards.map((board: unknown) => (board as { provider?: unknown } | null)?.provider); // not checked yet
  return new Set(names.filter((name) => typeof name === 'string'));
}

/**
 * Checks a file against schema and plugins and makes the plan the kernel runs. Nothing is opened or started.
 *
 * @throws HYP_CONFIG_INVALID with every problem found, each with its place
 */
export async function loadConfig(source: YamlSource, parts: LoadParts): Promise<NodeConfig> {
  const config = source.problems.length === 0 ? checkShape(source) : undefined;
  if (!config) {
    // A problem of shape in one place must not hide what is wrong in others.
    // A file of another format means something else by its words.
    const isOurs = !source.problems.some(({ path }) => path === 'hyphae');
    if (isOurs && typeof source.value === 'object' && source.value !== null) {
      await checkSoundInstances({ source, plugins: parts.plugins });
    }
    throw configInvalid(parts.file, source.problems);
  }
  const check: Check = { config, source, plugins: parts.plugins };
  checkNames(check);
  checkDurations(check);
  await checkInstances(check);
  checkValues(check);
  checkFunctions(check);
  const server = serverSettings(check);
  const store = storeSettings(check, parts.file);
  const boards = await makeBoards(check, parts);
  if (source.problems.length > 0) throw configInvalid(parts.file, source.problems);
  return { name: config.node ?? parts.name, plan: { boards, ...planOf(check) }, server, store };
}

function serverSettings({ config, source }: Check): ServerSettings {
  const { listen = DEFAULT_LISTEN, origins = [], hosts = [] } = config.server ?? {};
  try {
    return { listen: parseListen(listen), origins, hosts };
  } catch (error) {
    if (!isHyphaeError(error)) throw error;
    source.report(['server', 'listen'], String((error as HyphaeError<{ why: string }>).context.why)); // HYP_LISTEN has it
    return { listen: parseListen(DEFAULT_LISTEN), origins, hosts };
  }
}

/** Files of a data directory that a database would destroy. */
const TAKEN = /^(token|server\.json|node\.lock.*|package(-lock)?\.json|\.gitignore|.*\.ya?ml)$/i;

function storeSettings({ config, source }: Check, configFile: string): StoreSettings {
  const { client = 'sqlite3', file = 'hyphae.db', commit, keep } = config.store ?? {};
  const inside = normalize(file);
  if (!isAbsolute(file) && (inside === '..' || inside.startsWith('../'))) {
    source.report(['store', 'file'], 'it leads out of the data directory; give an absolute path if that is meant');
  }
  if (file.includes('\0') || file.endsWith('/')) source.report(['store', 'file'], 'it is not the name of a file');
  const name = basename(inside);
  if (name === configFile || TAKEN.test(name)) {
    source.report(['store', 'file'], `${name} is a file of another purpose; give the database a name of its own`);
  }
  return {
    client,
    file,
    ...(commit === undefined ? {} : { commit: commit as Duration }), // the schema accepts nothing else
    ...(keep === undefined ? {} : { keep: keep as Duration }),
  };
}

/** Puts the plugins' definitions where the file has their ids. Every plugin was found, or this is not reached with a use. */
function planOf(check: Check): Omit<NodePlan, 'boards'> {
  const { config } = check;
  const sections: Record<string, Record<string, unknown>> = { services: {}, sensors: {}, outputs: {}, functions: {} };
  for (const [section, name, { plugin: _, ...rest }] of instances(config)) {
    const plugin = pluginOf(check, section, config[section]?.[name] ?? { plugin: '' });
    const own = section === 'functions' ? withoutUse(rest) : rest;
    if (plugin) (sections[section] ??= {})[name] = { plugin, ...own };
  }
  return sections; // each section has the fields of its plan by the schema, and a definition of its kind by the lookup
}

function withoutUse({ use: _, ...rest }: { readonly use?: unknown }): object {
  return rest;
}
