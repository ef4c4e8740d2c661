import { readFileSync, realpathSync, statSync } from 'node:fs';
import { existsSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { accepts, isRange } from './version-range.js';

/** The keyword by which plugin packages are known. */
export const KEYWORD = 'hyphae-plugin';
const MAX_MANIFEST_BYTES = 1_048_576;
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'] as const;

/** Parts of a package.json, none of them checked. */
export interface PackageJson {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly keywords?: unknown;
  readonly scripts?: unknown;
  readonly dependencies?: unknown;
  readonly optionalDependencies?: unknown;
  readonly peerDependencies?: unknown;
  readonly hyphae?: unknown;
}

/** A package whose manifest promises plugins this program can load. */
export interface Manifest {
  /** Absolute path of the module that exports the plugins. */
  readonly plugins: string;
  /** Absolute path of the module that exports simulated chips and plants. */
  readonly simulations?: string;
  /** The plugin ids it says it provides. */
  readonly provides: readonly string[];
}

/** The folder of a direct dependency, looked up the way Node does, without running or importing anything. */
export function findPackage(root: string, name: string): string | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return found;
    if (dirname(folder) === folder) return undefined;
  }
}

/** Reads a package.json. @throws Error with the reason in words */
export function readPackageJson(folder: string): PackageJson {
  const file = join(folder, 'package.json');
  if (statSync(file).size > MAX_MANIFEST_BYTES) throw new Error('its package.json is too large');
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new Error(`its package.json is not valid JSON: ${(error as Error).message}`, { cause: error }); // JSON.parse and readFile throw nothing else
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('its package.json is no object');
  return value;
}

/** Names of direct dependencies, well-formed ones only, sorted. */
export function dependencyNames(json: PackageJson): readonly string[] {
  const names = [json.dependencies, json.optionalDependencies].flatMap((group) => Object.keys(record(group)));
  return [...new Set(names)].filter(isPackageName).sort();
}

/** npm's rules for names, as far as they keep a name from being a path. */
export function isPackageName(name: string): boolean {
  return name.length <= 214 && /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/.test(name);
}

/** True for a package that says it brings plugins. */
export function isCandidate(json: PackageJson): boolean {
  return Array.isArray(json.keywords) && json.keywords.includes(KEYWORD);
}

/**
 * Checks everything that can be checked before any of the package's code runs.
 *
 * @returns the manifest, or every reason not to load the package
 */
export function checkManifest(
  folder: string,
  json: PackageJson,
  coreVersion: string,
): { readonly manifest: Manifest } | { readonly why: readonly string[] } {
  const why: string[] = [];
  const hyphae = record(json.hyphae);
  if (json.hyphae === undefined) why.push('its package.json has no "hyphae" section');
  else if (hyphae['api'] !== 1) {
    why.push(`it is made for plugin API ${JSON.stringify(hyphae['api']) ?? '(none)'}, this program has API 1`);
  }
  why.push(...peerProblems(json, coreVersion), ...scriptProblems(folder, json));

  const files: Record<string, string> = {};
  for (const key of ['plugins', 'simulations'] as const) {
    if (hyphae[key] === undefined && (key === 'simulations' || json.hyphae === undefined)) continue;
    const found = moduleInside(folder, hyphae[key]);
    if ('why' in found) why.push(`"hyphae.${key}" ${found.why}`);
    else files[key] = found.file;
  }
  const provides = hyphae['provides'] ?? [];
  if (!Array.isArray(provides) || !provides.every((id) => typeof id === 'string')) {
    why.push('"hyphae.provides" must be a list of plugin ids');
  }
  const { plugins, simulations } = files;
  if (why.length > 0 || plugins === undefined) return { why };
  const manifest = { plugins, provides: provides as readonly string[] }; // checked above
  return { manifest: simulations === undefined ? manifest : { ...manifest, simulations } };
}

function peerProblems(json: PackageJson, coreVersion: string): string[] {
  const range = record(json.peerDependencies)['@hyphae/core'];
  if (Object.hasOwn(record(json.dependencies), '@hyphae/core')) {
    return ['it has @hyphae/core under "dependencies"; a plugin names it under "peerDependencies" only'];
  }
  if (typeof range !== 'string') return ['it does not name @hyphae/core under "peerDependencies"'];
  if (!isRange(range)) return [`its range for @hyphae/core, "${range.slice(0, 60)}", is not valid`];
  if (accepts(range, coreVersion)) return [];
  return [`it needs @hyphae/core ${range}, this program has ${coreVersion}`];
}

function scriptProblems(folder: string, json: PackageJson): string[] {
  const scripts = INSTALL_SCRIPTS.filter((name) => Object.hasOwn(record(json.scripts), name));
  if (scripts.length > 0) return [`it has install scripts (${scripts.join(', ')}), which are never run`];
  return existsSync(join(folder, 'binding.gyp')) ? ['it compiles native code when installed, which is never done'] : [];
}

/** A relative path of the manifest as a file that really lies inside the package. */
function moduleInside(folder: string, path: unknown): { readonly file: string } | { readonly why: string } {
  if (typeof path !== 'string') return { why: 'must be the path of a module, such as "./dist/index.js"' };
  if (!path.startsWith('./') || path.includes('\0') || path.split(/[/\\]/).includes('..')) {
    return { why: `must be a path inside the package that begins with "./", found "${path.slice(0, 100)}"` };
  }
  try {
    const inside = realpathSync(folder);
    const file = realpathSync(join(folder, path));
    if (!file.startsWith(inside + sep)) return { why: `leads out of the package, to ${file}` };
    return statSync(file).isFile() ? { file } : { why: `is not a file: ${path}` };
  } catch {
    return { why: `names a file that is not there: ${path}` };
  }
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
