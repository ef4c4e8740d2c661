import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { updatePluginIndex } from '../../scripts/plugin-index.mjs';

const plugins = fileURLToPath(new URL('../../packages/plugins', import.meta.url));

/** A package of its own, removed after the test. */
function packageWith(t, files) {
  const home = mkdtempSync(join(tmpdir(), 'hyphae-plugin-index-'));
  t.teardown(() => rmSync(home, { recursive: true }));
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name: 'x', hyphae: { api: 1, provides: ['gone'] } }));
  mkdirSync(join(home, 'src'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(home, 'src', path, '..'), { recursive: true });
    writeFileSync(join(home, 'src', path), text);
  }
  const read = (path) => readFileSync(join(home, path), 'utf8');
  const exportsOf = (path) =>
    read(path)
      .split('\n')
      .filter((line) => line.startsWith('export'));
  const provides = () => JSON.parse(read('package.json')).hyphae.provides;
  return { home, read, exportsOf, provides };
}

const sensor = (name, id = name) => `export const ${name} = defineSensor({\n  id: '${id}',\n});\n`;

test('the repository’s own index is up to date', (t) => {
  t.deepEqual(updatePluginIndex(plugins, { check: true }), []);
});

test('no plugin folder reaches into another, so that each can be deleted alone', (t) => {
  const folders = readdirSync(join(plugins, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  t.true(folders.length > 0);
  for (const { name } of folders) {
    for (const file of readdirSync(join(plugins, 'src', name), { recursive: true })) {
      if (!file.endsWith('.ts')) continue;
      const outside = new RegExp(`from '${'\\.\\./'.repeat(file.split(sep).length)}`);
      t.notRegex(readFileSync(join(plugins, 'src', name, file), 'utf8'), outside, `${name}/${file}`);
    }
  }
});

test('exports what each folder defines, in the order of their names, and lists the ids', (t) => {
  const { home, exportsOf, provides } = packageWith(t, {
    'beta/index.ts': sensor('zulu') + sensor('bravo', 'b-1') + 'export const other = 3;\n',
    'alpha/index.ts': sensor('alpha'),
    'alpha/sim.ts': "export class AlphaSim {}\nexport const alphaChip = defineChip({\n  id: 'alpha',\n});\n",
    '_draft/index.ts': sensor('draft'),
    'shared/index.ts': 'export const tool = 1;\n',
  });
  t.is(updatePluginIndex(home).length, 3);
  t.deepEqual(exportsOf('src/index.ts'), [
    "export { alpha } from './alpha/index.js';",
    "export { bravo, zulu } from './beta/index.js';",
  ]);
  t.deepEqual(exportsOf('src/sim.ts'), ["export { alphaChip } from './alpha/sim.js';"]);
  t.deepEqual(provides(), ['alpha', 'b-1', 'zulu']);
});

test('finds a plugin that the index passes on from a file beside it, and only what it passes on', (t) => {
  const { home, exportsOf, provides } = packageWith(t, {
    'one/index.ts': "export { one } from './one.js';\nexport { helper } from './helper.js';\n",
    'one/one.ts': sensor('one') + sensor('hidden'),
    'one/helper.ts': 'export const helper = 1;\n',
  });
  updatePluginIndex(home);
  t.deepEqual(exportsOf('src/index.ts'), ["export { one } from './one/index.js';"]);
  t.deepEqual(provides(), ['one']);
});

test('writes nothing when nothing has changed', (t) => {
  const { home } = packageWith(t, { 'one/index.ts': sensor('one') });
  t.is(updatePluginIndex(home, { check: true }).length, 3, 'a check tells');
  t.false(existsSync(join(home, 'src/index.ts')), 'and writes nothing');
  updatePluginIndex(home);
  const before = statSync(join(home, 'src/index.ts')).mtimeMs;
  t.deepEqual(updatePluginIndex(home), []);
  t.is(statSync(join(home, 'src/index.ts')).mtimeMs, before);
});

test('a deleted folder leaves neither an export, nor an id, nor compiled output', (t) => {
  const { home, exportsOf, provides } = packageWith(t, {
    'one/index.ts': sensor('one'),
    'two/index.ts': sensor('two'),
  });
  for (const folder of ['one', 'two']) mkdirSync(join(home, 'dist', folder), { recursive: true });
  updatePluginIndex(home);
  rmSync(join(home, 'src/two'), { recursive: true });
  updatePluginIndex(home);
  t.deepEqual(exportsOf('src/index.ts'), ["export { one } from './one/index.js';"]);
  t.deepEqual(provides(), ['one']);
  t.deepEqual(readdirSync(join(home, 'dist')), ['one']);
});

test('a folder that exports no plugin, or a plugin without an id, stops the build with its name', (t) => {
  const nothing = packageWith(t, { 'empty/index.ts': 'export const tool = 1;\n' });
  t.throws(() => updatePluginIndex(nothing.home), { message: /empty: neither index\.ts nor sim\.ts exports a plugin/ });
  const nameless = packageWith(t, {
    'one/index.ts': 'export const one = defineSensor({ id: ID });\nexport const two = 2;\n',
  });
  t.throws(() => updatePluginIndex(nameless.home), { message: /defineSensor of one has no id/ });
});

test('without any folder the index is still a module', (t) => {
  const { home, exportsOf } = packageWith(t, {});
  updatePluginIndex(home);
  t.deepEqual(exportsOf('src/index.ts'), ['export {};']);
});
