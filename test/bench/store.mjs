#!/usr/bin/env node
// Storing: records per second and CPU per record of appending in batches, bytes on disk, how long the event loop is held up, and
// what reading back costs; beside a hand-written multi-row INSERT of (ts, channel, value) by the same driver with the same
// durability (WAL, synchronous FULL). Each contender runs alone in a process.
//
//   node test/bench/store.mjs [--quick] [--rounds N] [--json FILE]
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SystemClock } from '@hyphae/core';
import { openStore } from '@hyphae/core/store';
import { report, runChild } from './lib/child.mjs';
import { medians, startCpu } from './lib/measure.mjs';
import { benchArgs, printTable, printTargets, writeJson } from './lib/report.mjs';

const sqlite3 = createRequire(import.meta.resolve('@hyphae/core'))('sqlite3'); // the very driver of the store
const CHANNELS = 100;
const T0 = Date.UTC(2030, 0, 1);
const round = (value, digits = 1) => Number(value.toFixed(digits));

/** Readings of two decimals, as most sensors have them: one a second per channel, some milliseconds off the grid. */
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

function batches(records, n) {
  return Array.from({ length: Math.floor(records / n) }, (_, i) => batch(i * n, n));
}

/** Runs `work`, which stores so many records, and says what it cost. */
async function measure(records, work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await pause(10); // it must be running before it can see a delay
  const cpu = startCpu();
  const start = performance.now();
  await work();
  const ms = performance.now() - start;
  const used = cpu();
  await pause(10);
  delay.disable();
  return { recordsPerSecond: (records / ms) * 1000, cpu: used / records, loopMs: Math.max(0, delay.max / 1e6 - 1) };
}

/** The least of a few runs: what the work takes by itself, on a machine that has other work too. */
async function timed(work, runs = 5) {
  let [ms, value] = [Infinity];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    value = await work();
    ms = Math.min(ms, performance.now() - start);
  }
  return { ms, value };
}

const call = (target, method, ...args) =>
  new Promise((resolve, reject) => target[method](...args, (error, row) => (error ? reject(error) : resolve(row))));

async function openDatabase(file) {
  return new Promise((resolve, reject) => {
    const database = new sqlite3.Database(file, (error) => (error ? reject(error) : resolve(database)));
  });
}

/** Bytes of tables and indexes on whole pages, by name. */
async function tableBytes(file, names) {
  const database = await openDatabase(file);
  const marks = names.map(() => '?').join(', ');
  const row = await call(database, 'get', `SELECT sum(pgsize) AS bytes FROM dbstat WHERE name IN (${marks})`, names);
  await call(database, 'close');
  return row.bytes ?? 0;
}

const CONTENDERS = {
  async hyphae(directory, n, records) {
    const file = join(directory, 'a.db');
    // Sealing is measured by itself.
    const store = await openStore({ client: 'sqlite3', file, clock: new SystemClock(), sealAt: 1e9 });
    await store.measurements.append(batch(0, CHANNELS)); // in a running node the channels exist
    const work = batches(records, n);
    const result = await measure(records, async () => {
      for (const each of work) await store.measurements.append(each);
    });
    const sealing = await measure(records, () => store.measurements.seal());
    const path = 'gh1/s0/temperature';
    const { measurements } = store;
    await measurements.read(0, 10);
    const read = await timed(() => measurements.read(records >> 1, 10_000));
    const query = await timed(async () => {
      let count = 0;
      for await (const { at } of measurements.query({ path, from: T0, to: Infinity })) if (at > 0) count++;
      return count;
    });
    const fold = await timed(() => measurements.downsample({ path, from: T0, to: T0 + records * 10 }, 100));
    const large = batch(0, 10_000);
    const largest = [];
    for (let i = 0; i < 9; i++) largest.push(await measure(large.length, () => measurements.append(large)));
    await store[Symbol.asyncDispose]();
    const again = await timed(() => openStore({ client: 'sqlite3', file, clock: new SystemClock() }), 1);
    await again.value[Symbol.asyncDispose]();
    return {
      ...result,
      bytes: (await tableBytes(file, ['page'])) / (records + large.length * largest.length + CHANNELS),
      sealCpu: sealing.cpu,
      sealLoopMs: sealing.loopMs,
      sealedBytes: (await tableBytes(file, ['block', 'block_time'])) / (records + CHANNELS),
      readMs: read.ms,
      queryPoints: query.value,
      queryMs: query.ms,
      downsampleMs: fold.ms,
      openMs: again.ms,
      largeLoopMs: Math.min(...largest.map(({ loopMs }) => loopMs)),
    };
  },
  async byHand(directory, n, records) {
    const file = join(directory, 'a.db');
    const database = await openDatabase(file);
    await call(
      database,
      'exec',
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE m (ts INTEGER, channel INTEGER, value REAL)`,
    );
    const rows = Math.min(n, 500);
    const sql = `INSERT INTO m VALUES ${new Array(rows).fill('(?, ?, ?)').join(', ')}`;
    const statement = database.prepare(sql);
    const channels = new Map(Array.from({ length: CHANNELS }, (_, i) => [`gh1/s${i}`, i]));
    const work = batches(records, n);
    const result = await measure(records, async () => {
      for (const each of work) {
        if (n > rows) await call(database, 'run', 'BEGIN');
        for (let i = 0; i < n; i += rows) {
          const values = [];
          for (const { at, source, value } of each.slice(i, i + rows)) values.push(at, channels.get(source), value);
          await call(statement, 'run', values);
        }
        if (n > rows) await call(database, 'run', 'COMMIT');
      }
    });
    await new Promise((resolve) => statement.finalize(resolve));
    await call(database, 'close');
    return { ...result, bytes: (await stat(file)).size / records };
  },
  async memory(_directory, n, records) {
    const store = await openStore({ client: 'memory', clock: new SystemClock() });
    const work = batches(records, n);
    const { cpu, recordsPerSecond } = await measure(records, async () => {
      for (const each of work) await store.measurements.append(each);
    });
    return { cpu, recordsPerSecond };
  },
};

async function child([contender, n, records]) {
  const directory = await mkdtemp(join(tmpdir(), 'hyphae-bench-'));
  try {
    await CONTENDERS[contender](await mkdtemp(join(directory, 'warm-up-')), 500, 40_000);
    report(await CONTENDERS[contender](directory, Number(n), Number(records)));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function main() {
  const { quick, rounds = quick ? '1' : '3', json } = benchArgs();
  const records = quick ? 60_000 : 400_000;
  const results = [];
  for (const n of [50, 500, 2_000]) {
    const found = { hyphae: [], byHand: [], memory: [] };
    for (let i = 0; i < Number(rounds); i++) {
      for (const contender of Object.keys(found)) {
        const args = [contender, String(n), String(Math.min(records, n * 3_000))];
        found[contender].push(await runChild(fileURLToPath(import.meta.url), args));
      }
    }
    const [hyphae, byHand, memory] = Object.values(found).map(medians);
    results.push({ batch: n, hyphae, byHand, memory, cpuRatio: hyphae.cpu / byHand.cpu });
  }
  const row = (batchSize, contender, { cpu, recordsPerSecond, bytes, loopMs }, ratio) => ({
    batch: batchSize,
    contender,
    'CPU µs/record': round(cpu, 2),
    ratio: ratio === undefined ? '–' : round(ratio, 2),
    'records/s': Math.round(recordsPerSecond),
    'bytes/record': bytes === undefined ? '–' : round(bytes),
    'loop ms max': loopMs === undefined ? '–' : round(loopMs),
  });
  printTable(
    'Appending, synchronous FULL; memory: the same without a disk',
    results.flatMap(({ batch: n, hyphae, byHand, memory, cpuRatio }) => [
      row(n, 'hyphae', hyphae, cpuRatio),
      row(n, 'by hand', byHand),
      row(n, 'memory', memory),
    ]),
  );
  printTable(
    'Sealing into blocks, and reading back',
    results.map(({ batch: n, hyphae: h }) => ({
      batch: n,
      'seal CPU µs/record': round(h.sealCpu, 2),
      'bytes/record': round(h.sealedBytes),
      'loop ms max': round(h.sealLoopMs),
      'read 10,000 ms': round(h.readMs),
      [`query ms (points)`]: `${round(h.queryMs)} (${h.queryPoints})`,
      'down-sample ms': round(h.downsampleMs),
      'open ms': round(h.openMs),
      'batch of 10,000: loop ms': round(h.largeLoopMs),
    })),
  );
  const of500 = results[1];
  console.log();
  const met = printTargets([
    {
      what: 'CPU at most 1.2 times that of the hand-written insert, batches of 500',
      met: of500.cpuRatio <= 1.2,
      found: round(of500.cpuRatio, 2),
    },
    {
      what: 'at most 10 bytes a sealed record',
      met: of500.hyphae.sealedBytes <= 10,
      found: round(of500.hyphae.sealedBytes),
    },
    {
      what: 'a batch of 10,000 holds the loop up 15 ms at most',
      met: of500.hyphae.largeLoopMs <= 15,
      found: `${round(of500.hyphae.largeLoopMs)} ms`,
    },
  ]);
  if (json) await writeJson(json, { bench: 'store', records, channels: CHANNELS, results, met });
}

const args = process.argv.slice(2);
await (args[0] in CONTENDERS ? child(args) : main());
