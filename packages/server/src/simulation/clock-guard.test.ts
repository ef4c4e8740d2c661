import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { ClockGuard } from './clock-guard.js';
import { doors } from './doors.js';
import { type PluginPackage, pluginPackage } from './plugin-package.test.helper.js';
import { pluginFolders } from './plugin-folders.js';
import { repeatabilityLines } from './repeatability-lines.js';

// One after the other: a guard is about the whole process.

/** What each function of the fixture calls, in its own line. */
const CALLS: readonly (readonly [what: string, code: string])[] = [
  ['Date.now', 'Date.now()'],
  ['new Date()', 'new Date()'],
  ['new Date()', 'Date()'],
  ['new Date()', 'new (new Date(0).constructor)()'],
  ['performance.now', 'performance.now()'],
  ['process.hrtime', 'process.hrtime()'],
  ['process.hrtime.bigint', 'process.hrtime.bigint()'],
  ['process.uptime', 'process.uptime()'],
  ['setTimeout', 'clearTimeout(setTimeout(() => {}, 9))'],
  ['setInterval', 'clearInterval(setInterval(() => {}, 9))'],
  ['setImmediate', 'clearImmediate(setImmediate(() => {}))'],
  ['setTimeout', 'clearTimeout(timers.setTimeout(() => {}, 9))'],
  ['setTimeout', 'clearTimeout(named(() => {}, 9))'],
  ['timers/promises.setTimeout', 'void wait(0)'],
  ['timers/promises.setImmediate', 'void waits.setImmediate()'],
  ['timers/promises.setInterval', 'waits.setInterval(9)'],
  ['timers/promises.setTimeout', 'void promisify(setTimeout)(0)'],
  ['scheduler.wait', 'void waits.scheduler.wait(0)'],
  ['AbortSignal.timeout', 'AbortSignal.timeout(9)'],
  ['Math.random', 'Math.random()'],
  ['Math.random', 'Array.from({ length: 1 }, Math.random)'],
  ['Math.random', 'Reflect.apply(Math.random, Math, [])'],
  ['crypto.randomUUID', 'crypto.randomUUID()'],
  ['crypto.randomUUID', 'uuid()'],
  ['crypto.getRandomValues', 'crypto.getRandomValues(new Uint8Array(1))'],
  ['crypto.randomBytes', 'bytes.randomBytes(1)'],
  ['crypto.randomInt', 'bytes.randomInt(9)'],
];

const HEAD = [
  "import timers, { setTimeout as named } from 'node:timers';",
  "import waits, { setTimeout as wait } from 'node:timers/promises';",
  "import bytes, { randomUUID as uuid } from 'node:crypto';",
  "import { promisify } from 'node:util';",
];
const MODULE = [...HEAD, ...CALLS.map(([, code], index) => `export function f${index}() { ${code}; }`), ''].join('\n');

type Module = Readonly<Record<string, () => unknown>>;

/** A module of the package. */
const load = async (folder: string, file = 'index.js') =>
  (await import(pathToFileURL(join(folder, file)).href)) as Module; // the tests write only such modules

const guardOf = ({ data }: PluginPackage) => new ClockGuard(pluginFolders([data]));

for (const early of [true, false]) {
  const when = early ? 'before the guard came' : 'under the guard';
  test.serial(`each way past the clock is found, with its line, in a module imported ${when}`, async (t) => {
    await using fixture = await pluginPackage('sly', { 'index.js': MODULE });
    if (early) await load(fixture.folder);
    using guard = guardOf(fixture);
    const module = await load(fixture.folder);
    CALLS.forEach((_, index) => module[`f${index}`]?.());
    t.deepEqual(
      guard.findings.map(({ what, line, count }) => [what, line, count]),
      CALLS.map(([what], index) => [what, HEAD.length + index + 1, 1]),
    );
    t.true(guard.findings.every(({ package: name, file }) => name === 'sly' && file === 'index.js'));
  });
}

test.serial('whoever is no plugin is nobody’s business, also where a plugin waits for it', async (t) => {
  await using fixture = await pluginPackage('sly', {
    'index.js': `import { AsyncResource } from 'node:async_hooks';
export const over = async (f) => { await null; await f(); };
export const after = async (f) => { await Promise.resolve().then(f); };
export const bound = async (f) => { await Promise.resolve().then(AsyncResource.bind(f)); };
export const get = () => fetch('data:,x');
export const early = () => new Date(0);
`,
    '../shared/index.js': 'export const now = () => Date.now();\n',
  });
  const { over, after, bound, get, early } = (await load(fixture.folder)) as unknown as {
    over: (f: () => unknown) => Promise<void>;
    after: (f: () => unknown) => Promise<void>;
    bound: (f: () => unknown) => Promise<void>;
    get: () => Promise<Response>;
    early: () => Date;
  }; // written above
  const shared = await load(fixture.folder, '../shared/index.js');
  using guard = guardOf(fixture);
  await over(() => Date.now());
  await over(() => shared['now']?.());
  await over(async () => new Promise((resolve) => setTimeout(resolve, 1)));
  await after(Date.now);
  await bound(Date.now);
  t.is(await (await get()).text(), 'x', 'the fetch() of Node measures its own time');
  t.is(early().getTime(), 0);
  t.deepEqual(guard.findings, []);
});

test.serial('a dependency in the package’s folder counts as the package, and one place is one finding', async (t) => {
  await using fixture = await pluginPackage('@scope/sly', {
    'index.js': '',
    'node_modules/inner/lib/now.cjs': '\nexports.f = () => Date.now() + Math.random();\n',
  });
  using guard = guardOf(fixture);
  const { f } = await load(fixture.folder, 'node_modules/inner/lib/now.cjs');
  for (let i = 0; i < 1500; i++) f?.();
  const place = { package: '@scope/sly', file: 'node_modules/inner/lib/now.cjs', line: 2, count: 1500 };
  t.deepEqual(guard.findings, [
    { ...place, what: 'Date.now', use: 'clock.now() of the context' },
    { ...place, what: 'Math.random', use: 'random of the context' },
  ]);
  const findings = repeatabilityLines(guard);
  using both = new ClockGuard([
    { package: 'outer', folder: fixture.folder },
    { package: 'inner', folder: join(fixture.folder, 'node_modules/inner') },
  ]);
  f?.();
  t.like(both.findings[0], { package: 'inner', file: 'lib/now.cjs' }, 'unless it is a plugin package itself');
  t.is(
    findings[0],
    'not repeatable: package @scope/sly calls Date.now at node_modules/inner/lib/now.cjs:2 (1,500 times); use clock.now() of the context',
  );
});

test.serial('calls go through: same values, same classes, same arguments', async (t) => {
  await using fixture = await pluginPackage('sly', {
    'index.js': `export const made = () => new Date(2030, 0, 1, 12);
export class Day extends Date {}
export const parts = () => [new Day(), new Date(), Date.UTC(2030, 0), Date.name, Date.length, setTimeout.name];
export const later = () => new Promise((resolve) => setTimeout((...args) => resolve(args), 1, 'a', 'b'));
`,
  });
  const real = Date;
  using guard = guardOf(fixture);
  const { made, Day, parts, later } = await load(fixture.folder);
  t.is((made?.() as Date).getTime(), new real(2030, 0, 1, 12).getTime());
  const [day, date, utc, ...names] = parts?.() as [Date, Date, number]; // written above
  t.true(day instanceof (Day as unknown as typeof Date) && day instanceof real && date instanceof Date);
  t.true(Math.abs(day.getTime() - real.now()) < 60_000);
  t.is(utc, real.UTC(2030, 0));
  t.deepEqual(names, ['Date', 7, 'setTimeout']);
  t.deepEqual(await later?.(), ['a', 'b']);
  t.true(guard.findings.length > 0);
});

test.serial('afterwards everything is as it was, descriptors included', async (t) => {
  const { setTimeout: named } = await import('node:timers');
  const look = () => doors().map(({ holder, key }) => Object.getOwnPropertyDescriptor(holder, key));
  const before = look();
  await using fixture = await pluginPackage('sly', {
    'index.js': 'export const f = () => now();\nconst { now } = Date;\n',
  });
  const guard = guardOf(fixture);
  const { f } = await load(fixture.folder);
  t.notDeepEqual(look(), before);
  t.not((await import('node:timers')).setTimeout, named);
  guard[Symbol.dispose]();
  guard[Symbol.dispose]();
  look().forEach((descriptor, index) => {
    t.deepEqual(Object.entries(descriptor ?? {}), Object.entries(before[index] ?? {}));
    t.is(descriptor?.value, before[index]?.value);
  });
  t.is((await import('node:timers')).setTimeout, named);
  t.is(typeof f?.(), 'number', 'a wrapper that was kept still works');
  t.deepEqual(guard.findings, []);
});

test.serial('places are limited, and what came after them is counted', async (t) => {
  const lines = Array.from({ length: 70 }, (_, index) => `export const f${index} = () => Date.now();`);
  await using fixture = await pluginPackage('sly', { 'index.js': lines.join('\n') });
  using guard = guardOf(fixture);
  const module = await load(fixture.folder);
  for (let round = 0; round < 2; round++) for (const f of Object.values(module)) f();
  t.is(guard.findings.length, 64);
  t.is(guard.dropped, 12);
  t.is(repeatabilityLines(guard).at(-1), 'not repeatable: 12 calls from further places');
});

test.serial('what is done quietly is not noted', async (t) => {
  await using fixture = await pluginPackage('sly', { 'index.js': 'export const f = () => Date.now();' });
  using guard = guardOf(fixture);
  const { f } = await load(fixture.folder);
  await guard.quietly(async () => f?.());
  t.deepEqual(guard.findings, []);
  f?.();
  t.is(guard.findings.length, 1);
});
