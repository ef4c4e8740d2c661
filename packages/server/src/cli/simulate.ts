import { writeFile } from 'node:fs/promises';
import { channelPath, formatMs, hasCode, SeededRandom, SystemClock } from '@hyphae/core';
import { createNode } from '@hyphae/core/kernel';
import { VirtualClock } from '@hyphae/core/testing';
import { locate } from '../daemon/locate.js';
import { LineLogger } from '../daemon/line-logger.js';
import { readConfig } from '../daemon/read-config.js';
import { expectationLines } from '../simulation/expectation-lines.js';
import type { Verdict } from '../simulation/expectations/expectation.js';
import { junitXml } from '../simulation/junit.js';
import { readScenario } from '../simulation/read-scenario.js';
import { ScenarioRun } from '../simulation/scenario-run.js';
import { RunLogError, SimulationError } from './errors.js';
import type { CommandContext } from './main.js';
import { openRunLog } from './run-log.js';
import { RunSummary } from './run-summary.js';
import { simulatedPlan } from './simulated-plan.js';
import { summaryLines } from './summary-lines.js';
import { wishedLevel } from './wished-level.js';

/** Options of `hyphae simulate`. */
export interface SimulateOptions {
  /** Default: what the scenario says. */
  readonly forMs: number | undefined;
  readonly configFile: string | undefined;
  readonly scenarioFile: string | undefined;
  /** Default: what the scenario says, else 1. */
  readonly seed: number | undefined;
  /** Default: what the scenario says, else the virtual clock's own beginning. */
  readonly from: string | undefined;
  readonly logFile: string | undefined;
  readonly junitFile: string | undefined;
  readonly withReal: boolean;
  readonly json: boolean;
}

/** Where nothing else is said. */
const DEFAULT_SEED = 1;
/** Status of a program that SIGINT ended, as shells have it. */
const INTERRUPTED = 130;
/** Events listed in the result; all are in the log. */
const MOST_NOTES = 1_000;

/** Runs a configuration on a virtual clock and says what happened. One seed gives one run, byte for byte. */
export async function simulate({ terminal, env, cwd }: CommandContext, options: SimulateOptions): Promise<void> {
  const real = new SystemClock();
  const scenario =
    options.scenarioFile === undefined ? undefined : await readScenario(options.scenarioFile, options.forMs);
  const forMs = options.forMs ?? scenario?.forMs;
  if (forMs === undefined) throw new SimulationError({ why: 'say how long, with --for 7d or `for:` in the scenario' });
  const seed = options.seed ?? scenario?.seed ?? DEFAULT_SEED;
  const from = options.from ?? scenario?.from;
  if (from !== undefined && Number.isNaN(Date.parse(from)))
    throw new SimulationError({ why: `${from} is no point in time; write --from 2030-06-01T06:00:00Z` });
  const clock = new VirtualClock(from === undefined ? {} : { start: from });
  const level = wishedLevel(env, terminal) ?? 'error';
  const log = new LineLogger({ clock, level, format: 'text', write: (line) => terminal.note(line) });
  const places = locate({ configFile: options.configFile, env, cwd });
  const { config } = await readConfig({ ...places, env, clock: real, log, seed });
  const { plan, left } = options.withReal ? { plan: config.plan, left: [] } : await simulatedPlan(config.plan);
  for (const { name, why } of left) terminal.note(`left out: ${name}: ${why}`);

  const abort = new AbortController();
  const onInterrupt = () => abort.abort();
  process.once('SIGINT', onInterrupt);
  const run = scenario && new ScenarioRun(scenario, clock);
  const summary = new RunSummary(plan, clock.now());
  const file = options.logFile === undefined ? undefined : await openRunLog(options.logFile, clock);
  const node = createNode({ clock, log, random: new SeededRandom(seed) });
  node.events.subscribe('measurement', (record) => {
    const path = channelPath(record.source, record.channel);
    summary.add(path, record);
    run?.observe(path, record);
    file?.add(path, record);
  });
  const notes: { at: number; event: string }[] = [];
  const noteEvent = (event: string) => {
    file?.note(event);
    if (notes.length < MOST_NOTES) notes.push({ at: clock.now(), event });
  };
  const bar = await progressBar(forMs);
  const began = real.monotonic();
  let outputs: ReturnType<typeof node.outputs.list>;
  let status: ReturnType<typeof node.status>;
  let simulatedMs: number;
  let verdicts: readonly Verdict[];
  try {
    await clock.run(node.start(plan));
    const startedAt = clock.monotonic();
    run?.begin(
      {
        node,
        plan,
        clock,
        random: new SeededRandom(seed).fork('scenario'),
        failed: ({ name }, error) => noteEvent(`${name} failed: ${describeError(error)}`),
      },
      ({ name, phase }) => noteEvent(`${name} ${phase}`),
    );
    await clock
      .advance(forMs, { onProgress: (done) => bar?.update(done), signal: abort.signal })
      .catch((error: unknown) => {
        if (!abort.signal.aborted) throw error; // otherwise what there is by now is the result
      });
    simulatedMs = clock.monotonic() - startedAt;
    [outputs, status] = [node.outputs.list(), node.status()];
    verdicts = run?.end() ?? [];
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
    ...(simulatedMs < forMs ? { interrupted: true } : {}),
    tookMs: Math.round(tookMs),
    seed,
    records: summary.records,
    channels: summary.channels(),
    outputs: RunSummary.outputs(outputs),
    bands: summary.bands(),
    notRunning: status
      .filter(({ state }) => state !== 'running')
      .map(({ id, state, error, because }) => ({ id, state, why: because ?? error?.message ?? '' })),
    left,
    ...(scenario ? { scenario: scenario.name, events: notes, expectations: verdicts } : {}),
  };
  const again = againLine(options, { forMs, seed, from });
  if (options.junitFile !== undefined) {
    const name = scenario?.name ?? config.name;
    await writeReport(options.junitFile, junitXml({ name, tookMs, seed, verdicts, again }));
  }
  if (options.json) terminal.out(JSON.stringify(result));
  else {
    for (const line of summaryLines(result, terminal.paint)) terminal.out(line);
    for (const line of expectationLines(verdicts, again, terminal.paint)) terminal.out(line);
    const rate = tookMs > 0 ? `, ${Math.round(simulatedMs / tookMs).toLocaleString('en')} times as fast as life` : '';
    terminal.note(
      `${simulatedMs < forMs ? 'interrupted: ' : ''}${formatMs(simulatedMs)} in ${formatMs(Math.round(tookMs))}${rate}`,
    );
  }
  if (simulatedMs < forMs) process.exitCode = INTERRUPTED;
  else if (verdicts.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1;
}

const describeError = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** One command that does the same again. */
function againLine(
  { configFile, scenarioFile, withReal }: SimulateOptions,
  { forMs, seed, from }: { readonly forMs: number; readonly seed: number; readonly from: string | undefined },
): string {
  const words = ['hyphae simulate'];
  if (configFile !== undefined) words.push('-c', quoted(configFile));
  if (scenarioFile !== undefined) words.push('--scenario', quoted(scenarioFile));
  words.push('--for', shortDuration(forMs), '--seed', String(seed));
  if (from !== undefined) words.push('--from', quoted(from));
  if (withReal) words.push('--with-real');
  return words.join(' ');
}

/** A duration without a space, exact: `40min`, `90s`. */
function shortDuration(ms: number): string {
  for (const [unit, length] of LENGTHS) if (ms % length === 0) return `${ms / length}${unit}`;
  return `${ms}ms`;
}

const LENGTHS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

const quoted = (text: string) => (/^[\w./:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** @throws HYP_RUN_LOG */
async function writeReport(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((cause: unknown) => {
    throw new RunLogError({ file, why: describeError(cause) }, { cause });
  });
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
