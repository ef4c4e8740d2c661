import test from 'ava';
import type { Measurement } from '../measurements/measurement.js';
import type { KnexStore, KnexStoreOptions } from './knex-store.js';
import { collect, inDirectory, reading, readings, StoreDirectory, T0 } from './stores.test.helper.js';

const titled = inDirectory(test);

/** None of these tests is about the power going: they need not wait for the disk. */
const open = (directory: StoreDirectory, options: Partial<KnexStoreOptions> = {}) =>
  directory.open({ durability: 'normal', ...options });

interface BlockCount {
  readonly blocks: number;
  readonly points: number;
}

async function blocks({ database: { writer } }: KnexStore): Promise<BlockCount> {
  const [row] = await writer.all<BlockCount>('SELECT count(*) AS blocks, coalesce(sum(n), 0) AS points FROM block');
  return row!; // an aggregate has one row
}

/** What a store answers, to be compared before and after. */
async function answers({ measurements }: KnexStore) {
  const paths = measurements.channels().map(({ path }) => path);
  return {
    all: await Promise.all(paths.map((path) => collect(measurements, { path }))),
    part: await Promise.all(
      paths.map((path) => collect(measurements, { path, from: T0 + 7_000, to: T0 + 1_500_000, limit: 900 })),
    ),
    buckets: await Promise.all(
      paths.map((path) => measurements.downsample({ path, from: T0 - 5_000_000, to: T0 + 5_000_000 }, 50)),
    ),
    latest: await measurements.latest(),
    read: await measurements.read(measurements.floor, 1_000_000),
  };
}

/** Values whose sums are exact, so that the order of adding does not show in the mean. */
function mixed(i: number): Measurement[] {
  return [
    reading(i, { value: (i * 37) % 101, ...(i % 10 === 0 && { quality: 'suspect' as const }) }),
    reading(i, {
      channel: 'humidity',
      unit: '%',
      value: i % 7 === 0 ? null : i / 4,
      quality: i % 7 === 0 ? 'bad' : 'good',
    }),
    // a clock that is stepped to and fro
    reading(i, { source: 'gh2', value: i, at: T0 + (i % 50 < 25 ? i : i - 3_000) * 1_000 }),
  ];
}

titled('sealing changes no answer, also to a store opened again', async (t, directory) => {
  const store = await open(directory);
  for (let i = 0; i < 3_000; i += 100) {
    await store.measurements.append(Array.from({ length: 100 }, (_, k) => mixed(i + k)).flat());
  }
  const before = await answers(store);
  t.is((await blocks(store)).blocks, 0);
  await store.measurements.seal();
  t.is((await blocks(store)).points, 9_000);
  t.deepEqual(await answers(store), before);
  await store[Symbol.asyncDispose]();
  await using after = await open(directory);
  t.deepEqual(await answers(after), before);
});

titled(
  'points not sealed are recovered from the log after an unclean stop in the middle of sealing',
  async (t, directory) => {
    const store = await open(directory);
    await store.measurements.append(Array.from({ length: 300 }, (_, i) => mixed(i)).flat());
    await store.measurements.seal();
    await store.measurements.append(Array.from({ length: 300 }, (_, i) => mixed(300 + i)).flat());
    const before = await answers(store);
    await store.measurements.seal();
    // As if the process had ended before the end of the pass was noted.
    await store.database.writer.run('UPDATE store SET sealed = 900');
    await store[Symbol.asyncDispose]();
    await using after = await open(directory);
    t.deepEqual(await answers(after), before);
    await after.measurements.seal();
    t.deepEqual(await answers(after), before);
    t.is((await blocks(after)).points, 1_800);
  },
);

titled(
  'sealing begins by itself, and log pages go when they are in blocks and no longer kept',
  async (t, directory) => {
    const store = await open(directory, { sealAt: 500, logKeep: 1_000 });
    for (let i = 0; i < 5_000; i += 50) await store.measurements.append(readings(i, i + 50));
    await store.measurements.seal();
    const { floor, head } = store.measurements;
    t.is(head, 5_000);
    t.is(floor, 4_000);
    t.deepEqual(
      (await store.measurements.read(floor, 5_000)).map(({ q }) => q),
      readings(4_001, 5_001).map(({ value }) => value),
    );
    t.is((await store.measurements.read(0, 5_000))[0]?.q, floor + 1);
    t.deepEqual(await collect(store.measurements), readings(0, 5_000));
    await store[Symbol.asyncDispose]();
    await using after = await open(directory);
    t.is(after.measurements.floor, 4_000);
    t.deepEqual(await collect(after.measurements), readings(0, 5_000));
  },
);

titled(
  'a small block grows, a larger one is left alone, and none is written again for one point',
  async (t, directory) => {
    await using store = await open(directory);
    const add = async (from: number, to: number) => {
      await store.measurements.append(readings(from, to));
      await store.measurements.seal();
      return blocks(store);
    };
    for (let i = 0; i < 20; i += 5) t.deepEqual(await add(i, i + 5), { blocks: 1, points: i + 5 });
    t.deepEqual(await add(20, 25), { blocks: 2, points: 25 });
    t.deepEqual(await add(25, 26), { blocks: 3, points: 26 });
    t.deepEqual(await add(26, 2_026), { blocks: 4, points: 2_026 }, 'the one grows until it is full');
    t.deepEqual(await collect(store.measurements), readings(0, 2_026));
  },
);

titled('a step of the clock begins another block, so that the times of blocks stay narrow', async (t, directory) => {
  await using store = await open(directory);
  const tenYears = 10 * 365 * 86_400_000;
  const batch = readings(0, 30).map((each, i) => (i >= 10 && i < 20 ? { ...each, at: each.at + tenYears } : each));
  await store.measurements.append(batch);
  await store.measurements.seal();
  const widths = await store.database.writer.all<{ width: number }>('SELECT max(to_at - from_at) AS width FROM block');
  t.true(widths[0]!.width < 60_000);
  const expected = [...batch.slice(0, 10), ...batch.slice(20), ...batch.slice(10, 20)];
  t.deepEqual(await collect(store.measurements), expected);
});

titled('a query that has begun is not disturbed by sealing and appending', async (t, directory) => {
  await using store = await open(directory);
  const { measurements } = store;
  await measurements.append(readings(0, 6_000));
  await measurements.seal();
  await measurements.append(readings(6_000, 6_500));
  const found: (number | null)[] = [];
  for await (const { value } of measurements.query({ path: 'gh1/air/temperature', from: 0, to: Infinity })) {
    found.push(value);
    if (found.length === 100) {
      await measurements.append(readings(6_500, 7_000));
      await measurements.seal();
    }
  }
  t.deepEqual(
    found,
    readings(0, 6_500).map(({ value }) => value),
  );
});

titled(
  'down-sampling counts what was committed when it was asked for, whatever is sealed meanwhile',
  async (t, directory) => {
    await using store = await open(directory);
    const { measurements, database } = store;
    await measurements.append(readings(0, 100));
    const query = { path: 'gh1/air/temperature', from: T0, to: T0 + 10_000_000 };
    const read = database.read.bind(database);
    let release = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    database.read = async (...args) => {
      await gate;
      return read(...args);
    };
    const sum = measurements.downsample(query, 1);
    const part = measurements.downsample({ ...query, to: T0 + 120_000 }, 2);
    await measurements.append(readings(100, 200));
    await measurements.seal();
    release();
    t.is((await sum)[0]?.count, 100);
    t.deepEqual(
      (await part).map(({ count }) => count),
      [60, 40],
    );
  },
);

titled('pruning cuts a block in two and is not undone by opening again', async (t, directory) => {
  const store = await open(directory);
  for (let i = 0; i < 3_000; i += 100) await store.measurements.append(readings(i, i + 100));
  t.is(await store.measurements.prune(T0 + 1_500_000), 1_500);
  t.deepEqual(await collect(store.measurements), readings(1_500, 3_000));
  t.is(store.measurements.floor, 1_500);
  await store[Symbol.asyncDispose]();
  await using after = await open(directory);
  t.deepEqual(await collect(after.measurements), readings(1_500, 3_000));
  t.is(await after.measurements.prune(T0 + 10_000_000), 1_500);
  t.deepEqual(await collect(after.measurements), []);
  t.is(after.measurements.head, 3_000);
  t.is((await after.measurements.append(readings(3_000, 3_001))).from, 3_000);
  await after.measurements.seal();
  t.deepEqual(await collect(after.measurements), readings(3_000, 3_001));
});

titled('a log that is pruned to the end still knows its numbers after opening again', async (t, directory) => {
  const store = await open(directory);
  await store.measurements.append(readings(0, 10));
  await store.measurements.append(readings(10, 20));
  t.is(await store.measurements.prune(T0 + 1_000_000), 20);
  await store[Symbol.asyncDispose]();
  await using after = await open(directory);
  t.is(after.measurements.head, 20);
  t.is((await after.measurements.append(readings(20, 21))).from, 20);
});

titled('a whole month is down-sampled from the statistics of the blocks', async (t, directory) => {
  await using store = await open(directory);
  const { measurements, database } = store;
  for (let i = 0; i < 30_720; i += 3_072) await measurements.append(readings(i, i + 3_072));
  await measurements.seal();
  // Data is not needed where a block lies within a bucket.
  await database.writer.run(`UPDATE block SET data = 'unread'`);
  const query = { path: 'gh1/air/temperature', from: T0, to: T0 + 30_720_000 };
  t.deepEqual(await measurements.downsample(query, 10), [
    ...Array.from({ length: 10 }, (_, i) => ({
      at: T0 + i * 3_072_000,
      min: i * 3_072,
      mean: i * 3_072 + 1_535.5,
      max: i * 3_072 + 3_071,
      count: 3_072,
    })),
  ]);
});

titled('when sealing fails, appending goes on, and sealing is tried again', async (t, directory) => {
  await using store = await open(directory, { sealAt: 100 });
  const { measurements, database } = store;
  await database.writer.run(`CREATE TRIGGER no BEFORE INSERT ON block BEGIN SELECT raise(ABORT, 'no'); END`);
  for (let i = 0; i < 300; i += 50) await measurements.append(readings(i, i + 50));
  await t.throwsAsync(measurements.seal(), { code: 'HYP_STORE' });
  t.true(directory.log.lines.some((line) => line.startsWith('warn Records could not be moved')));
  t.deepEqual(await collect(measurements), readings(0, 300));
  await database.writer.run('DROP TRIGGER no');
  await measurements.append(readings(300, 500));
  await measurements.seal();
  t.deepEqual(await collect(measurements), readings(0, 500));
  t.is((await blocks(store)).points, 500);
});
