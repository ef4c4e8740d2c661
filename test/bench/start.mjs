#!/usr/bin/env node
// The default node as a user starts it: time to listening beyond Node's own start, resident memory when idle, and the memory of a sensor.
// `--quick`, `--json FILE`, `--rounds N`.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { report, runChild } from './lib/child.mjs';
import { heapBytes, median } from './lib/measure.mjs';
import { benchArgs, printTable, printTargets, writeJson } from './lib/report.mjs';

if (process.argv[2] === '--sensors') {
  const count = Number(process.argv[3]);
  const { defineSensor, SystemClock } = await import('@hyphae/core');
  const { createNode } = await import('@hyphae/core/kernel');
  const sensor = defineSensor({
    id: 'bench',
    channels: { x: '1' },
    needs: {},
    period: '1 min',
    start: () => ({ sample: () => ({ x: 1 }) }),
  });
  const before = await heapBytes();
  const node = createNode({ clock: new SystemClock() });
  await node.start({
    boards: {},
    sensors: Object.fromEntries(Array.from({ length: count }, (_, i) => [`s${i}`, { plugin: sensor }])),
  });
  report({ heap: (await heapBytes()) - before });
  process.exit(0);
}

const { quick, json, rounds = quick ? 2 : 5 } = benchArgs();
const hyphae = resolve(import.meta.dirname, '../../packages/server/bin/hyphae.js');

const bare = () => {
  const began = performance.now();
  execFileSync(process.execPath, ['-e', '0']);
  return performance.now() - began;
};

async function node() {
  const dir = mkdtempSync(join(tmpdir(), 'hyphae-bench-'));
  const began = performance.now();
  const child = spawn(process.execPath, [hyphae, 'start', '--quiet'], {
    env: { ...process.env, HYPHAE_DATA: dir, HYPHAE_LISTEN: '127.0.0.1:0', HYPHAE_CONFIG: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  try {
    const listening = await new Promise((done, fail) => {
      const look = (chunk) => {
        text += chunk;
        if (text.includes('listening')) done(performance.now() - began);
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.on('exit', () => fail(new Error(text)));
    });
    await pause(5_000);
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return { listening, rss: Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024 };
  } finally {
    child.removeAllListeners('exit');
    child.kill('SIGTERM');
    await new Promise((done) => child.on('close', done));
    rmSync(dir, { recursive: true, force: true });
  }
}

const starts = [];
for (let round = 0; round < Number(rounds); round++) starts.push({ bare: bare(), ...(await node()) });
const beyond = median(starts.map(({ bare: own, listening }) => listening - own));
const rss = median(starts.map((each) => each.rss));
const sensors = quick ? 1_000 : 10_000;
const { heap } = await runChild(fileURLToPath(import.meta.url), ['--sensors', String(sensors)]);
const perThousand = ((heap / sensors) * 1000) / 1e6;

printTable('Start and size of the default node', [
  { what: "Node's own start", value: `${median(starts.map((each) => each.bare)).toFixed(0)} ms` },
  { what: "start to listening beyond Node's own", value: `${beyond.toFixed(0)} ms` },
  { what: 'resident memory, idle', value: `${rss.toFixed(0)} MB` },
  { what: 'memory of 1,000 sensors', value: `${perThousand.toFixed(2)} MB` },
]);
const targets = [
  { what: "listening within 400 ms beyond Node's own start", met: beyond < 400, found: `${beyond.toFixed(0)} ms` },
  { what: 'idle under 90 MB resident', met: rss < 90, found: `${rss.toFixed(0)} MB` },
];
const met = printTargets(targets);
if (json) await writeJson(json, { bench: 'start', beyond, rss, perThousand, targets });
process.exitCode = met ? 0 : 1;
