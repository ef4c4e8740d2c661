import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A data directory with one plugin package. */
export interface PluginPackage extends AsyncDisposable {
  /** The data directory. */
  readonly data: string;
  /** The package's own folder. */
  readonly folder: string;
}

/** Writes a plugin package of these files into a data directory of its own, with a configuration that uses its sensor twice a second. */
export async function pluginPackage(name: string, files: Readonly<Record<string, string>>): Promise<PluginPackage> {
  const data = await realpath(await mkdtemp(join(tmpdir(), 'hyphae-guard-')));
  const folder = join(data, 'node_modules', name);
  const manifest = {
    name,
    version: '1.0.0',
    type: 'module',
    keywords: ['hyphae-plugin'],
    peerDependencies: { '@hyphae/core': '*' },
    hyphae: { api: 1, plugins: './index.js', provides: [name] },
  };
  const all: Readonly<Record<string, string>> = {
    [join(folder, 'package.json')]: JSON.stringify(manifest),
    ...Object.fromEntries(Object.entries(files).map(([file, text]) => [join(folder, file), text])),
    [join(data, 'package.json')]: JSON.stringify({ dependencies: { [name]: '*' } }),
    [join(data, 'hyphae.yaml')]: `hyphae: 1
node: small
sensors:
  bad: { plugin: ${name}, period: 500 ms }
  good: { plugin: dummy-sensor, period: 1 s }
store: { client: memory }
`,
  };
  for (const [file, text] of Object.entries(all)) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return { data, folder, [Symbol.asyncDispose]: () => rm(data, { recursive: true, force: true, maxRetries: 5 }) };
}

/** A module with one sensor, whose sample() runs these statements. `clock` is the clock of its context. */
export function sensorModule(name: string, sample: string, top = ''): string {
  return `${top}
export default { id: '${name}', channels: { x: '1' }, needs: {}, [Symbol.for('hyphae.plugin')]: { kind: 'sensor', api: 1 },
  start(_handles, { clock }) { return { async sample() {
    ${sample}
    return { x: 1 };
  } }; } };
`;
}
