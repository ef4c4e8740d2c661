#!/usr/bin/env node
// Fan-out: 10 clients, 1,000 updates a second, against a broadcast written by hand on ws, batched every 50 ms and unbatched.
// CPU of the server's process per delivered update; `--quick`, `--json FILE`, `--rounds N`.
import { fork } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { report, runChild } from './lib/child.mjs';
import { medians, startCpu } from './lib/measure.mjs';
import { benchArgs, printTable, printTargets, writeJson } from './lib/report.mjs';

const CLIENTS = 10;
const FLUSH_MS = 50;
/** The first is the target's; the second shows what is left when the system calls are not everything. */
const RATES = [1_000, 20_000];
const TARGET = 1.3;

async function contender(kind, rate, seconds) {
  const sources = await import('./lib/stream-sources.mjs');
  const make = { hyphae: sources.hyphae, batched: sources.handBatched, unbatched: sources.handUnbatched }[kind];
  const { url, token = '-', stats } = await make(rate, FLUSH_MS);
  const script = fileURLToPath(new URL('./lib/stream-readers.mjs', import.meta.url));
  const clients = fork(script, [url, token, String(CLIENTS)]);
  const count = () =>
    new Promise((resolve) => {
      clients.once('message', resolve);
      clients.send('count');
    });
  // Measured is what lasts: not before every client gets everything.
  for (let last = 0, steady = 0; steady < 4;) {
    await pause(500);
    const { readings } = await count();
    steady = readings - last > 0.4 * rate * CLIENTS ? steady + 1 : 0;
    last = readings;
  }
  globalThis.gc?.();
  const before = await count();
  const updates = stats.updates;
  const cpu = startCpu();
  await pause(seconds * 1_000);
  const used = cpu();
  const sent = stats.updates - updates;
  const after = await count();
  clients.kill();
  const delivered = after.readings - before.readings;
  report({ perUpdate: used / delivered, delivered: delivered / (sent * CLIENTS), cpu: used / (seconds * 1e6) });
  process.exit(0);
}

if (process.argv[2] === '--contender') {
  const [kind, rate, seconds] = process.argv.slice(3);
  await contender(kind, Number(rate), Number(seconds));
} else {
  const options = benchArgs();
  const rounds = Number(options.rounds ?? (options.quick ? 3 : 5));
  const seconds = options.quick ? 4 : 10;
  const results = [];
  for (const rate of RATES) {
    const kinds = rate === 1_000 ? ['batched', 'hyphae', 'unbatched'] : ['batched', 'hyphae'];
    const found = Object.fromEntries(kinds.map((kind) => [kind, []]));
    // Contenders take turns, so that what else the machine does meets all of them.
    for (let round = 0; round < rounds; round++) {
      for (const kind of kinds) {
        found[kind].push(
          await runChild(import.meta.url.slice(7), ['--contender', kind, String(rate), String(seconds)]),
        );
      }
    }
    const limit = medians(found.batched).perUpdate;
    for (const kind of kinds) {
      const { perUpdate, delivered, cpu } = medians(found[kind]);
      results.push({ rate, kind, perUpdate, delivered, cpu, ratio: perUpdate / limit });
    }
  }
  printTable(
    `${CLIENTS} clients, flushed every ${FLUSH_MS} ms: CPU of the server per delivered update (median of ${rounds})`,
    results.map(({ rate, kind, perUpdate, delivered, cpu, ratio }) => ({
      'updates/s': rate,
      contender: { batched: 'by hand, batched', unbatched: 'by hand, a frame an update', hyphae: 'Hyphae' }[kind],
      'µs/update': perUpdate.toFixed(2),
      delivered: `${(delivered * 100).toFixed(1)} %`,
      'of a core': `${(cpu * 100).toFixed(1)} %`,
      ratio: ratio.toFixed(2),
    })),
  );
  const targets = results
    .filter(({ kind, rate }) => kind === 'hyphae' && rate === RATES[0])
    .map(({ rate, ratio }) => ({
      what: `${rate} updates/s: at most ${TARGET} times the hand-written batch`,
      met: ratio <= TARGET,
      found: ratio.toFixed(2),
    }));
  if (options.json) await writeJson(options.json, { results, targets });
  process.exitCode = printTargets(targets) ? 0 : 1;
}
