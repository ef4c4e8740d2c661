import type { Unit } from '../measurements/unit.js';
import type { Handles, Needs, NeedsFor } from '../resources/need.js';
import type { Tick } from '../scheduling/scheduler.js';
import type { Duration } from '../time/duration.js';
import type { PluginContext } from './context.js';
import type { OptionsOf, OptionsSchema } from './options.js';
import { markPlugin, type Plugin } from './plugin.js';

/** Channels of a sensor: name and UCUM unit. */
export type Channels = Readonly<Record<string, Unit>>;

/**
 * One reading of every channel. `null`: the device could not measure it this time; it becomes a `bad` reading. `undefined`: this
 * instance does not have the channel (an input that is not connected), and nothing is published. A device without any result
 * throws instead.
 */
export type Sample<C extends Channels> = { readonly [K in keyof C]: number | null | undefined };

/** A started sensor. */
export interface Sensor<C extends Channels> {
  /** Takes one reading of every channel. The host calls it once per period, never twice at a time. */
  sample(tick: Tick): Promise<Sample<C>> | Sample<C>;
  /** Leaves the device as it should be left. Called once, while the handles still work. */
  stop?(): Promise<void> | void;
}

/** What a plugin author writes to read a device. The host does period, retry, back-off, time-out, logging and storage. */
export interface SensorDefinition<
  C extends Channels = Channels,
  N extends Needs = Needs,
  S extends OptionsSchema = OptionsSchema,
> {
  /** Lower case letters, digits and hyphens; unique in its package. */
  readonly id: string;
  /** One line for listings. */
  readonly description?: string;
  readonly channels: C;
  /** What it needs, possibly depending on the options. */
  readonly needs: N | NeedsFor<OptionsOf<S>, N>;
  readonly options?: S;
  /** How often the device can usefully be read when the user does not say. Default `10 s`. */
  readonly period?: Duration;
  /** Finds and prepares the device. Called once per start, and again after a failure. */
  start(handles: Handles<N>, context: PluginContext<OptionsOf<S>>): Promise<Sensor<C>> | Sensor<C>;
}

/** Defines a sensor plugin. The result is a frozen, marked value; nothing is registered anywhere. */
export function defineSensor<
  const C extends Channels,
  const N extends Needs,
  const S extends OptionsSchema = Record<string, never>,
>(definition: SensorDefinition<C, N, S>): Plugin<'sensor', SensorDefinition<C, N, S>> {
  return markPlugin('sensor', definition);
}
