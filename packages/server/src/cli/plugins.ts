import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type AnyPlugin, SystemClock } from '@hyphae/core';
import { DataDirectoryError } from '../daemon/errors.js';
import { locate } from '../daemon/locate.js';
import { makeFolder } from '../daemon/make-folder.js';
import { BUILT_IN_PROVIDERS, checkPackage, discoverPlugins } from '../discovery/discover.js';
import { NpmError, PackageUnfitError } from './errors.js';
import type { CommandContext } from './main.js';
import { candidateLines } from './plugin-lines.js';

/** Options of `hyphae plugins list`. */
export interface ListOptions {
  readonly configFile: string | undefined;
  readonly json: boolean;
}

/** Lists every candidate package with what became of it, and all plugins by kind. */
export async function listPlugins({ terminal, env, cwd }: CommandContext, options: ListOptions): Promise<void> {
  const { dataDir } = locate({ configFile: options.configFile, env, cwd });
  const { plugins, candidates } = await discoverPlugins({
    clock: new SystemClock(),
    folders: [dataDir],
    providers: BUILT_IN_PROVIDERS,
    simulations: true,
  });
  const all = plugins.all().map((found) => ({
    kind: found.kind,
    id: found.plugin.id,
    package: found.package,
    description: descriptionOf(found.plugin),
  }));
  if (options.json) return terminal.out(JSON.stringify({ packages: candidates, plugins: all }));
  for (const kind of [...new Set(all.map((plugin) => plugin.kind))].sort()) {
    terminal.out(terminal.paint('bold', `${kind}s`));
    const ofKind = all.filter((plugin) => plugin.kind === kind).sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const { id, description } of ofKind) terminal.out(`  ${id.padEnd(16)} ${description}`.trimEnd());
  }
  terminal.out(terminal.paint('bold', 'packages'));
  for (const candidate of candidates) {
    for (const line of candidateLines(candidate, terminal.paint)) terminal.out(`  ${line}`);
  }
}

function descriptionOf(plugin: AnyPlugin): string {
  const { description } = plugin as { readonly description?: unknown }; // every kind may have one
  return typeof description === 'string' ? description.slice(0, 120) : '';
}

/** Options of `hyphae plugins add` and `remove`. */
export interface ChangeOptions {
  readonly packages: readonly string[];
  readonly configFile: string | undefined;
}

/** Installs or removes packages in the data directory with npm; scripts of packages are never run. @throws HYP_NPM */
export async function changePlugins(
  context: CommandContext,
  action: 'add' | 'remove',
  options: ChangeOptions,
): Promise<void> {
  const { terminal, env, cwd } = context;
  const { dataDir } = locate({ configFile: options.configFile, env, cwd });
  if (action === 'remove') await mustBeInstalled(options.packages, dataDir);
  await makeFolder(dataDir).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DataDirectoryError({ folder: dataDir, why }, { cause });
  });
  const manifest = join(dataDir, 'package.json');
  if (!existsSync(manifest)) await writeFile(manifest, PLUGIN_FOLDER, { flag: 'wx' });
  // A name that begins with a dash would be an option of npm's.
  const names = options.packages.map((name) => (name.startsWith('.') ? resolve(cwd, name) : name));
  const command = action === 'add' ? 'install' : 'uninstall';
  await npm([command, '--ignore-scripts', '--no-audit', '--no-fund', '--save', '--', ...names], dataDir, (line) =>
    terminal.note(line),
  );
  await listPlugins(context, { configFile: options.configFile, json: false });
  terminal.note();
  terminal.note(`A running node takes up the change when it is started again.`);
}

/** npm takes no notice of a name it does not know, and the reader would believe it gone. @throws HYP_NPM */
async function mustBeInstalled(names: readonly string[], dataDir: string): Promise<void> {
  const text = await readFile(join(dataDir, 'package.json'), 'utf8').catch(() => '{}');
  const { dependencies = {} } = JSON.parse(text) as { readonly dependencies?: object }; // npm's own file
  const absent = names.filter((name) => !Object.hasOwn(dependencies, name));
  if (absent.length > 0) {
    throw new NpmError({ command: 'uninstall', why: `${absent.join(', ')} is not installed in ${dataDir}` });
  }
}

/** The package.json of a data directory: its dependencies are the plugin packages. */
export const PLUGIN_FOLDER = `${JSON.stringify({ private: true, description: 'Plugin packages of this Hyphae node', dependencies: {} }, null, 2)}\n`;

async function npm(args: readonly string[], cwd: string, note: (line: string) => void): Promise<void> {
  note(`npm ${args.join(' ')}`);
  await new Promise<void>((done, fail) => {
    const child = spawn('npm', args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
    const failed = (why: string) => fail(new NpmError({ command: String(args[0]), why }));
    child.on('error', (error) => failed(error.message));
    child.on('close', (code, signal) =>
      code === 0 ? done() : failed(`it ended with ${signal ?? `status ${code ?? '?'}`}`),
    );
  });
}

/** Options of `hyphae plugins check`. */
export interface CheckPluginOptions {
  readonly path: string;
  readonly json: boolean;
}

/** Checks the package in a folder the way discovery would. @throws HYP_PACKAGE_UNFIT */
export async function checkPlugin(
  { terminal, cwd }: CommandContext,
  { path, json }: CheckPluginOptions,
): Promise<void> {
  const candidate = await checkPackage(resolve(cwd, path), { clock: new SystemClock() });
  const fit = candidate.state === 'loaded' && candidate.notes.length === 0;
  if (json) terminal.out(JSON.stringify({ ok: fit, package: candidate }));
  else for (const line of candidateLines(candidate, terminal.paint)) terminal.out(line);
  if (fit) {
    if (!json) for (const plugin of candidate.plugins) terminal.out(`        ${plugin}`);
    return;
  }
  if (json) process.exitCode = 1;
  else throw new PackageUnfitError({ package: candidate.package, why: candidate.why ?? candidate.notes.join('; ') });
}
