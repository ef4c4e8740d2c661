import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import test from 'ava';

/** What each part may import of ours, by the first folder below src where a package has entries of its own. */
const ALLOWED = {
  core: [],
  'core/kernel': ['core'],
  'core/store': ['core'],
  'core/testing': ['core', 'core/kernel', 'core/store'],
  hal: ['core'],
  'hal/linux': ['core', 'hal'],
  'hal/sim': ['core', 'hal'],
  'hal/testing': ['core', 'hal'],
  plugins: ['core', 'hal', 'hal/sim'],
  client: [],
  server: ['core', 'core/kernel', 'core/store', 'core/testing', 'hal', 'hal/sim', 'hal/linux', 'client'],
};
const NATIVE = ['i2c-bus', 'onoff', 'serialport', 'sqlite3', 'koffi', 'knex'];

const files = (dir) =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(join(dir, entry.name)) : entry.name.endsWith('.ts') ? [join(dir, entry.name)] : [],
  );

const isTest = (file) => /\.test(\.[a-z]+)?\.ts$|\/test-[a-z-]+\.ts$|\/fixtures?\//.test(file);

/** The part a source file belongs to. */
function partOf(file) {
  const [, name, , folder] = relative('.', file).split('/');
  return `${name}/${folder}` in ALLOWED ? `${name}/${folder}` : name;
}

/** Static and dynamic imports of a source text: specifier, and whether only types are imported. */
function imports(text) {
  const found = [];
  for (const [, type, from] of text.matchAll(/^\s*(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'/gm))
    found.push({ from, type: !!type });
  for (const [, from] of text.matchAll(/^\s*import\s+'([^']+)'/gm)) found.push({ from, type: false });
  for (const [, from] of text.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)) found.push({ from, type: false, lazy: true });
  return found;
}

const sources = ['core', 'hal', 'plugins', 'client', 'server'].flatMap((name) => files(`packages/${name}/src`));

test('imports between packages and entries point down', (t) => {
  t.true(sources.length > 50);
  for (const file of sources.filter((each) => !isTest(each))) {
    const part = partOf(file);
    for (const { from, type } of imports(readFileSync(file, 'utf8'))) {
      const target = from.startsWith('.')
        ? partOf(resolve(dirname(file), from.replace(/\.js$/, '.ts')))
        : from.startsWith('@hyphae/')
          ? from.slice('@hyphae/'.length)
          : undefined;
      if (target === undefined || target === part) continue;
      // A type costs nothing at run time: core's own parts may speak of each other's.
      if (type && part.split('/')[0] === target.split('/')[0]) continue;
      t.true(target in ALLOWED || part === 'server' || part === 'plugins', `${file} imports ${from}: not an entry`);
      t.true(ALLOWED[part].includes(target), `${file} (${part}) imports ${from} (${target})`);
    }
  }
});

test('the server never imports a plugin: it discovers them', (t) => {
  for (const file of sources.filter((each) => each.startsWith('packages/server/') && !isTest(each))) {
    t.false(
      imports(readFileSync(file, 'utf8')).some(({ from }) => from.startsWith('@hyphae/plugins')),
      file,
    );
  }
});

/** Everything a built module loads at import, as specifiers of other packages. */
function loads(entry, seen = new Set()) {
  if (seen.has(entry)) return new Set();
  seen.add(entry);
  const outside = new Set();
  const text = readFileSync(entry, 'utf8');
  for (const [, from] of text.matchAll(/^\s*(?:import|export)\s[^'"]*?from\s+['"]([^'"]+)['"]/gm)) {
    if (from.startsWith('.')) for (const each of loads(resolve(dirname(entry), from), seen)) outside.add(each);
    else outside.add(from);
  }
  for (const [, from] of text.matchAll(/^\s*import\s+['"]([^'"]+)['"]/gm)) {
    if (from.startsWith('.')) for (const each of loads(resolve(dirname(entry), from), seen)) outside.add(each);
    else outside.add(from);
  }
  return outside;
}

test('the root entry of core imports nothing', (t) => {
  t.deepEqual([...loads('packages/core/dist/index.js')], []);
});

test('no entry but the store loads native code or a database at import', (t) => {
  const entries = [
    'core/dist/index',
    'core/dist/kernel/index',
    'core/dist/store/index',
    'core/dist/testing/index',
    'hal/dist/index',
    'hal/dist/sim/index',
    'hal/dist/linux/index',
    'plugins/dist/index',
    'plugins/dist/sim',
    'client/dist/index',
    'server/dist/index',
  ];
  for (const entry of entries) {
    const outside = [...loads(`packages/${entry}.js`)];
    t.deepEqual(
      outside.filter((name) => NATIVE.includes(name)),
      [],
      entry,
    );
  }
});

test('every package declares what it loads', (t) => {
  const builtin = new Set([...builtinModules, ...builtinModules.map((name) => `node:${name}`)]);
  for (const name of ['core', 'hal', 'plugins', 'client', 'server']) {
    const manifest = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8'));
    const declared = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies };
    for (const file of files(`packages/${name}/src`).filter((each) => !isTest(each))) {
      for (const { from } of imports(readFileSync(file, 'utf8'))) {
        if (from.startsWith('.') || builtin.has(from)) continue;
        const dependency = from
          .split('/')
          .slice(0, from.startsWith('@') ? 2 : 1)
          .join('/');
        t.true(
          dependency === manifest.name || dependency in declared,
          `${file} imports ${from}, which ${name} does not declare`,
        );
      }
    }
  }
});
