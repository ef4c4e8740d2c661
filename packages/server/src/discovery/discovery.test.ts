import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { type Clock, SystemClock } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import { checkPackage, coreVersion, discoverPlugins, type Discovery } from './discover.js';
import { dependencyNames, isPackageName } from './manifest.js';
import type { Candidate } from './plugin-set.js';

/** A package.json of a sound plugin package, and what a case changes about it. */
function manifest(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    name: 'p',
    version: '1.2.3',
    type: 'module',
    keywords: ['hyphae-plugin'],
    peerDependencies: { '@hyphae/core': `^${coreVersion()}` },
    hyphae: { api: 1, plugins: './index.js', provides: ['thing'] },
    ...changes,
  };
}

/** A module that exports plugins without importing anything: the mark is all that counts. */
function moduleOf(...ids: readonly string[]): string {
  return ids
    .map(
      (id, index) =>
        `export const p${index} = { id: '${id}', channels: { a: 'Cel' }, needs: {}, start() {}, [Symbol.for('hyphae.plugin')]: { kind: 'sensor', api: 1 } };\n`,
    )
    .join('');
}

type Files = Readonly<Record<string, string | object>>;

async function write(folder: string, files: Files): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
}

/** A data directory with these packages installed as direct dependencies. */
async function dataDirectory(
  packages: Readonly<Record<string, Files>>,
): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'hyphae-discovery-'));
  const dependencies = Object.fromEntries(Object.keys(packages).map((name) => [name, '*']));
  await write(folder, { 'package.json': { private: true, dependencies } });
  for (const [name, files] of Object.entries(packages)) await write(join(folder, 'node_modules', name), files);
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** An empty own folder, so that only the data directory counts. */
const NOWHERE = join(tmpdir(), 'hyphae-no-such-folder');

const discover = (folder: string, clock: Clock = new SystemClock()): Promise<Discovery> =>
  discoverPlugins({ clock, folders: [folder], providers: [], own: NOWHERE });

async function only(files: Files): Promise<Candidate> {
  await using data = await dataDirectory({ p: files });
  const { candidates } = await discover(data.folder);
  return candidates[0] as Candidate; // each case has one
}

const SOUND: Files = { 'package.json': manifest(), 'index.js': moduleOf('thing') };

test('a sound package is loaded, with what it brings', async (t) => {
  await using data = await dataDirectory({ p: SOUND });
  const { candidates, plugins } = await discover(data.folder);
  t.deepEqual(candidates, [
    { package: 'p', version: '1.2.3', from: data.folder, state: 'loaded', plugins: ['sensor thing'], notes: [] },
  ]);
  t.is(plugins.find('sensor', 'thing')?.id, 'thing');
  t.deepEqual(plugins.ids('sensor'), ['thing']);
  t.is(plugins.find('output', 'thing'), undefined);
});

test('the program finds its own plugins the same way, and simulations only when they are wanted', async (t) => {
  const clock = new SystemClock();
  const plain = await discoverPlugins({ clock, folders: [], providers: [] });
  const own = plain.candidates.find((candidate) => candidate.package === '@hyphae/plugins');
  t.is(own?.state, 'loaded', own?.why ?? '');
  t.truthy(plain.plugins.find('sensor', 'bme280'));
  t.deepEqual(plain.plugins.ids('chip'), []);
  const sim = await discoverPlugins({ clock, folders: [], providers: ['sim'] });
  t.true(sim.plugins.ids('chip').includes('bme280'));
  t.truthy(sim.plugins.find('provider', 'sim'));
});

test('a dependency that is no plugin package, or is not installed, is nobody’s business', async (t) => {
  await using data = await dataDirectory({ lodash: { 'package.json': { name: 'lodash' } } });
  await write(data.folder, { 'package.json': { dependencies: { lodash: '1', missing: '1' } } });
  t.deepEqual((await discover(data.folder)).candidates, []);
});

const THROWS = { 'index.js': 'throw new Error("imported although it must not be")' };

/** Packages that must not be imported at all: the module would throw. */
const SKIPPED: Readonly<Record<string, readonly [Readonly<Record<string, unknown>>, RegExp]>> = {
  'without a manifest': [{ hyphae: undefined }, /no "hyphae" section/],
  'with a manifest of a wrong kind': [{ hyphae: 'yes' }, /plugin API \(none\)|"hyphae\.plugins" must be/],
  'for another API': [{ hyphae: { api: 2, plugins: './index.js' } }, /made for plugin API 2, this program has API 1/],
  'for another core': [
    { peerDependencies: { '@hyphae/core': '^99.0.0' } },
    /it needs @hyphae\/core \^99\.0\.0, this program has/,
  ],
  'with a broken range': [{ peerDependencies: { '@hyphae/core': 'not a range' } }, /"not a range", is not valid/],
  'without a range': [{ peerDependencies: {} }, /does not name @hyphae\/core/],
  'with a core of its own': [{ dependencies: { '@hyphae/core': '*' } }, /under "dependencies"/],
  'with install scripts': [{ scripts: { postinstall: 'curl evil', test: 'ava' } }, /install scripts \(postinstall\)/],
  'with a module that is not there': [{ hyphae: { api: 1, plugins: './nope.js' } }, /names a file that is not there/],
  'with a module outside': [{ hyphae: { api: 1, plugins: '../../outside.js' } }, /must be a path inside the package/],
  'with an absolute module': [{ hyphae: { api: 1, plugins: '/etc/passwd' } }, /must be a path inside the package/],
  'with a module that is a link to elsewhere': [
    { hyphae: { api: 1, plugins: './link.js' } },
    /leads out of the package/,
  ],
  'with a module that is a folder': [{ hyphae: { api: 1, plugins: './lib' } }, /is not a file/],
  'with a list of a wrong kind': [
    { hyphae: { api: 1, plugins: './index.js', provides: 'thing' } },
    /must be a list of plugin ids/,
  ],
  'with simulations outside': [
    { hyphae: { api: 1, plugins: './index.js', simulations: './../x.js' } },
    /"hyphae\.simulations" must be a path inside/,
  ],
};

for (const [what, [changes, why]] of Object.entries(SKIPPED)) {
  test(`a package ${what} is skipped before any of its code runs`, async (t) => {
    await using data = await dataDirectory({ p: { ...THROWS, 'package.json': manifest(changes), 'lib/x.js': '' } });
    await write(data.folder, { 'outside.js': '' });
    await symlink(join(data.folder, 'outside.js'), join(data.folder, 'node_modules', 'p', 'link.js'));
    const [candidate] = (await discover(data.folder)).candidates;
    t.is(candidate?.state, 'skipped');
    t.regex(candidate?.why ?? '', why);
  });
}

test('all reasons to skip a package are named at once', async (t) => {
  const { why } = await only({
    'package.json': manifest({ scripts: { install: 'x' }, peerDependencies: {}, hyphae: { api: 3 } }),
  });
  t.is(why?.split('; ').length, 4);
});

test('a package that compiles native code when installed is skipped', async (t) => {
  t.regex((await only({ ...SOUND, 'binding.gyp': '{}' })).why ?? '', /compiles native code/);
});

test('a package.json that is no JSON is a failure of that package alone', async (t) => {
  await using data = await dataDirectory({ p: { 'package.json': '{' }, q: SOUND });
  const { candidates } = await discover(data.folder);
  t.deepEqual(
    candidates.map(({ package: name, state, code }) => [name, state, code]),
    [
      ['p', 'failed', 'HYP_PLUGIN_LOAD'],
      ['q', 'loaded', undefined],
    ],
  );
});

test('a package that throws when imported fails, and the others load', async (t) => {
  await using data = await dataDirectory({ p: { ...SOUND, 'index.js': 'throw new Error("no luck")' }, q: SOUND });
  const { candidates, plugins } = await discover(data.folder);
  t.is(candidates[0]?.state, 'failed');
  t.is(candidates[0]?.code, 'HYP_PLUGIN_LOAD');
  t.regex(candidates[0]?.why ?? '', /no luck/);
  t.is(candidates[1]?.state, 'loaded');
  t.truthy(plugins.find('sensor', 'thing'));
});

test('a package whose import never settles fails at the deadline', async (t) => {
  await using data = await dataDirectory({ p: { ...SOUND, 'index.js': 'await new Promise(() => {});' } });
  const clock = new VirtualClock();
  // Reading the package is real I/O that the clock does not know of: time is moved until the deadline has come.
  const discovering = discover(data.folder, clock);
  let done = false;
  void discovering.then(() => (done = true));
  while (!done) await clock.advance('1 s');
  const [candidate] = (await discovering).candidates;
  t.is(candidate?.state, 'failed');
  t.is(candidate?.code, 'HYP_DEADLINE');
  t.regex(candidate?.why ?? '', /import of p did not end within 30 s/);
});

test('the first package to bring an id keeps it, and the second is told', async (t) => {
  await using data = await dataDirectory({ a: SOUND, b: { ...SOUND, 'index.js': moduleOf('thing', 'other') } });
  const { candidates, plugins } = await discover(data.folder);
  t.deepEqual(candidates[1]?.plugins, ['sensor other']);
  t.deepEqual(candidates[1]?.notes, ['sensor thing: left out, a brings a sensor of this id already']);
  t.is(plugins.all().find((found) => found.plugin.id === 'thing')?.package, 'a');
});

test('a channel whose name would be a path, a selector or a command to the terminal is refused', async (t) => {
  for (const channel of ['x\u001b[2J', 'a/b', '#', '$state', 'a b', '', 'x'.repeat(65)]) {
    const module = moduleOf('thing').replace("{ a: 'Cel' }", `{ ${JSON.stringify(channel)}: 'Cel' }`);
    const { notes } = await only({ ...SOUND, 'index.js': module });
    t.regex(notes.join(), /a channel cannot be called "/, JSON.stringify(channel));
  }
});

test('definitions that cannot be used are left out with the reason', async (t) => {
  const mark = (kind: string, api = 1) => `[Symbol.for('hyphae.plugin')]: { kind: '${kind}', api: ${api} }`;
  const { state, plugins, notes } = await only({
    'package.json': manifest({ hyphae: { api: 1, plugins: './index.js', provides: ['thing', 'ghost'] } }),
    'index.js':
      moduleOf('thing') +
      `export const a = { id: 'Bad Id', ${mark('sensor')} };
       export const b = { id: 'no-start', channels: { x: 'Cel' }, needs: {}, ${mark('sensor')} };
       export const c = { id: 'no-channels', channels: {}, needs: {}, start() {}, ${mark('sensor')} };
       export const d = { id: 'bad-unit', channels: { x: 'furlong' }, needs: {}, start() {}, ${mark('sensor')} };
       export const e = { id: 'future', ${mark('sensor', 2)} };
       export const f = { id: 'unsafe', mode: 'switch', needs: {}, start() {}, ${mark('output')} };
       export const g = 7;`,
  });
  t.is(state, 'loaded');
  t.deepEqual(plugins, ['sensor thing']);
  t.deepEqual(notes, [
    'Bad Id: left out, its id must be lower case letters, digits and hyphens',
    'no-start: left out, it has no start()',
    'no-channels: left out, it has no channels',
    'bad-unit: left out, channel x has a unit that is not in the table: furlong',
    'future: left out, it is made for plugin API 2, this program has API 1',
    'unsafe: left out, it has no safe value',
    'ghost: the manifest names it, but it is not exported',
  ]);
});

test('names that are paths are no names of packages', async (t) => {
  for (const name of ['../x', '.', '..', '/etc', 'a/b', '@a', '@a/b/c', 'A', 'x'.repeat(215), 'p\u0430', '']) {
    t.false(isPackageName(name), name);
  }
  for (const name of ['p', '@scope/name', 'a.b_c-d', '1x']) t.true(isPackageName(name), name);
  t.deepEqual(dependencyNames({ dependencies: { '../x': '1', b: '1' }, optionalDependencies: { a: '1' } }), ['a', 'b']);
  await using data = await dataDirectory({ p: SOUND });
  await write(data.folder, { 'package.json': { dependencies: { '../p': '1' } } });
  t.like((await discover(data.folder)).candidates, [
    { package: '../p', state: 'skipped', why: 'this is not the name of a package' },
  ]);
});

test('a package in any folder can be checked for its author', async (t) => {
  await using data = await dataDirectory({ p: SOUND, q: { 'package.json': { name: 'q' } } });
  const check = (name: string) => checkPackage(join(data.folder, 'node_modules', name), { clock: new SystemClock() });
  t.like(await check('p'), { state: 'loaded', plugins: ['sensor thing'] });
  t.like(await check('q'), { state: 'skipped', why: 'its package.json does not have the keyword "hyphae-plugin"' });
  t.like(await check('r'), { state: 'failed' });
});
