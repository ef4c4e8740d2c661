import { setFlagsFromString } from 'node:v8';
import { formatMs, hasCode, type Logger, SystemClock } from '@hyphae/core';
import type { InstanceStatus } from '@hyphae/core/kernel';
import type { EarlyHangUp } from '../daemon/early-hang-up.js';
import { LineLogger } from '../daemon/line-logger.js';
import { runUntilSignal } from '../daemon/run-until-signal.js';
import { type Daemon, startDaemon } from '../daemon/start-daemon.js';
import type { Candidate } from '../discovery/plugin-set.js';
import { LiveArea } from './live-area.js';
import { type CommandContext, version } from './main.js';
import { discoveryProblems } from './plugin-lines.js';
import { explain, type Paint, type Terminal } from './terminal.js';
import { formatValue, symbol, valueTable, type ValueRow } from './value-table.js';
import { wishedLevel } from './wished-level.js';

/** Options of `hyphae start`. */
export interface StartOptions {
  readonly configFile: string | undefined;
  readonly quiet: boolean;
  readonly valuesMs: number | undefined;
  readonly early?: EarlyHangUp;
}

/** What bin/hyphae.js holds down during the start, as V8 itself has it. */
const V8_DEFAULTS = ['--max-optimized-bytecode-size=61440', '--semi-space-growth-factor=2'];
const REDRAW = '1 s';
const COMPACT_MS = 5_000;
/** For lines that are cut to the width of the terminal: a cut through a colour would spoil what follows. */
const plain: Paint = (_style, text) => text;

/** Runs a node until a signal ends it. Prints what was loaded, what was not and why, where to look, and then values. */
export async function start(context: CommandContext, options: StartOptions): Promise<void> {
  const { terminal, env, cwd } = context;
  const clock = new SystemClock();
  const area = terminal.live && !options.quiet ? new LiveArea(terminal) : undefined;
  // On a terminal the log shares the screen with the table: it is for people there, and scrolls above.
  const log: Logger = new LineLogger({
    clock,
    level: wishedLevel(env, terminal) ?? (area ? 'warn' : 'info'),
    format: area || process.stderr.isTTY ? 'text' : 'json',
    write: (line) => (area ? area.above(line) : terminal.note(line)),
  });
  let candidates: readonly Candidate[] = [];
  const onDiscovery = (found: readonly Candidate[]) => (candidates = found);
  const wishes = { configFile: options.configFile, env, cwd, clock, log, version: version(), onDiscovery };
  const daemon = await startDaemon(wishes).catch((error: unknown) => {
    // A plugin that is missed in the configuration may be one of a package that could not be loaded.
    for (const line of discoveryProblems(candidates, terminal.paint)) terminal.note(line);
    throw error;
  });
  const listeningMs = clock.monotonic();
  log.info('listening', {
    url: daemon.url,
    sinceStartMs: Math.round(listeningMs),
    rssMb: Math.round(process.memoryUsage.rss() / 1e6),
  });
  for (const flag of V8_DEFAULTS) setFlagsFromString(flag);
  const running = runUntilSignal(daemon, clock, log, options.early);
  if (!options.quiet) void showStart(daemon, terminal, listeningMs).catch(() => {}); // fails only where the start itself fails, which is logged
  const show = options.quiet ? undefined : showValues(daemon, terminal, area, options.valuesMs);
  try {
    process.exitCode = await running;
  } finally {
    show?.[Symbol.dispose]();
  }
}

async function showStart(daemon: Daemon, terminal: Terminal, listeningMs: number): Promise<void> {
  const { paint } = terminal;
  const { places, candidates, shortcomings } = daemon;
  terminal.out(
    `${paint('bold', `Hyphae ${version()}`)}, node ${paint('bold', daemon.name)}, listening after ${formatMs(Math.round(listeningMs))}`,
  );
  terminal.out(`  address        ${daemon.url}`);
  terminal.out(
    `  configuration  ${places.embedded ? 'the simulated greenhouse that comes with Hyphae (hyphae init writes one of your own)' : places.configFile}`,
  );
  terminal.out(`  data           ${places.dataDir}`);
  const noToken = shortcomings.some((shortcoming) => hasCode(shortcoming, 'HYP_TOKEN_FILE'));
  terminal.out(`  token          ${noToken ? 'none that is known: it could not be kept' : `in ${daemon.tokenFile}`}`);
  terminal.out(
    `  packages       ${
      candidates
        .filter(({ state }) => state === 'loaded')
        .map((candidate) => candidate.package)
        .join(', ') || 'none'
    }`,
  );
  for (const line of discoveryProblems(candidates, paint)) terminal.out(`  ${line}`);
  for (const shortcoming of shortcomings) for (const line of explain(shortcoming, paint)) terminal.out(`  ${line}`);
  await daemon.started;
  const status = daemon.node.status();
  const running = status.filter(({ state }) => state === 'running');
  terminal.out(`  running        ${summary(running)}`);
  for (const instance of status) if (instance.state !== 'running') terminal.out(`  ${notRunning(instance, paint)}`);
  terminal.out(`  more           hyphae watch '#' · curl ${daemon.url}/readyz · Ctrl+C stops it, outputs safe first`);
  terminal.out();
}

/** `5 sensors, 3 outputs`. */
function summary(instances: readonly InstanceStatus[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of instances) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}${count === 1 ? '' : 's'}`).join(', ') || 'nothing';
}

/** An instance that does not run, and why. What only waits for something else is no fault. */
function notRunning({ id, state, error, because }: InstanceStatus, paint: Paint): string {
  const waits = state === 'waiting' || error?.code === 'HYP_NOT_READY';
  const reason = because ?? (error === undefined ? '' : waits ? error.message : `${error.code} ${error.message}`);
  const shown = reason.replace(`${id} is not ready because `, '');
  const word = paint(waits ? 'yellow' : 'red', (waits ? 'waiting' : state).padEnd(14));
  return `${word} ${id}${shown === '' ? '' : `: ${shown}`}`;
}

/** Values as they are: a table where there is a terminal, otherwise a line now and then. */
function showValues(
  daemon: Daemon,
  terminal: Terminal,
  area: LiveArea | undefined,
  everyMs: number | undefined,
): Disposable {
  const { node } = daemon;
  const rows = (): ValueRow[] =>
    node.values().map(({ source, channel, value, unit, quality, at, simulated }) => ({
      path: `${source}/${channel}`,
      value,
      unit,
      quality,
      simulated: simulated === true,
      at,
    }));
  const work = area
    ? () => {
        const { width, height, paint } = terminal;
        const states = node.status().filter(({ state }) => state !== 'running');
        const table = valueTable(rows(), { now: node.clock.now(), width, height: height - states.length - 3, paint });
        area.draw([...table, ...states.map((instance) => notRunning(instance, plain).slice(0, width))]);
      }
    : () => terminal.out(compactLine(rows(), node.clock.now()));
  const abort = new AbortController();
  const { signal } = abort;
  const repeat = async () => {
    await daemon.started;
    while (!signal.aborted) {
      await node.clock.sleep(area ? REDRAW : (everyMs ?? COMPACT_MS), { signal, name: 'values on the terminal' });
      work();
    }
  };
  repeat().catch(() => {}); // ends with the signal, or never began because the node could not start
  return { [Symbol.dispose]: () => abort.abort() };
}

function compactLine(rows: readonly ValueRow[], now: number): string {
  const values = [...rows]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .filter(({ path }) => !path.includes('$'))
    .map(({ path, value, unit, quality }) => {
      const mark = quality === 'good' ? '' : ` (${quality})`;
      return `${path} ${formatValue(value)}${unit === '1' ? '' : ` ${symbol(unit)}`}${mark}`;
    });
  return `${new Date(now).toISOString().slice(11, 19)} ${values.join(' · ') || 'no values yet'}`;
}
