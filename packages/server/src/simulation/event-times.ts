import { toMs } from '@hyphae/core';
import { signedMs } from './signed-duration.js';
import type { ScenarioEvent } from './scenario-schema.js';

/** An event with its times in ms from the start of the run. */
export interface TimedEvent {
  /** Its place in the list of the file. */
  readonly index: number;
  readonly what: ScenarioEvent;
  readonly name: string;
  readonly atMs: number;
  /** `Infinity`: to the end. */
  readonly forMs: number;
  readonly everyMs: number | undefined;
}

/** Works out times and a name. The event has passed its schema. */
export function timed(what: ScenarioEvent, index: number): TimedEvent {
  const { at, name = describe(what) } = what;
  const [lasts, every] = 'clock' in what ? [undefined, undefined] : [what.for, what.every];
  return {
    index,
    what,
    name,
    atMs: toMs(at),
    forMs: lasts === undefined ? Infinity : toMs(lasts),
    everyMs: every === undefined ? undefined : toMs(every),
  };
}

/** What is wrong with the times of events: by place in the list, key and message. */
export function timeProblems(events: readonly TimedEvent[], runMs: number) {
  const problems: { readonly index: number; readonly key: string; readonly message: string }[] = [];
  const say = (index: number, key: string, message: string) => void problems.push({ index, key, message });
  for (const { index, what, atMs, forMs, everyMs } of events) {
    if (atMs >= runMs) say(index, 'at', `the run is over by then; let it begin before its end, or simulate longer`);
    if (forMs === 0) say(index, 'for', 'it would be over at once; leave `for` out, or give it a length');
    if (everyMs === 0) say(index, 'every', 'it would come back without end; give it a length');
    else if (everyMs !== undefined && forMs === Infinity && !('command' in what))
      say(index, 'every', 'what never ends cannot come again; say how long it lasts with `for`');
    else if (everyMs !== undefined && forMs !== Infinity && everyMs <= forMs)
      say(index, 'every', 'it would come again before it is over; make `every` longer than `for`');
    if ('clock' in what && signedMs(what.clock.step) === 0) say(index, 'clock', 'a step of nothing changes nothing');
  }
  // Two things cannot befall one part at once: which of them would it be?
  for (const [i, a] of events.entries()) {
    for (const b of events.slice(i + 1)) {
      const target = targetOf(a.what);
      if (target === undefined || target !== targetOf(b.what) || !overlap(a, b, runMs)) continue;
      say(b.index, 'at', `it contradicts events[${a.index}] (${a.name}), which concerns the same at the same time`);
    }
  }
  return problems;
}

/** Whether two events, each of which may repeat, are ever under way together. */
function overlap(a: TimedEvent, b: TimedEvent, runMs: number): boolean {
  const starts = ({ atMs, everyMs }: TimedEvent): number[] => {
    if (everyMs === undefined || everyMs <= 0) return [atMs];
    const count = Math.min(MOST_COMPARED, Math.ceil((runMs - atMs) / everyMs));
    return Array.from({ length: Math.max(1, count) }, (_, i) => atMs + i * everyMs);
  };
  const [first, second] = [starts(a), starts(b)];
  let j = 0;
  for (const start of first) {
    while (j < second.length && second[j]! + b.forMs <= start) j++; // j is in range
    if (j < second.length && second[j]! < start + a.forMs) return true;
  }
  return false;
}

const MOST_COMPARED = 10_000;

function targetOf(what: ScenarioEvent): string | undefined {
  if ('clock' in what || 'command' in what) return undefined; // later ones simply follow
  const board = what.board ?? '';
  if ('unplug' in what) return `${board} part ${what.unplug}`;
  if ('bus' in what) return `${board} bus ${what.bus.name} ${what.bus.fault}`;
  if ('serial' in what) return `${board} serial ${what.serial.port} ${what.serial.fault}`;
  if ('line' in what) return `${board} line ${what.line.name}`;
  if ('sense' in what) return `${board} sense ${what.sense.of} ${what.sense.quantity} ${what.sense.fault}`;
  return `${board} actuator ${what.drive.actuator}`;
}

function describe(what: ScenarioEvent): string {
  if ('command' in what) return `set ${what.command.output} to ${what.command.value}`;
  if ('unplug' in what) return `unplug ${what.unplug}`;
  if ('bus' in what) return `${what.bus.fault} on ${what.bus.name}`;
  if ('serial' in what) return `${what.serial.fault} on ${what.serial.port}`;
  if ('line' in what) return `${what.line.name} stuck at ${what.line.stuck}`;
  if ('drive' in what) return `drive ${what.drive.actuator} to ${what.drive.value}`;
  if ('sense' in what) return `${what.sense.quantity} of ${what.sense.of} ${what.sense.fault}`;
  return `clock ${what.clock.step}`;
}
