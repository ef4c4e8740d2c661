import { writeFile } from 'node:fs/promises';
import { channelPath, formatMs, hasCode, SeededRandom, SystemClock } from '@hyphae/core';
import { createNode } from '@hyphae/core/kernel';
import { locate } from '../daemon/locate.js';
import { LineLogger } from '../daemon/line-logger.js';
import { readConfig } from '../daemon/read-config.js';
import { expectationLines } from '../simulation/expectation-lines.js';
import type { Verdict } from '../simulation/expectations/expectation.js';
import { junitXml } from '../simulation/junit.js';
import { readScenario } from '../simulation/read-scenario.js';
import { ScenarioRun } from '../simulation/scenario-run.js';
import { RunLogError, SimulationError } from './errors.js';
import { OWN_FOLDER } from '../discovery/discover.js';
import { againLine } from '../simulation/again-line.js';
import { ClockGuard } from '../simulation/clock-guard.js';
import { NamingClock } from '../simulation/naming-clock.js';
import { Patience } from '../simulation/patience.js';
import { pluginFolders } from '../simulation/plugin-folders.js';
import { repeatabilityLines } from '../simulation/repeatability-lines.js';
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
  /** Whether a plugin that uses the real time or real randomness is a failure. */
  readonly strict: boolean;
  /** How long, in real time, declared I/O may hold up the run. */
  readonly patienceMs: number;
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
  const { scenario, forMs, seed, from } = await settingsOf(options);
  const places = locate({ configFile: options.configFile, env, cwd });
  const folders = pluginFolders([OWN_FOLDER, places.dataDir]);
  const clock = new NamingClock(folders, from === undefined ? {} : { start: from });
  const patience = new Patience(clock, real, options.patienceMs);
  using guard = new ClockGuard(folders); // before any plugin is imported
  const level = wishedLevel(env, terminal) ?? 'error';
  const log = new LineLogger({ clock, level, format: 'text', write: (line) => terminal.note(line) });
  const { config } = await readConfig({ ...places, env, clock: real, log, seed });
  const { plan, left } = options.withReal
    ? { plan: config.plan, left: [] }
    : await guard.quietly(() => simulatedPlan(config.plan));
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
    await patience.during(clock.run(node.start(plan)));
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
    await patience
      .during(clock.advance(forMs, { onProgress: (done) => bar?.update(done), signal: abort.signal }))
      .catch((error: unknown) => {
        if (!abort.signal.aborted) throw error; // otherwise what there is by now is the result
      });
    simulatedMs = clock.monotonic() - startedAt;
    [outputs, status] = [node.outputs.list(), node.status()];
    verdicts = run?.end() ?? [];
  } finally {
    bar?.stop();
    process.off('SIGINT', onInterrupt);
    try {
      await patience.during(clock.run(node[Symbol.asyncDispose]())).catch((error: unknown) => {
        if (!abort.signal.aborted || !hasCode(error, 'HYP_VIRTUAL_TIME')) throw error;
      });
    } finally {
      await file?.[Symbol.asyncDispose]();
      for (const line of repeatabilityLines(guard)) terminal.note(terminal.paint('yellow', line));
    }
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
    notRepeatable: guard.findings,
  };
  const again = againLine({ ...options, forMs, seed, from });
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
  else if (options.strict && guard.findings.length > 0) process.exitCode = 1;
}

/** What a run goes by: what is asked for comes before what the scenario says. @throws HYP_SIMULATION */
async function settingsOf(options: SimulateOptions) {
  const { scenarioFile } = options;
  const scenario = scenarioFile === undefined ? undefined : await readScenario(scenarioFile, options.forMs);
  const forMs = options.forMs ?? scenario?.forMs;
  if (forMs === undefined) throw new SimulationError({ why: 'say how long, with --for 7d or `for:` in the scenario' });
  const from = options.from ?? scenario?.from;
  if (from !== undefined && Number.isNaN(Date.parse(from)))
    throw new SimulationError({ why: `${from} is no point in time; write --from 2030-06-01T06:00:00Z` });
  return { scenario, forMs, from, seed: options.seed ?? scenario?.seed ?? DEFAULT_SEED };
}

const describeError = (error: unknown) => (error instanceof Error ? error.message : String(error));

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
