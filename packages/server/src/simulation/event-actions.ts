import { type Random, toMs } from '@hyphae/core';
import type { Node, NodePlan } from '@hyphae/core/kernel';
import type { VirtualClock } from '@hyphae/core/testing';
import type { Distortion, SimProvider } from '@hyphae/hal/sim';
import { suggest } from '../config/suggest.js';
import type { TimedEvent } from './event-times.js';
import type { ScenarioEvent } from './scenario-schema.js';
import { signedMs } from './signed-duration.js';

/** What a scenario acts on. */
export interface Stage {
  readonly node: Node;
  readonly plan: NodePlan;
  readonly clock: VirtualClock;
  /** What happens by chance in events is drawn from it. */
  readonly random: Random;
  /** Told of an action that failed after its call. */
  readonly failed: (event: TimedEvent, error: unknown) => void;
}

/** Begins an event; what it returns ends it. */
export type Begin = () => (() => void) | undefined;

/** How many bits of a hundred thousand flip where a scenario does not say. */
const BIT_ERROR_RATE = 1e-5;
/** The owner of what scenarios command, as clients have it. */
const OWNER = 'client scenario';

/**
 * Finds what an event acts on, and says how it begins. Nothing happens yet.
 *
 * @returns the action, or what is wrong: key and message
 */
export function prepare(event: TimedEvent, stage: Stage): Begin | { readonly key: string; readonly message: string } {
  const { what } = event;
  try {
    if ('command' in what) return command(event, what.command, stage);
    if ('clock' in what) {
      const step = signedMs(what.clock.step);
      return () => void stage.clock.setWallClock(stage.clock.now() + step);
    }
    const provider = boardOf(what, stage.plan);
    if ('unplug' in what) {
      const missing = absent(what.unplug, provider.board.devices);
      if (missing !== undefined) return { key: 'unplug', message: missing };
      return () => dispose(provider.board.unplug(what.unplug));
    }
    if ('bus' in what) return bus(what.bus, provider);
    if ('serial' in what) {
      const { port, fault, rate = 1 } = what.serial;
      const missing = absent(port, provider.board.devices);
      if (missing !== undefined) return { key: 'serial', message: missing };
      const faults = provider.board.serialFaults(port);
      if (fault === 'silence') return () => (faults.silence(), () => faults.silence(false));
      const set = (part: number) => (fault === 'wrongBytes' ? faults.byteErrors(part) : faults.lostBytes(part));
      return () => (set(rate), () => set(0));
    }
    if ('line' in what) {
      const line = provider.board.line(what.line.name);
      const { stuck } = what.line;
      return () => (line.stick(stuck), () => line.stick(undefined));
    }
    if ('sense' in what) return sense(event, what.sense, provider, stage);
    const { actuator, value } = what.drive;
    const { plant } = provider;
    if (!plant) return { key: 'drive', message: 'the board has no plant' };
    plant.drive(actuator, 0); // it is there, or this throws
    return () => (plant.drive(actuator, value), () => plant.drive(actuator, 0));
  } catch (error) {
    return { key: keyOf(what), message: error instanceof Error ? error.message : String(error) };
  }
}

function command(
  event: TimedEvent,
  { output, value }: { readonly output: string; readonly value: number | 'on' | 'off' },
  { node, plan, failed }: Stage,
) {
  const known = Object.keys(plan.outputs ?? {});
  if (!known.includes(output)) return { key: 'command', message: `no output ${output}; ${suggest(output, known)}` };
  const number = value === 'on' ? 1 : value === 'off' ? 0 : value;
  return () => {
    const lease = event.forMs === Infinity ? {} : { leaseMs: event.forMs };
    const request = { value: number, owner: OWNER, override: true, ...lease };
    node.outputs.set(output, request).catch((error: unknown) => failed(event, error));
    return undefined; // its lease ends by itself
  };
}

function bus(
  { name, fault, rate }: { readonly name: string; readonly fault: string; readonly rate?: number },
  { board }: SimProvider,
): Begin | { readonly key: string; readonly message: string } {
  if (!board.bus(name)) return { key: 'bus', message: `the board has no bus ${name}` };
  const faults = board.busFaults(name);
  if (fault === 'stuck') return () => (faults.stickSda(Infinity), () => faults.release());
  if (fault === 'bitErrors') return () => (faults.bitErrors(rate ?? BIT_ERROR_RATE), () => faults.bitErrors(0));
  // The schema leaves these.
  const each = fault as 'nack' | 'arbitration' | 'bus' | 'busy' | 'timeout';
  return () => dispose(faults.rate(each, rate ?? 1, { hang: toMs('100 ms') }));
}

function absent(device: string, devices: readonly string[]): string | undefined {
  return devices.includes(device) ? undefined : `no ${device} on the board; ${suggest(device, devices)}`;
}

type SenseFault = Extract<ScenarioEvent, { readonly sense: unknown }>['sense'];

function sense(
  { name }: TimedEvent,
  { of, quantity, fault, by, perHour, rate }: SenseFault,
  { senses }: SimProvider,
  { clock, random }: Stage,
): Begin | { readonly key: string; readonly message: string } {
  const wrong = (message: string) => ({ key: 'sense', message });
  const missing = absent(of, [...senses.quantities.keys()]);
  if (missing !== undefined) return wrong(missing);
  const known = senses.quantities.get(of) ?? [];
  if (!known.includes(quantity)) return wrong(`${of} does not feel ${quantity}; ${suggest(quantity, known)}`);
  const apply = (make: () => Distortion) => () => dispose(senses.distort(of, quantity, make()));
  if (fault === 'frozen') {
    return apply(() => {
      let held: number | undefined;
      return (value) => (held ??= value);
    });
  }
  if (fault === 'drift') {
    if (perHour === undefined) return wrong('a drift needs `perHour`');
    return apply(() => {
      const since = clock.monotonic();
      return (value) => value + (perHour * (clock.monotonic() - since)) / MS_PER_HOUR;
    });
  }
  if (by === undefined) return wrong(`${fault === 'offset' ? 'an offset needs' : 'spikes need'} \`by\``);
  if (fault === 'offset') return apply(() => (value) => value + by);
  if (rate === undefined) return wrong('spikes need `rate`');
  const draw = random.fork(`spikes ${name}`);
  return apply(() => (value) => (draw.next() < rate ? value + by : value));
}

const MS_PER_HOUR = 3_600_000;

const dispose = (fault: Disposable) => () => fault[Symbol.dispose]();

function keyOf(what: ScenarioEvent): string {
  return ['command', 'unplug', 'bus', 'serial', 'line', 'drive', 'sense', 'clock'].find((key) => key in what) ?? 'at';
}

/** The simulated board an event means. */
function boardOf({ board }: { readonly board?: string }, plan: NodePlan): SimProvider {
  const simulated = Object.entries(plan.boards).flatMap(
    ([name, { provider }]) => (provider.name === 'sim' ? [[name, provider as SimProvider] as const] : []), // whichever copy of the package it is from
  );
  const names = simulated.map(([name]) => name);
  if (board !== undefined) {
    const found = simulated.find(([name]) => name === board);
    if (!found) throw new Error(`no simulated board ${board}; ${suggest(board, names)}`);
    return found[1];
  }
  const [first, ...others] = simulated;
  if (!first) throw new Error('the configuration has no simulated board');
  if (others.length > 0) throw new Error(`say which board is meant with \`board\`: ${names.join(', ')}`);
  return first[1];
}
