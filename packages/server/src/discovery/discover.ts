import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  type AnyPlugin,
  asHyphaeError,
  type Clock,
  DeadlineError,
  type Duration,
  formatMs,
  isPlugin,
  PluginLoadError,
  toMs,
} from '@hyphae/core';
import {
  checkManifest,
  dependencyNames,
  findPackage,
  isCandidate,
  isPackageName,
  KEYWORD,
  type PackageJson,
  readPackageJson,
} from './manifest.js';
import { type Candidate, PluginSet } from './plugin-set.js';
import { markOf, shapeProblem } from './plugin-shape.js';

/** Board providers that come with the program, imported when a configuration names them. */
export const BUILT_IN_PROVIDERS = ['linux', 'sim'] as const;

/** What discovery looks at. */
export interface DiscoverOptions {
  readonly clock: Clock;
  /** Folders whose package.json names plugin packages, in order of precedence after the program's own. */
  readonly folders: readonly string[];
  /** Board providers that are wanted: built-in ones are imported only then. */
  readonly providers: Iterable<string>;
  /** Whether simulated chips and plants are wanted. Default: when `providers` has `sim`. */
  readonly simulations?: boolean;
  /**
   * The longest the import of one package may take; the program's own are waited for. Default `30 s`: a small board that is busy
   * starting other things takes its time.
   */
  readonly deadline?: Duration;
  /** The program's own folder, whose dependencies are candidates too. */
  readonly own?: string;
}

/** What discovery found. */
export interface Discovery {
  readonly plugins: PluginSet;
  /** Every candidate with what became of it, in the order they were looked at. */
  readonly candidates: readonly Candidate[];
}

/** The folder of this package. */
export const OWN_FOLDER = fileURLToPath(new URL('../..', import.meta.url));

/** The version of @hyphae/core that plugins will meet. */
export function coreVersion(): string {
  const file = fileURLToPath(import.meta.resolve('@hyphae/core/package.json'));
  return String((JSON.parse(readFileSync(file, 'utf8')) as PackageJson).version); // our own package
}

/**
 * Finds plugin packages and imports those whose manifest is in order. It never rejects for a package: every candidate ends as
 * loaded, skipped or failed.
 */
export async function discoverPlugins(options: DiscoverOptions): Promise<Discovery> {
  const { clock, folders, deadline = '30 s', own = OWN_FOLDER } = options;
  const providers = new Set(options.providers);
  const simulations = options.simulations ?? providers.has('sim');
  const plugins = new PluginSet();
  const candidates: Candidate[] = [];
  for (const id of BUILT_IN_PROVIDERS) {
    if (providers.has(id)) candidates.push(await loadProvider(id, plugins));
  }
  const parts = { core: coreVersion(), plugins, clock, simulations };
  const seen = new Set<string>();
  for (const folder of [own, ...folders]) {
    if (!existsSync(join(folder, 'package.json'))) continue;
    let json: PackageJson;
    try {
      json = readPackageJson(folder);
    } catch (error) {
      candidates.push(failed('package.json', folder, error));
      continue;
    }
    const strange = Object.keys((json.dependencies as object | undefined) ?? {}).filter((name) => !isPackageName(name));
    for (const name of strange) {
      const why = 'this is not the name of a package';
      candidates.push({ package: name.slice(0, 100), from: folder, state: 'skipped', why, plugins: [], notes: [] });
    }
    for (const name of dependencyNames(json)) {
      if (seen.has(name)) continue;
      const candidate = await consider(name, folder, { ...parts, deadline: folder === own ? undefined : deadline });
      if (!candidate) continue;
      seen.add(name);
      candidates.push(candidate);
    }
  }
  return { plugins, candidates };
}

interface Parts {
  readonly core: string;
  readonly plugins: PluginSet;
  readonly clock: Clock;
  readonly deadline: Duration | undefined;
  readonly simulations: boolean;
}

/** One dependency: `undefined` when it is no plugin package at all. */
async function consider(name: string, from: string, parts: Parts): Promise<Candidate | undefined> {
  const folder = findPackage(from, name);
  if (folder === undefined) return undefined; // npm says so already; it may be an optional one
  let json: PackageJson;
  try {
    json = readPackageJson(folder);
  } catch (error) {
    return failed(name, from, error);
  }
  if (!isCandidate(json)) return undefined;
  return load(name, folder, from, json, parts);
}

/** Considers the package in one folder, whoever depends on it: for its author. */
export async function checkPackage(
  folder: string,
  { clock, deadline = '30 s' }: { readonly clock: Clock; readonly deadline?: Duration },
): Promise<Candidate> {
  let json: PackageJson;
  try {
    json = readPackageJson(folder);
  } catch (error) {
    return failed(folder, folder, error);
  }
  const name = typeof json.name === 'string' ? json.name : folder;
  const parts = { core: coreVersion(), plugins: new PluginSet(), clock, deadline, simulations: true };
  if (isCandidate(json)) return load(name, folder, folder, json, parts);
  const why = `its package.json does not have the keyword "${KEYWORD}"`;
  return { package: name, from: folder, state: 'skipped', why, plugins: [], notes: [] };
}

async function load(name: string, folder: string, from: string, json: PackageJson, parts: Parts): Promise<Candidate> {
  const version = typeof json.version === 'string' ? { version: json.version.slice(0, 60) } : {};
  const checked = checkManifest(folder, json, parts.core);
  if ('why' in checked) {
    return { package: name, ...version, from, state: 'skipped', why: checked.why.join('; '), plugins: [], notes: [] };
  }
  const brought: string[] = [];
  const notes: string[] = [];
  const exported = new Set<string>();
  const { manifest } = checked;
  try {
    const files = [manifest.plugins, ...(parts.simulations && manifest.simulations ? [manifest.simulations] : [])];
    for (const file of files) {
      const values = await importWithin(file, name, parts.clock, parts.deadline);
      for (const id of collect(values, name, parts.plugins, brought, notes)) exported.add(id);
    }
  } catch (error) {
    return { ...failed(name, from, error), ...version };
  }
  for (const id of manifest.provides) {
    if (!exported.has(id)) notes.push(`${id}: the manifest names it, but it is not exported`);
  }
  if (brought.length === 0) notes.push('it exports no plugin');
  return { package: name, ...version, from, state: 'loaded', plugins: brought, notes };
}

/** Takes every marked value of a module. What cannot be used is noted and left out. Returns all ids that were there. */
function collect(
  values: object,
  name: string,
  plugins: PluginSet,
  brought: string[],
  notes: string[],
): readonly string[] {
  const seen = new Set<AnyPlugin>();
  for (const value of Object.values(values) as unknown[]) {
    if (!isPlugin(value) || seen.has(value)) continue;
    seen.add(value);
    const problem = shapeProblem(value);
    if (problem !== undefined) {
      notes.push(`${String(value.id).slice(0, 64)}: left out, ${problem}`);
      continue;
    }
    const { kind } = markOf(value);
    const first = plugins.add({ plugin: value, kind, package: name });
    if (first === undefined) brought.push(`${kind} ${value.id}`);
    else notes.push(`${kind} ${value.id}: left out, ${first} brings a ${kind} of this id already`);
  }
  return [...seen].map(({ id }) => id);
}

/** Imports a module, but does not wait for ever: a top-level await may never settle. */
async function importWithin(file: string, name: string, clock: Clock, deadline: Duration | undefined): Promise<object> {
  const loading = import(pathToFileURL(file).href) as Promise<object>; // a module's namespace
  if (deadline === undefined) return loading;
  return new Promise((resolve, reject) => {
    const timer = clock.timer(`import of ${name}`, deadline, () =>
      reject(new DeadlineError({ what: `import of ${name}`, deadline: formatMs(toMs(deadline)) })),
    );
    loading.then(resolve, reject).finally(() => timer[Symbol.dispose]());
  });
}

async function loadProvider(id: (typeof BUILT_IN_PROVIDERS)[number], plugins: PluginSet): Promise<Candidate> {
  const name = `@hyphae/hal/${id}`;
  try {
    // Each module carries much with it (native bindings, chips): only the one that is used is imported.
    const module: object = id === 'sim' ? await import('@hyphae/hal/sim') : await import('@hyphae/hal/linux');
    const brought: string[] = [];
    const notes: string[] = [];
    collect(module, name, plugins, brought, notes);
    return { package: name, from: 'built in', state: 'loaded', plugins: brought, notes };
  } catch (error) {
    return failed(name, 'built in', error);
  }
}

function failed(name: string, from: string, error: unknown): Candidate {
  const why = error instanceof Error ? error.message : String(error);
  const known = asHyphaeError(error, name, 'import');
  const { code } = known.code === 'HYP_PLUGIN_FAILURE' ? new PluginLoadError({ package: name, why }) : known;
  return { package: name, from, state: 'failed', why: why.slice(0, 1_000), code, plugins: [], notes: [] };
}
