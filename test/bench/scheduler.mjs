#!/usr/bin/env node
// Scheduling: N tasks at 1 Hz spread over the second, each awaiting a simulated 5 ms. CPU per run, lateness, lost runs and
// memory per task, against a hand-written timer wheel and a setInterval per task. Each contender runs alone in a process.
//
//   node test/bench/scheduler.mjs [--quick] [--rounds N] [--json FILE]
import { setTimeout as pause } from 'node:timers/promises';
import { ClockScheduler, SystemClock } from '@hyphae/core';
import { report, runChild } from './lib/child.mjs';
import { heapBytes, medians, quantiles, startCpu } from './lib/measure.mjs';
import { benchArgs, printTable, printTargets, writeJson } from './lib/report.mjs';
import { TimerWheel } from './lib/timer-wheel.mjs';

const PERIOD = 1000;
const WAIT = 5;
const WARM_UP = 2000;

/** One phase in ms for each task, the same for every contender, in no order: tasks due together lie apart in memory. */
function phases(count) {
  let state = 1;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * PERIOD);
  });
}

/** Each starts a task for each phase that calls `begun(due)`, await 5 ms and call `ended(due)`; and gives a function that ends them. */
const CONTENDERS = {
  hyphae(phases, begun, ended) {
    const clock = new SystemClock();
    const scheduler = new ClockScheduler(clock);
    for (let i = 0; i < phases.length; i++) {
      scheduler.every(
        '1 s',
        async ({ dueMs }) => {
          begun(dueMs);
          await clock.sleep('5 ms');
          ended(dueMs);
        },
        { name: `gh1/sensor${i}`, phase: phases[i] },
      );
    }
    return () => scheduler[Symbol.asyncDispose]();
  },

  'hand-written wheel'(phases, begun, ended) {
    const wheel = new TimerWheel();
    const base = Math.ceil(performance.now()) + 1;
    let over = false;
    for (let i = 0; i < phases.length; i++) {
      const task = {
        name: `gh1/sensor${i}`,
        work: async (due) => {
          begun(due);
          await wheel.wait(WAIT);
          ended(due);
        },
        due: base + phases[i],
        running: false,
        overruns: 0,
        failures: 0,
      };
      const done = () => void (task.running = false);
      const failed = () => {
        task.running = false;
        task.failures++;
      };
      const fire = () => {
        if (over) return;
        const due = task.due;
        task.due += PERIOD;
        wheel.add(task.due, fire);
        if (task.running) return void task.overruns++;
        task.running = true;
        task.work(due).then(done, failed);
      };
      wheel.add(task.due, fire);
    }
    return () => void (over = true);
  },

  'setInterval per task'(phases, begun, ended) {
    const base = Math.ceil(performance.now()) + 1;
    const timers = [];
    for (let i = 0; i < phases.length; i++) {
      const task = {
        name: `gh1/sensor${i}`,
        work: async (due) => {
          begun(due);
          await new Promise((resolve) => setTimeout(resolve, WAIT));
          ended(due);
        },
        due: base + phases[i],
        running: false,
        overruns: 0,
      };
      const done = () => void (task.running = false);
      const fire = () => {
        const due = task.due;
        task.due += PERIOD;
        if (task.running) return void task.overruns++;
        task.running = true;
        task.work(due).then(done, done);
      };
      const start = () => {
        timers[i] = setInterval(fire, PERIOD);
        fire();
      };
      timers[i] = setTimeout(start, task.due - performance.now());
    }
    return () => timers.forEach((timer) => clearInterval(timer));
  },
};

async function measure(contender, count, seconds) {
  const lateness = new Float64Array(count * (seconds + 1));
  let from = Infinity;
  let until = Infinity;
  let begins = 0;
  let ends = 0;
  const begun = (due) => {
    if (due >= from && due < until) lateness[begins++] = performance.now() - due;
  };
  const ended = (due) => {
    if (due >= from && due < until) ends++;
  };
  const spread = phases(count);
  const before = await heapBytes();
  const stop = CONTENDERS[contender](spread, begun, ended);
  await pause(WARM_UP);
  from = performance.now() + 50;
  until = from + seconds * PERIOD;
  await pause(from - performance.now());
  const cpu = startCpu();
  await pause(until - performance.now());
  const used = cpu();
  await pause(500);
  const bytesPerTask = ((await heapBytes()) - before) / count;
  await stop();
  const [p50, p99, max] = quantiles(lateness.subarray(0, begins), [0.5, 0.99, 1]);
  return { cpuUsPerRun: used / ends, p50, p99, max, lost: count * seconds - ends, bytesPerTask };
}

async function compare() {
  const options = benchArgs();
  const seconds = options.quick ? 3 : 10;
  const rounds = Number(options.rounds ?? (options.quick ? 1 : 3));
  const results = {};
  for (const count of [10_000, 100_000]) {
    const found = Object.fromEntries(Object.keys(CONTENDERS).map((name) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const name of Object.keys(CONTENDERS)) {
        found[name].push(await runChild(new URL(import.meta.url), ['--child', name, String(count), String(seconds)]));
      }
    }
    results[count] = Object.fromEntries(Object.entries(found).map(([name, records]) => [name, medians(records)]));
    const limit = results[count]['hand-written wheel'].cpuUsPerRun;
    for (const result of Object.values(results[count])) result.ratio = result.cpuUsPerRun / limit;
    printTable(
      `${count.toLocaleString('en')} tasks at 1 Hz, ${WAIT} ms each, ${seconds} s, median of ${rounds}`,
      Object.entries(results[count]).map(([name, result]) => ({
        contender: name,
        'CPU µs/run': result.cpuUsPerRun.toFixed(2),
        ratio: result.ratio.toFixed(2),
        'late p50 ms': result.p50.toFixed(2),
        'p99 ms': result.p99.toFixed(2),
        'max ms': result.max.toFixed(1),
        lost: result.lost,
        'bytes/task': Math.round(result.bytesPerTask),
      })),
    );
  }
  const [ten, hundred] = [results[10_000].hyphae, results[100_000].hyphae];
  console.log();
  const met = printTargets([
    { what: '10,000: CPU at most 1.2 × hand-written', met: ten.ratio <= 1.2, found: ten.ratio.toFixed(2) },
    { what: '10,000: lateness p99 under 6 ms', met: ten.p99 < 6, found: `${ten.p99.toFixed(2)} ms` },
    { what: '100,000: CPU at most 1.2 × hand-written', met: hundred.ratio <= 1.2, found: hundred.ratio.toFixed(2) },
    { what: '100,000: lateness p99 under 15 ms', met: hundred.p99 < 15, found: `${hundred.p99.toFixed(2)} ms` },
    { what: 'no run lost', met: ten.lost + hundred.lost === 0, found: `${ten.lost} and ${hundred.lost}` },
  ]);
  if (options.json) await writeJson(options.json, { bench: 'scheduler', seconds, rounds, met, results });
}

const [flag, contender, count, seconds] = process.argv.slice(2);
if (flag === '--child') {
  report(await measure(contender, Number(count), Number(seconds)));
  process.exit(0);
} else await compare();
