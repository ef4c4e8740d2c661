#!/usr/bin/env node
// Whole node: sensors read every second, stored durably, streamed to ten clients; against a node written by hand for exactly this.
// CPU of the server's process per reading, over at least one whole pass of moving records from the log into the history.
// `--quick` measures a few seconds only, which may or may not have part of a pass; `--json FILE`, `--rounds N`.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { report, runChild } from './lib/child.mjs';
import { medians, startCpu } from './lib/measure.mjs';
import { benchArgs, printTable, printTargets, writeJson } from './lib/report.mjs';

const CLIENTS = 10;
const LOADS = [
  // A pass begins with 64 records a channel: every 64 s.
  { rate: 10_000, sensors: 10_000, channels: 1, warmUp: 60, window: 66 },
  { rate: 100_000, sensors: 10_000, channels: 10, warmUp: 60, window: 66 },
];

async function contender(kind, sensors, channels, warmUp, seconds) {
  const dir = mkdtempSync(join(tmpdir(), 'hyphae-bench-'));
  try {
    const file = join(dir, 'bench.db');
    const make =
      kind === 'hyphae'
        ? (await import('./lib/hyphae-node.mjs')).hyphaeNode
        : (await import('./lib/hand-written-node.mjs')).handWrittenNode;
    const { stats, url, token } = await make({ sensors, channels, file, batchMs: 50 });
    const clients = fork(fileURLToPath(new URL('./lib/stream-clients.mjs', import.meta.url)), [
      url,
      token ?? '-',
      String(CLIENTS),
    ]);
    const count = () =>
      new Promise((resolve) => {
        clients.once('message', resolve);
        clients.send('count');
      });
    await pause(warmUp * 1_000);
    globalThis.gc?.();
    await pause(1_000); // what the collection held up is done
    const delay = monitorEventLoopDelay({ resolution: 5 });
    const before = await count();
    const readings = stats.readings;
    const cpu = startCpu();
    delay.enable();
    await pause(seconds * 1_000);
    delay.disable();
    const used = cpu();
    const read = stats.readings - readings;
    const after = await count();
    clients.kill();
    report({
      perReading: used / read,
      readings: read / seconds,
      delivered: (after.readings - before.readings) / CLIENTS / read,
      loopP99: delay.percentile(99) / 1e6 - 5,
      rss: process.memoryUsage.rss() / 1e6,
      bytes: statSync(file).size / Math.max(1, stats.readings),
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  process.exit(0);
}

if (process.argv[2] === '--contender') {
  const [kind, ...numbers] = process.argv.slice(3);
  await contender(kind, ...numbers.map(Number));
}

const { quick, json, rounds = 1 } = benchArgs();
const self = fileURLToPath(import.meta.url);
const results = [];
const targets = [];
for (const { rate, sensors, channels, warmUp, window } of LOADS) {
  const load = [sensors, channels, ...(quick ? [8, 4] : [warmUp, window])].map(String);
  const runs = { 'hand-written': [], hyphae: [] };
  for (let round = 0; round < Number(rounds); round++) {
    for (const kind of Object.keys(runs)) {
      runs[kind].push(await runChild(self, ['--contender', kind, ...load]));
    }
  }
  const [hand, ours] = [medians(runs['hand-written']), medians(runs.hyphae)];
  for (const [kind, result] of [
    ['hand-written', hand],
    ['hyphae', ours],
  ]) {
    results.push({
      'readings/s': rate,
      contender: kind,
      'µs CPU/reading': result.perReading.toFixed(2),
      ratio: (result.perReading / hand.perReading).toFixed(2),
      'read/s': result.readings.toFixed(0),
      'delivered to each': `${(result.delivered * 100).toFixed(1)} %`,
      'loop delay p99 ms': result.loopP99.toFixed(1),
      'RSS MB': result.rss.toFixed(0),
    });
  }
  targets.push(
    {
      what: `${rate} readings/s: at most 3× the hand-written node`,
      met: ours.perReading <= 3 * hand.perReading,
      found: `${(ours.perReading / hand.perReading).toFixed(2)}×`,
    },
    {
      what: `${rate} readings/s: loop delay p99 under 20 ms`,
      met: ours.loopP99 < 20,
      found: `${ours.loopP99.toFixed(1)} ms`,
    },
    {
      what: `${rate} readings/s: all of them read and delivered`,
      met: ours.readings > 0.99 * rate && ours.delivered > 0.98,
      found: `${ours.readings.toFixed(0)}/s, ${(ours.delivered * 100).toFixed(1)} %`,
    },
  );
}
printTable('Whole node: read, store, stream to 10 clients', results);
const met = printTargets(targets);
if (json) await writeJson(json, { bench: 'node', results, targets });
process.exitCode = met ? 0 : 1;
