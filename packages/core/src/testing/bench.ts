import type { HyphaeError } from '../errors/hyphae-error.js';
import { createNode } from '../kernel/create-node.js';
import type { InstanceStatus, Node, OutputStatus } from '../kernel/node.js';
import type { NodePlan, OutputPlan, SensorPlan } from '../kernel/node-plan.js';
import type { Logger } from '../logging/logger.js';
import type { Measurement } from '../measurements/measurement.js';
import { channelPath } from '../measurements/measurement.js';
import type { OutputDefinition } from '../plugins/output.js';
import { PLUGIN, type Plugin } from '../plugins/plugin.js';
import type { Channels, SensorDefinition } from '../plugins/sensor.js';
import type { HalProvider } from '../resources/board.js';
import type { Duration } from '../time/duration.js';
import { SeededRandom } from '../time/random.js';
import { toMs } from '../time/duration.js';
import { StopFailedError, LeakError } from './errors.js';
import { VirtualClock } from './virtual-clock.js';

/** How the bench is set up. Everything but the clock and the hardware is the real kernel. */
export interface BenchOptions {
  readonly board?: HalProvider;
  readonly period?: Duration;
  readonly deadline?: Duration;
  readonly options?: unknown;
  readonly use?: Readonly<Record<string, string>>;
  readonly plausible?: SensorPlan['plausible'];
  readonly limits?: OutputPlan['limits'];
  readonly seed?: number;
  readonly log?: Logger;
  readonly clock?: VirtualClock;
}

/** The instance's name on the bench. */
const NAME = 'bench';

/** What all benches share. */
export interface Rig extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly node: Node;
  readonly status: InstanceStatus;
  /** Why it does not work at present, or could not start. `undefined`: it works. */
  readonly fault: (Pick<HyphaeError, 'message'> & { readonly code: string }) | undefined;
  /** Lets time pass, and everything it causes happen. */
  advance(by: Duration): Promise<void>;
}

/** One sensor on the bench. */
export interface SensorRig<C extends Channels> extends Rig {
  /** Lets this many sampling periods pass and the last run finish. Returns the readings taken meanwhile, a record for each sample. */
  periods(count: number): Promise<Readonly<Record<keyof C & string, number | null>>[]>;
  /** The last reading of each channel, rounded for comparison. */
  latest(digits?: number): Record<string, number | null>;
  /** Everything published so far. */
  readonly readings: readonly Measurement[];
}

/** One output on the bench. */
export interface OutputRig extends Rig {
  /** Commands it as a client would, and returns what it reached. */
  set(value: number, options?: { readonly leaseMs?: number }): Promise<OutputStatus>;
  readonly output: OutputStatus;
}

/** Runs the real kernel with one sensor or output, on a virtual clock. Disposing it fails if a timer or a claim is left. */
export function bench<C extends Channels>(
  plugin: Plugin<'sensor', SensorDefinition<C>>,
  options?: BenchOptions,
): Promise<SensorRig<C>>;
export function bench(plugin: Plugin<'output', OutputDefinition>, options?: BenchOptions): Promise<OutputRig>;
export async function bench(
  plugin: Plugin<'sensor', SensorDefinition> | Plugin<'output', OutputDefinition>,
  options: BenchOptions = {},
): Promise<SensorRig<Channels> | OutputRig> {
  const { clock = new VirtualClock(), seed = 0, log } = options;
  const node = createNode({ clock, random: new SeededRandom(seed), ...(log && { log }) });
  const readings: Measurement[] = [];
  node.events.subscribe('measurement', (reading) => {
    if ((reading.kind ?? 'm') === 'm') readings.push(reading);
  });
  await clock.run(node.start(planOf(plugin, options)));

  const rig: Rig = {
    clock,
    node,
    get status() {
      const status = node.status().find(({ id }) => id === NAME);
      if (!status) throw new TypeError('the bench has ended');
      return status;
    },
    get fault() {
      return this.status.error;
    },
    advance: (by) => clock.advance(by),
    async [Symbol.asyncDispose]() {
      try {
        await clock.run(node[Symbol.asyncDispose]());
      } catch (error) {
        throw new StopFailedError({ plugin: plugin.id, why: String((error as AggregateError).errors ?? error) });
      }
      const left = [...clock.waiting.map((name) => `timer ${name}`), ...node.resources.held.keys()];
      if (left.length > 0) throw new LeakError({ plugin: plugin.id, left });
    },
  };
  return isOutput(plugin) ? outputRig(rig) : sensorRig(rig, plugin, options, readings);
}

function isOutput(
  plugin: Plugin<'sensor', SensorDefinition> | Plugin<'output', OutputDefinition>,
): plugin is Plugin<'output', OutputDefinition> {
  return plugin[PLUGIN].kind === 'output';
}

function planOf(
  plugin: Plugin<'sensor', SensorDefinition> | Plugin<'output', OutputDefinition>,
  { board, options, use, period, deadline, plausible, limits }: BenchOptions,
): NodePlan {
  const boards: NodePlan['boards'] = board ? { board: { provider: board } } : {};
  const common = { ...(options !== undefined && { options }), ...(use && { use }) };
  if (isOutput(plugin)) return { boards, outputs: { [NAME]: { plugin, ...common, ...(limits && { limits }) } } };
  const times = { ...(period !== undefined && { period }), ...(deadline !== undefined && { deadline }) };
  return {
    boards,
    sensors: { [NAME]: { plugin, phase: 'aligned', ...common, ...times, ...(plausible && { plausible }) } },
  };
}

function sensorRig(
  rig: Rig,
  plugin: SensorDefinition,
  { period = plugin.period ?? '10 s' }: BenchOptions,
  readings: readonly Measurement[],
): SensorRig<Channels> {
  return inherit<Omit<SensorRig<Channels>, keyof Rig>>(rig, {
    readings,
    async periods(count: number) {
      const from = readings.length;
      for (let done = 0; done < count; done++) await rig.clock.advance(period);
      // The last run may still convert or retry; the next one is a whole period away.
      await rig.clock.advance(Math.min(toMs(period) / 2, 5_000));
      return samples(readings.slice(from));
    },
    latest(digits = 1) {
      const latest: Record<string, number | null> = {};
      for (const channel of Object.keys(plugin.channels)) {
        const value = rig.node.latest(channelPath(NAME, channel))?.value;
        if (value !== undefined) latest[channel] = value === null ? null : Number(value.toFixed(digits));
      }
      return latest;
    },
  });
}

/** Groups readings by the sample they came from: one sample has one time and no channel twice. */
function samples(readings: readonly Measurement[]): Record<string, number | null>[] {
  const found: { at: number; sample: Record<string, number | null> }[] = [];
  for (const { channel, value, at } of readings) {
    const last = found.at(-1);
    if (last?.at === at && !Object.hasOwn(last.sample, channel)) last.sample[channel] = value;
    else found.push({ at, sample: { [channel]: value } });
  }
  return found.map(({ sample }) => sample);
}

function outputRig(rig: Rig): OutputRig {
  return inherit<Omit<OutputRig, keyof Rig>>(rig, {
    get output() {
      return rig.node.outputs.get(NAME);
    },
    set: (value: number, options: { readonly leaseMs?: number } = {}) =>
      rig.clock.run(rig.node.outputs.set(NAME, { value, owner: 'client bench', ...options })),
  });
}

/** Adds members to a rig whose own members are getters, which a spread would read once and freeze. */
function inherit<T extends object>(rig: Rig, members: T & ThisType<Rig & T>): Rig & T {
  return Object.setPrototypeOf(members, rig) as Rig & T; // the prototype carries exactly a Rig
}
