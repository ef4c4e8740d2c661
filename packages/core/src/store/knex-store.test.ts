import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import test from 'ava';
import { VirtualClock } from '../testing/virtual-clock.js';
import { openStore } from './open-store.js';
import { MIGRATIONS } from './schema.js';
import { SqliteConnection } from './sqlite-connection.js';
import { collect, inDirectory, reading, readings, StoreDirectory } from './stores.test.helper.js';

const titled = inDirectory(test);

/** Copies the files of an open store, which is what a killed process leaves. */
async function killedCopy(directory: StoreDirectory, to: string): Promise<void> {
  for (const suffix of ['', '-wal']) await copyFile(directory.file() + suffix, directory.file(to) + suffix);
}

titled('what was committed is there after closing and opening', async (t, directory) => {
  const before = await directory.open();
  await before.measurements.append([
    ...readings(0, 5),
    reading(0, { channel: 'humidity', unit: '%', value: null, quality: 'bad' }),
  ]);
  await before.state.set('gh1/heater', 'limits', { on: 1 });
  const latest = await before.measurements.latest();
  const records = await before.measurements.read(0, 100);
  await before[Symbol.asyncDispose]();

  await using after = await directory.open();
  const { measurements } = after;
  t.is(measurements.epoch, before.measurements.epoch);
  t.is(measurements.head, 6);
  t.is(measurements.floor, 0);
  t.deepEqual(measurements.channels(), before.measurements.channels());
  t.deepEqual(await measurements.latest(), latest);
  t.deepEqual(await measurements.read(0, 100), records);
  t.deepEqual(await collect(measurements), readings(0, 5));
  t.deepEqual(await after.state.get('gh1/heater', 'limits'), { on: 1 });
  t.deepEqual((await measurements.append([reading(9)])).handles, [1]);
});

titled('an unclean stop with full durability keeps the epoch', async (t, directory) => {
  await using store = await directory.open();
  await store.measurements.append(readings(0, 3));
  await killedCopy(directory, 'b.db');
  await using after = await directory.open({ file: directory.file('b.db') });
  t.is(after.measurements.epoch, 'e1');
  t.is(after.measurements.head, 3);
});

titled('an unclean stop with normal durability begins a new epoch, a clean one does not', async (t, directory) => {
  const first = await directory.open({ durability: 'normal' });
  await first.measurements.append(readings(0, 3));
  await killedCopy(directory, 'b.db');
  await first[Symbol.asyncDispose]();
  await using clean = await directory.open({ durability: 'normal' });
  t.is(clean.measurements.epoch, 'e1');
  await using unclean = await directory.open({ file: directory.file('b.db') });
  t.is(unclean.measurements.epoch, 'e2');
  t.is(unclean.measurements.head, 3);
});

titled('the directory is made where missing, for its owner only', async (t, directory) => {
  const file = directory.file('new/deeper/h.db');
  await using store = await directory.open({ file });
  t.is(store.measurements.head, 0);
  t.is(statSync(directory.file('new')).mode & 0o777, 0o700);
  t.is(statSync(file).mode & 0o777, 0o600);
});

titled('a place where no file can be gives HYP_STORE and says why', async (t, directory) => {
  writeFileSync(directory.file('plain'), '');
  mkdirSync(directory.file('dir'));
  for (const [file, why] of [
    [directory.file('plain/h.db'), /a part of the path is a file/],
    [directory.file('dir'), /the path is a directory/],
    ['/proc/nope/deep/h.db', /does not exist and cannot be made/],
  ] as const) {
    const error = await t.throwsAsync(directory.open({ file }), { code: 'HYP_STORE' });
    t.regex(error.message, why);
  }
  await t.throwsAsync(openStore({ client: 'sqlite3', clock: new VirtualClock() }), { code: 'HYP_STORE' });
});

titled('a damaged file is moved aside, and an empty store with a new epoch begins', async (t, directory) => {
  const store = await directory.open();
  for (let i = 0; i < 50; i++) await store.measurements.append(readings(i * 100, i * 100 + 100));
  await store.database.writer.all('PRAGMA wal_checkpoint(TRUNCATE)');
  const bytes = readFileSync(directory.file());
  await store[Symbol.asyncDispose]();
  t.true(bytes.length > 65_536);
  bytes.fill(0xa5, 8_192, 65_536); // unclean, and half of the pages are noise
  writeFileSync(directory.file('b.db'), bytes);

  const told: string[] = [];
  const onMovedAside = (to: string) => void told.push(to);
  await using after = await directory.open({ file: directory.file('b.db'), onMovedAside });
  t.is(after.measurements.epoch, 'e2');
  t.is(after.measurements.head, 0);
  t.is((await after.measurements.append(readings(0, 1))).to, 1);
  const aside = readdirSync(directory.path).filter((name) => name.startsWith('b.db.corrupt-'));
  t.is(aside.length, 1);
  t.deepEqual(readFileSync(directory.file(aside[0])), bytes);
  t.deepEqual(told, [directory.file(aside[0])]);
  t.true(directory.log.lines.some((line) => line.startsWith('error The database is damaged')));
});

titled('a file that is no database of ours is refused and not touched', async (t, directory) => {
  for (const [name, text] of [
    ['hyphae.yaml', 'hyphae: 1\nsensors:\n'.repeat(500)],
    ['short', 'x'],
    ['other.db', `SQLite format 3\0${'?'.repeat(8_000)}`],
  ] as const) {
    writeFileSync(directory.file(name), text);
    await t.throwsAsync(directory.open({ file: directory.file(name) }), { code: 'HYP_STORE' }, name);
    t.is(readFileSync(directory.file(name), 'utf8'), text);
  }
  t.deepEqual(
    readdirSync(directory.path).filter((name) => name.includes('corrupt')),
    [],
  );
});

titled(
  'a database whose first page a power cut left as zeros or with another header is moved aside',
  async (t, directory) => {
    await (await directory.open())[Symbol.asyncDispose]();
    const bytes = readFileSync(directory.file());
    const [zeros, headless] = [Buffer.alloc(bytes.length), Buffer.from(bytes).fill(0xa5, 0, 60)];
    for (const [name, content] of [
      ['b.db', zeros],
      ['c.db', headless],
    ] as const) {
      writeFileSync(directory.file(name), content);
      await using store = await directory.open({ file: directory.file(name) });
      t.is(store.measurements.head, 0);
      t.true(readdirSync(directory.path).some((each) => each.startsWith(`${name}.corrupt-`)));
    }
  },
);

titled('a log whose text is damaged, which SQLite cannot see, is moved aside', async (t, directory) => {
  const store = await directory.open();
  await store.measurements.append(readings(0, 3));
  await store.database.writer.run(`UPDATE page SET rows = substr(rows, 5)`);
  await store[Symbol.asyncDispose]();
  await using after = await directory.open();
  t.is(after.measurements.epoch, 'e2');
  t.true(readdirSync(directory.path).some((name) => name.startsWith('a.db.corrupt-')));
});

titled('an empty file becomes a database', async (t, directory) => {
  writeFileSync(directory.file(), '');
  await using store = await directory.open();
  t.is((await store.measurements.append(readings(0, 1))).to, 1);
  t.deepEqual(directory.log.lines, []);
});

titled('a newer schema is refused, and the file stays as it is', async (t, directory) => {
  await (
    await directory.open({ migrations: [...MIGRATIONS, { version: 99, up: async () => {} }] })
  )[Symbol.asyncDispose]();
  const bytes = readFileSync(directory.file());
  const error = await t.throwsAsync(directory.open(), { code: 'HYP_STORE_SCHEMA' });
  t.regex(error.message, /99/);
  t.deepEqual(readFileSync(directory.file()), bytes);
  t.is(readdirSync(directory.path).filter((name) => name.includes('corrupt')).length, 0);
});

titled('a migration that fails changes nothing; the next start carries it out', async (t, directory) => {
  await (await directory.open())[Symbol.asyncDispose]();
  const bad = {
    version: 2,
    up: async ({ schema }: Parameters<(typeof MIGRATIONS)[number]['up']>[0]) => {
      await schema.raw('CREATE TABLE extra (id INTEGER)');
      throw new Error('power cut');
    },
  };
  const good = {
    version: 2,
    up: async ({ schema }: Parameters<typeof bad.up>[0]) => schema.raw('CREATE TABLE extra (id INTEGER)'),
  };
  await t.throwsAsync(directory.open({ migrations: [...MIGRATIONS, bad] }), { code: 'HYP_STORE' });
  await using store = await directory.open({ migrations: [...MIGRATIONS, good] });
  t.deepEqual(await store.database.writer.all('SELECT count(*) AS n FROM extra'), [{ n: 0 }]);
  t.deepEqual(await store.database.writer.all('PRAGMA user_version'), [{ user_version: 2 }]);
});

titled('the database of another program is refused and not touched', async (t, directory) => {
  const other = await SqliteConnection.open(directory.file(), 100);
  await other.run('CREATE TABLE mine (id INTEGER)');
  await other[Symbol.asyncDispose]();
  const error = await t.throwsAsync(directory.open(), { code: 'HYP_STORE' });
  t.regex(error.message, /another program/);
  const again = await SqliteConnection.open(directory.file(), 100);
  t.deepEqual(await again.all('SELECT name FROM sqlite_master'), [{ name: 'mine' }]);
  await again[Symbol.asyncDispose]();
});

titled('a store closes with what was accepted, on a virtual clock too', async (t, directory) => {
  const clock = new VirtualClock();
  const store = await clock.run(directory.open({ clock }));
  const accepted = [store.measurements.append(readings(0, 3)), store.measurements.append(readings(3, 6))];
  await clock.run(store[Symbol.asyncDispose]());
  t.deepEqual(
    (await Promise.all(accepted)).map(({ to }) => to),
    [3, 6],
  );
  t.deepEqual(clock.waiting, []);
});

titled('the write-ahead log is gone after closing', async (t, directory) => {
  const store = await directory.open();
  await store.measurements.append(readings(0, 10));
  await collect(store.measurements);
  await store[Symbol.asyncDispose]();
  t.false(existsSync(`${directory.file()}-wal`));
});

titled('without the sqlite3 module, opening says what to install', async (t, directory) => {
  const load = () => {
    throw Object.assign(new Error("Cannot find module 'sqlite3'"), { code: 'MODULE_NOT_FOUND' });
  };
  const error = await t.throwsAsync(SqliteConnection.open(directory.file(), 100, load), { code: 'HYP_MODULE_MISSING' });
  t.regex(error.message, /npm install sqlite3/);
});

test('importing the store loads neither knex nor sqlite3', async (t) => {
  const entry = new URL('./index.js', import.meta.url).href;
  const script = `await import(${JSON.stringify(entry)});
    const { createRequire } = await import('node:module');
    const loaded = Object.keys(createRequire(${JSON.stringify(entry)}).cache);
    console.log(loaded.filter((file) => /knex|sqlite3/.test(file)).length);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  t.is(stdout.trim(), '0');
});

test('an epoch is random unless it is given; that of a memory store begins with mem-', async (t) => {
  using directory = new StoreDirectory();
  const clock = new VirtualClock();
  const open = (options: object) => openStore({ client: 'memory', clock, ...options });
  const [a, b, c] = [await open({}), await open({}), await open({ epoch: 'sim' })];
  t.regex(a.measurements.epoch, /^mem-.{8,}$/);
  t.not(a.measurements.epoch, b.measurements.epoch);
  t.is(c.measurements.epoch, 'mem-sim');
  t.false(c.measurements.durable);
  await using given = await openStore({ client: 'sqlite3', clock, file: directory.file(), epoch: 'sim' });
  t.is(given.measurements.epoch, 'sim');
  t.true(given.measurements.durable);
  await using random = await openStore({ client: 'sqlite3', clock, file: directory.file('b.db') });
  t.regex(random.measurements.epoch, /^[\w-]{12}$/);
});
