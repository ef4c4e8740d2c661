import { channelPath, formatMs, hasCode, SeededRandom, SystemClock } from '@hyphae/core';
import { createNode } from '@hyphae/core/kernel';
import { VirtualClock } from '@hyphae/core/testing';
import { locate } from '../daemon/locate.js';
import { LineLogger } from '../daemon/line-logger.js';
import { readConfig } from '../daemon/read-config.js';
import type { CommandContext } from './main.js';
import { openRunLog } from './run-log.js';
import { RunSummary } from './run-summary.js';
import { simulatedPlan } from './simulated-plan.js';
import { summaryLines } from './summary-lines.js';
import { wishedLevel } from './wished-level.js';

/** Options of `hyphae simulate`. */
export interface SimulateOptions {
  readonly forMs: number;
  readonly configFile: string | undefined;
  readonly seed: number;
  readonly logFile: string | undefined;
  readonly withReal: boolean;
  readonly json: boolean;
}

/** Status of a program that SIGINT ended, as shells have it. */
const INTERRUPTED = 130;

/** Runs a configuration on a virtual clock and says what happened. One seed gives one run, byte for byte. */
export async function simulate({ terminal, env, cwd }: CommandContext, options: SimulateOptions): Promise<void> {
  const real = new SystemClock();
  const clock = new VirtualClock();
  const level = wishedLevel(env, terminal) ?? 'error';
  const log = new LineLogger({ clock, level, format: 'text', write: (line) => terminal.note(line) });
  const places = locate({ configFile: options.configFile, env, cwd });
  const { config } = await readConfig({ ...places, env, clock: real, log, seed: options.seed });
  const { plan, left } = options.withReal ? { plan: config.plan, left: [] } : await simulatedPlan(config.plan);
  for (const { name, why } of left) terminal.note(`left out: ${name}: ${why}`);

  const abort = new AbortController();
  const onInterrupt = () => abort.abort();
  process.once('SIGINT', onInterrupt);
  const summary = new RunSummary(plan, clock.now());
  const file = options.logFile === undefined ? undefined : await openRunLog(options.logFile, clock);
  const node = createNode({ clock, log, random: new SeededRandom(options.seed) });
  node.events.subscribe('measurement', (record) => {
    const path = channelPath(record.source, record.channel);
    summary.add(path, record);
    file?.add(path, record);
  });
  const bar = await progressBar(options.forMs);
  const began = real.monotonic();
  let outputs: ReturnType<typeof node.outputs.list>;
  let status: ReturnType<typeof node.status>;
  let simulatedMs: number;
  try {
    await clock.run(node.start(plan));
    const startedAt = clock.monotonic();
    await clock
      .advance(options.forMs, { onProgress: (done) => bar?.update(done), signal: abort.signal })
      .catch((error: unknown) => {
        if (!abort.signal.aborted) throw error; // otherwise what there is by now is the result
      });
    simulatedMs = clock.monotonic() - startedAt;
    [outputs, status] = [node.outputs.list(), node.status()];
  } finally {
    bar?.stop();
    process.off('SIGINT', onInterrupt);
    await clock.run(node[Symbol.asyncDispose]()).catch((error: unknown) => {
      if (!abort.signal.aborted || !hasCode(error, 'HYP_VIRTUAL_TIME')) throw error;
    });
    await file?.[Symbol.asyncDispose]();
  }
  const tookMs = real.monotonic() - began;
  const result = {
    simulatedMs,
    ...(simulatedMs < options.forMs ? { interrupted: true } : {}),
    tookMs: Math.round(tookMs),
    seed: options.seed,
    records: summary.records,
    channels: summary.channels(),
    outputs: RunSummary.outputs(outputs),
    bands: summary.bands(),
    notRunning: status
      .filter(({ state }) => state !== 'running')
      .map(({ id, state, error, because }) => ({ id, state, why: because ?? error?.message ?? '' })),
    left,
  };
  if (options.json) terminal.out(JSON.stringify(result));
  else {
    for (const line of summaryLines(result, terminal.paint)) terminal.out(line);
    const rate = tookMs > 0 ? `, ${Math.round(simulatedMs / tookMs).toLocaleString('en')} times as fast as life` : '';
    terminal.note(
      `${simulatedMs < options.forMs ? 'interrupted: ' : ''}${formatMs(simulatedMs)} in ${formatMs(Math.round(tookMs))}${rate}`,
    );
  }
  if (simulatedMs < options.forMs) process.exitCode = INTERRUPTED;
}

interface Bar {
  update(done: number): void;
  stop(): void;
}

async function progressBar(forMs: number): Promise<Bar | undefined> {
  if (process.stderr.isTTY !== true) return undefined;
  const { SingleBar } = await import('cli-progress');
  const bar = new SingleBar({
    format: `{bar} {percentage} % of ${formatMs(forMs)}, {eta_formatted} left`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    barCompleteChar: '█',
    barIncompleteChar: '░',
  });
  bar.start(1000, 0);
  return { update: (done) => bar.update(Math.round(done * 1000)), stop: () => bar.stop() };
}
