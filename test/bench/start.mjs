#!/usr/bin/env node
// The default node as a user starts it, each time beside Node's own start: time and CPU to listening, in a new data directory and again in
// the same one, time to the first answered request, resident memory when idle, and the memory of a sensor.
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

const { quick, json, rounds: wanted = quick ? 2 : 7 } = benchArgs();
const hyphae = resolve(import.meta.dirname, '../../packages/server/bin/hyphae.js');

const TICK_MS = 10; // /proc counts CPU time in hundredths of a second

function bare() {
  const began = performance.now();
  execFileSync(process.execPath, ['-e', '0']);
  const ms = performance.now() - began;
  const show = 'const { user, system } = process.cpuUsage(); console.log((user + system) / 1000)';
  return { ms, cpuMs: Number(execFileSync(process.execPath, ['-e', show])) };
}

/** CPU time of a process so far, all its threads. */
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Starts the node in `dir`; `use` is given the process and the time it was started. */
async function node(dir, use) {
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
        const [, url] = /"listening","url":"([^"]+)"/.exec(text) ?? [];
        if (url) done({ ms: performance.now() - began, cpuMs: cpuMs(child.pid), url });
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.on('exit', () => fail(new Error(text)));
    });
    return { ...listening, ...(await use(child, listening.url, began)) };
  } finally {
    child.removeAllListeners('exit');
    child.kill('SIGTERM');
    await new Promise((done) => child.on('close', done));
  }
}

async function round() {
  const dir = mkdtempSync(join(tmpdir(), 'hyphae-bench-'));
  try {
    const own = bare();
    const first = await node(dir, async (_, url, began) => {
      await (await fetch(`${url}/healthz`)).text();
      return { answeredMs: performance.now() - began };
    });
    const again = await node(dir, async ({ pid }) => {
      await pause(5_000);
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      return { rss: Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024 };
    });
    return { own, first, again };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const rounds = [];
for (let count = 0; count < Number(wanted); count++) rounds.push(await round());
const of = (pick) => median(rounds.map(pick));
const own = of((each) => each.own.ms);
const beyond = of((each) => each.first.ms - each.own.ms);
const ratio = of((each) => each.first.ms / each.own.ms - 1);
const againRatio = of((each) => each.again.ms / each.own.ms - 1);
const answerRatio = of((each) => each.first.answeredMs / each.own.ms - 1);
const cpuRatio = of((each) => each.first.cpuMs / each.own.cpuMs);
const rss = of((each) => each.again.rss);
const sensors = quick ? 1_000 : 10_000;
const { heap } = await runChild(fileURLToPath(import.meta.url), ['--sensors', String(sensors)]);
const perThousand = ((heap / sensors) * 1000) / 1e6;

printTable('Start and size of the default node', [
  { what: "Node's own start", value: `${own.toFixed(0)} ms` },
  { what: 'start to listening, beyond that', value: `${beyond.toFixed(0)} ms, ${ratio.toFixed(1)} times` },
  { what: 'the same in a data directory that is there', value: `${againRatio.toFixed(1)} times` },
  { what: 'start to the first answered request, beyond that', value: `${answerRatio.toFixed(1)} times` },
  { what: "CPU to listening, in Node's own", value: `${cpuRatio.toFixed(1)} times` },
  { what: 'resident memory, idle', value: `${rss.toFixed(0)} MB` },
  { what: 'memory of 1,000 sensors', value: `${perThousand.toFixed(2)} MB` },
]);
const targets = [
  {
    // 400 ms on the machine where Node's own start takes 63 ms.
    what: "listening within 6.3 times Node's own start beyond it",
    met: ratio < 400 / 63,
    found: `${ratio.toFixed(1)} times`,
  },
  { what: 'idle under 90 MB resident', met: rss < 90, found: `${rss.toFixed(0)} MB` },
];
const met = printTargets(targets);
if (json)
  await writeJson(json, {
    bench: 'start',
    own,
    beyond,
    ratio,
    againRatio,
    answerRatio,
    cpuRatio,
    rss,
    perThousand,
    targets,
  });
process.exitCode = met ? 0 : 1;
