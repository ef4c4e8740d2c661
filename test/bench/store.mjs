// What storing costs: records per second and CPU per record, bytes on disk, and how long the event loop is held up,
// beside a hand-written multi-row INSERT of (ts, channel, value) in the same run.
//
//   node test/bench/store.mjs [--quick] [--json FILE]
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { SystemClock } from '@hyphae/core';
import { openStore } from '@hyphae/core/store';

const quick = process.argv.includes('--quick');
const jsonAt = process.argv.indexOf('--json');
const RECORDS = quick ? 60_000 : 300_000;
const CHANNELS = 100;
const T0 = Date.UTC(2030, 0, 1);
const directory = await mkdtemp(join(tmpdir(), 'hyphae-bench-'));
const clock = new SystemClock();
let files = 0;

/** A reading as a sensor of two decimals gives it, one a second per channel. */
function batch(from, n) {
  return Array.from({ length: n }, (_, i) => {
    const k = from + i;
    return {
      source: `gh1/s${k % CHANNELS}`,
      channel: 'temperature',
      value: Math.round((20 + 5 * Math.sin(k / 50_000) + ((k * 7919) % 13) / 50) * 100) / 100,
      unit: 'Cel',
      at: T0 + Math.floor(k / CHANNELS) * 1000 + (k % 7),
      quality: 'good',
    };
  });
}

/** Runs `work` and says what it cost; `records` is what it has stored. */
async function measure(records, work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  delay.disable();
  return {
    recordsPerSecond: Math.round(records / seconds),
    cpuMicrosPerRecord: Number(((used.user + used.system) / records).toFixed(2)),
    loopDelayMaxMs: Number((delay.max / 1e6).toFixed(1)),
  };
}

async function size(file) {
  const sizes = await Promise.all(['', '-wal'].map((suffix) => stat(file + suffix).catch(() => ({ size: 0 }))));
  return sizes.reduce((sum, { size: bytes }) => sum + bytes, 0);
}

async function ours(n, options = {}) {
  const file = join(directory, `${files++}.db`);
  const records = Math.min(RECORDS, n * 2_000);
  const batches = [];
  for (let k = 0; k < records; k += n) batches.push(batch(k, n));
  const store = await openStore({ client: 'sqlite3', file, clock, ...options });
  await store.measurements.append(batch(0, CHANNELS)); // channels exist already in a running node
  const result = await measure(records, async () => {
    for (const each of batches) await store.measurements.append(each);
  });
  return { ...result, records, file, store };
}

async function byHand(n) {
  const { Database } = createRequire(import.meta.resolve('@hyphae/core'))('sqlite3');
  const file = join(directory, `${files++}.db`);
  const records = Math.min(RECORDS, n * 2_000);
  const database = await new Promise((resolve, reject) => {
    const made = new Database(file, (error) => (error ? reject(error) : resolve(made)));
  });
  const call = (target, method, ...args) =>
    new Promise((resolve, reject) => target[method](...args, (error) => (error ? reject(error) : resolve())));
  await call(
    database,
    'exec',
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE m (ts INTEGER, channel INTEGER, value REAL)',
  );
  const rows = Math.min(n, 500);
  const statement = database.prepare(`INSERT INTO m VALUES ${new Array(rows).fill('(?, ?, ?)').join(', ')}`);
  const batches = [];
  for (let k = 0; k < records; k += n) batches.push(batch(k, n));
  const channels = new Map(Array.from({ length: CHANNELS }, (_, i) => [`gh1/s${i}`, i]));
  const result = await measure(records, async () => {
    for (const each of batches) {
      if (n > rows) await call(database, 'run', 'BEGIN');
      for (let i = 0; i < n; i += rows) {
        const values = [];
        for (const { at, source, value } of each.slice(i, i + rows)) values.push(at, channels.get(source), value);
        await call(statement, 'run', values);
      }
      if (n > rows) await call(database, 'run', 'COMMIT');
    }
  });
  await call(statement, 'finalize').catch(() => {});
  await call(database, 'close');
  return { ...result, records, bytesPerRecord: Number(((await size(file)) / records).toFixed(1)) };
}

const results = { node: process.version, records: RECORDS, channels: CHANNELS, append: [] };
try {
  await (await ours(500)).store[Symbol.asyncDispose](); // warms up
  await byHand(500);
  for (const n of [50, 500, 2_000]) {
    const { store, file, ...result } = await ours(n, { sealAt: Number.MAX_SAFE_INTEGER });
    await store[Symbol.asyncDispose]();
    const bytes = (await size(file)) / result.records;
    const hand = await byHand(n);
    results.append.push({
      batch: n,
      ...result,
      logBytesPerRecord: Number(bytes.toFixed(1)),
      byHand: hand,
      cpuRatio: Number((result.cpuMicrosPerRecord / hand.cpuMicrosPerRecord).toFixed(2)),
    });
  }
  {
    const { store, file, ...result } = await ours(500);
    results.appendAndSeal = result;
    const { measurements } = store;
    await measurements.seal();
    const { Database } = createRequire(import.meta.resolve('@hyphae/core'))('sqlite3');
    const database = new Database(file);
    const blocks = await new Promise((resolve, reject) =>
      database.get(
        'SELECT count(*) AS blocks, sum(n) AS points, sum(length(data)) AS bytes FROM block',
        (error, row) => (error ? reject(error) : resolve(row)),
      ),
    );
    await new Promise((resolve) => database.close(resolve));
    results.sealed = {
      ...blocks,
      bytesPerRecord: Number(((blocks.bytes + blocks.blocks * 140) / blocks.points).toFixed(2)),
    };
    const timed = async (work) => {
      const start = performance.now();
      const value = await work();
      return { ms: Number((performance.now() - start).toFixed(1)), value };
    };
    const path = 'gh1/s0/temperature';
    const read = await timed(() => measurements.read(0, 10_000));
    results.read10000Ms = read.ms;
    const query = await timed(async () => {
      let count = 0;
      for await (const { at } of measurements.query({ path, from: 0, to: Infinity })) if (at > 0) count++;
      return count;
    });
    results.query = { ms: query.ms, points: query.value };
    const fold = await timed(() =>
      measurements.downsample({ path, from: T0, to: T0 + (RECORDS / CHANNELS) * 1000 }, 100),
    );
    results.downsample = { ms: fold.ms, buckets: fold.value.length };
    await store[Symbol.asyncDispose]();
    const again = await timed(() => openStore({ client: 'sqlite3', file, clock }));
    results.openMs = again.ms;
    await again.value[Symbol.asyncDispose]();
  }
  {
    const store = await openStore({ client: 'sqlite3', file: join(directory, `${files++}.db`), clock });
    const large = batch(0, 10_000);
    await store.measurements.append(large);
    results.batchOf10000 = await measure(10_000, () => store.measurements.append(large));
    await store[Symbol.asyncDispose]();
  }
  {
    const store = await openStore({ client: 'memory', clock });
    const batches = Array.from({ length: 200 }, (_, i) => batch(i * 500, 500));
    results.memory = await measure(100_000, async () => {
      for (const each of batches) await store.measurements.append(each);
    });
    await store[Symbol.asyncDispose]();
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}

for (const row of results.append) {
  console.log(
    `append ${String(row.batch).padStart(4)}: ${row.recordsPerSecond} records/s, ${row.cpuMicrosPerRecord} µs CPU a record ` +
      `(by hand ${row.byHand.cpuMicrosPerRecord}, ratio ${row.cpuRatio}), ${row.logBytesPerRecord} bytes a record in the log ` +
      `(by hand ${row.byHand.bytesPerRecord}), loop held up ${row.loopDelayMaxMs} ms at most (by hand ${row.byHand.loopDelayMaxMs})`,
  );
}
const { appendAndSeal, sealed, read10000Ms, query, downsample, openMs, batchOf10000, memory } = results;
console.log(
  `append 500 and seal: ${appendAndSeal.cpuMicrosPerRecord} µs CPU a record, loop held up ${appendAndSeal.loopDelayMaxMs} ms at most`,
);
console.log(`sealed: ${sealed.bytesPerRecord} bytes a record in ${sealed.blocks} blocks`);
console.log(
  `read 10,000: ${read10000Ms} ms; query ${query.points} points: ${query.ms} ms; down-sample them: ${downsample.ms} ms; open: ${openMs} ms`,
);
console.log(
  `one batch of 10,000: loop held up ${batchOf10000.loopDelayMaxMs} ms at most, ${batchOf10000.cpuMicrosPerRecord} µs CPU a record`,
);
console.log(`memory, batches of 500: ${memory.cpuMicrosPerRecord} µs CPU a record`);
if (jsonAt > 0) await writeFile(process.argv[jsonAt + 1], `${JSON.stringify(results, null, 2)}\n`);
