import test from 'ava';
import type { KnexStore } from './knex-store.js';
import { SqliteConnection } from './sqlite-connection.js';
import { collect, inDirectory, reading, readings, T0 } from './stores.test.helper.js';

const titled = inDirectory(test);

/** From now on the disk is full. */
async function fill({ database: { writer } }: KnexStore): Promise<void> {
  const [row] = await writer.all<{ page_count: number }>('PRAGMA page_count');
  await writer.all(`PRAGMA max_page_count = ${row?.page_count ?? 0}`);
}

titled('a full disk fails the batch whole, and the next one follows without a gap', async (t, directory) => {
  await using store = await directory.open();
  const { measurements, database } = store;
  await measurements.append(readings(0, 10));
  await fill(store);
  const large = readings(10, 2_000);
  const error = await t.throwsAsync(measurements.append(large), { code: 'HYP_STORE' });
  t.regex(error.message, /the disk is full/);
  t.true(error.message.length < 500);
  await t.throwsAsync(measurements.append(large), { code: 'HYP_STORE' });
  t.is(measurements.head, 10);
  t.is((await measurements.read(0, 5_000)).length, 10);
  t.is((await measurements.latest())[0]?.q, 10);
  t.is((await collect(measurements)).length, 10);

  await database.writer.all('PRAGMA max_page_count = 1000000');
  const { from, to } = await measurements.append(large);
  t.deepEqual([from, to], [10, 2_000]);
  t.deepEqual(await collect(measurements), readings(0, 2_000));
});

titled('a disk that becomes read-only fails the batch and says so', async (t, directory) => {
  await using store = await directory.open();
  const { measurements, state, database } = store;
  await measurements.append(readings(0, 1));
  await database.writer.run('PRAGMA query_only = 1');
  const error = await t.throwsAsync(measurements.append(readings(1, 2)), { code: 'HYP_STORE' });
  t.regex(error.message, /read-only/);
  await t.throwsAsync(state.set('o', 'k', 1), { code: 'HYP_STORE', message: /read-only/ });
  t.is((await measurements.read(0, 10)).length, 1);
  await database.writer.run('PRAGMA query_only = 0');
  t.is((await measurements.append(readings(1, 2))).to, 2);
});

titled('a failed batch leaves no new channel behind, and its handle is used by the next', async (t, directory) => {
  await using store = await directory.open();
  const { measurements, database } = store;
  await measurements.append(readings(0, 1));
  await fill(store);
  await t.throwsAsync(measurements.append(readings(0, 2_000, { channel: 'a' })), { code: 'HYP_STORE' });
  t.is(measurements.channels().length, 1);
  await database.writer.all('PRAGMA max_page_count = 1000000');
  t.deepEqual(
    (await measurements.append([reading(1, { channel: 'b' }), reading(1, { channel: 'a' })])).handles,
    [2, 3],
  );
  t.deepEqual(
    measurements.channels().map(({ path }) => path),
    ['gh1/air/temperature', 'gh1/air/b', 'gh1/air/a'],
  );
});

titled('batches that wait while the disk is full all fail, and all may be sent again', async (t, directory) => {
  await using store = await directory.open();
  const { measurements, database } = store;
  await measurements.append(readings(0, 1));
  await fill(store);
  const batches = [1, 2, 3, 4].map((i) => readings(i * 1_000, i * 1_000 + 1_000));
  const results = await Promise.allSettled(batches.map((batch) => measurements.append(batch)));
  t.true(results.every(({ status }) => status === 'rejected'));
  await database.writer.all('PRAGMA max_page_count = 1000000');
  const committed = await Promise.all(batches.map((batch) => measurements.append(batch)));
  t.deepEqual(
    committed.map(({ from, to }) => [from, to]),
    [
      [1, 1_001],
      [1_001, 2_001],
      [2_001, 3_001],
      [3_001, 4_001],
    ],
  );
});

titled('one impossible batch does not fail those committed beside it', async (t, directory) => {
  await using store = await directory.open();
  const { measurements } = store;
  await measurements.append(readings(0, 1));
  // what only a caller without types can send
  const broken = [undefined] as unknown as ReturnType<typeof readings>;
  const unitless = [{ ...reading(0, { channel: 'x' }), unit: null }] as unknown as ReturnType<typeof readings>;
  const results = await Promise.allSettled(
    [readings(1, 2), broken, readings(2, 3), unitless, readings(3, 4)].map((batch) => measurements.append(batch)),
  );
  t.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
  );
  for (const result of results) {
    if (result.status === 'rejected') t.is((result.reason as { code: string }).code, 'HYP_STORE');
  }
  t.is(measurements.head, 4);
  t.deepEqual(await collect(measurements), readings(0, 4));
  t.is(measurements.channels().length, 1);
});

titled('a lock of another process fails the batch, and the next goes through', async (t, directory) => {
  await using store = await directory.open();
  const { measurements } = store;
  await measurements.append(readings(0, 1));
  const other = await SqliteConnection.open(directory.file(), 100);
  await other.run('BEGIN IMMEDIATE');
  const error = await t.throwsAsync(measurements.append(readings(1, 2)), { code: 'HYP_STORE' });
  t.regex(error.message, /another process/);
  await other.run('ROLLBACK');
  t.is((await measurements.append(readings(1, 2))).to, 2);
  await other[Symbol.asyncDispose]();
});

titled('what another process writes into the log is noticed, and kept', async (t, directory) => {
  await using store = await directory.open();
  const { measurements } = store;
  await measurements.append(readings(0, 1));
  const other = await SqliteConnection.open(directory.file(), 100);
  await t.throwsAsync(other.run(`INSERT INTO page VALUES (0, 9, 0, '[]')`), { message: /does not follow/ });
  await other.run(`INSERT INTO page VALUES (1, 2, ${T0}, '[[2,1,7,${T0},0]]')`);
  await t.throwsAsync(measurements.append(readings(1, 2)), { code: 'HYP_STORE' });
  const error = await t.throwsAsync(measurements.append(readings(1, 2)), { code: 'HYP_STORE' });
  t.regex(error.message, /another process has written/);
  t.deepEqual(await other.all('SELECT max(q_to) AS q FROM page'), [{ q: 2 }]);
  await other[Symbol.asyncDispose]();
});

titled('a connection lost in the middle is opened again', async (t, directory) => {
  await using store = await directory.open();
  const { measurements, database } = store;
  await measurements.append(readings(0, 2));
  await database.writer[Symbol.asyncDispose]();
  await t.throwsAsync(measurements.append(readings(2, 4)), { code: 'HYP_STORE' });
  t.is((await measurements.append(readings(2, 4))).to, 4);
  t.deepEqual(await collect(measurements), readings(0, 4));
});

titled('a commit that was reported as failed but reached the disk is taken back', async (t, directory) => {
  await using store = await directory.open();
  const { measurements, database } = store;
  await measurements.append(readings(0, 2));
  const insertPage = database.insertPage.bind(database);
  database.insertPage = async (values) => {
    await insertPage(values);
    throw Object.assign(new Error('SQLITE_IOERR: disk I/O error'), { code: 'SQLITE_IOERR' });
  };
  const error = await t.throwsAsync(measurements.append(readings(2, 4)), { code: 'HYP_STORE' });
  t.regex(error.message, /input\/output error/);
  database.insertPage = insertPage;
  t.is((await measurements.append(readings(2, 4))).from, 2);
  t.deepEqual(await collect(measurements), readings(0, 4));
  t.is(measurements.epoch, 'e1');
});

titled('a disk that has lost what it confirmed begins a new epoch', async (t, directory) => {
  await using store = await directory.open();
  const { measurements, database } = store;
  await measurements.append(readings(0, 2));
  await measurements.append(readings(2, 4));
  const insertPage = database.insertPage.bind(database);
  database.insertPage = () => Promise.reject(Object.assign(new Error('SQLITE_IOERR'), { code: 'SQLITE_IOERR' }));
  await t.throwsAsync(measurements.append(readings(4, 5)), { code: 'HYP_STORE' });
  database.insertPage = insertPage;
  await database.writer.run('DELETE FROM page WHERE q_to > 2');
  const { epoch, from, to } = await measurements.append(readings(4, 5));
  t.deepEqual([epoch, from, to], ['e2', 2, 3]);
  t.is(measurements.epoch, 'e2');
  t.deepEqual(
    (await collect(measurements)).map(({ value }) => value),
    [0, 1, 4],
  );
  t.true(directory.log.lines.some((line) => line.startsWith('error The disk has lost')));
});

titled('many appends at once share transactions and still tile', async (t, directory) => {
  await using store = await directory.open();
  const { measurements, database } = store;
  const batches = Array.from({ length: 300 }, (_, i) => readings(i * 3, i * 3 + 3));
  const committed = await Promise.all(batches.map((batch) => measurements.append(batch)));
  committed.forEach(({ from, to, rows }, i) => {
    t.deepEqual([from, to, rows.length], [i * 3, i * 3 + 3, 3]);
  });
  t.deepEqual(await collect(measurements), readings(0, 900));
  t.deepEqual(await database.writer.all('SELECT count(*) AS pages FROM page'), [{ pages: 300 }]);
});
