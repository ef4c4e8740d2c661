import type { Unit } from '../measurements/unit.js';
import type { Handles, Needs, NeedsFor } from '../resources/need.js';
import type { PluginContext } from './context.js';
import type { OptionsOf, OptionsSchema } from './options.js';
import { markPlugin, type Plugin } from './plugin.js';

/** What an output can be told. `switch`: 0 or 1. `level`: 0 to 1, or a range in a unit. `value`: any number of the unit. */
export type OutputMode = 'switch' | 'level' | 'value';

/** A started output. */
export interface Output {
  /**
   * Moves the device to `value` and returns the value it reached as far as it can tell: read back where the hardware can. Another
   * one than told is a fault; for a level, a difference of up to 0.25 % of the range is rounding. Never called twice at a
   * time, unless a call goes on a second after its signal was aborted (its deadline is 5 s): then `safe` may be asked for beside it.
   */
  apply(value: number, context: { readonly signal: AbortSignal }): Promise<number> | number;
  /** Reads the state back where the hardware can. */
  read?(): Promise<number> | number;
  stop?(): Promise<void> | void;
}

/** What a plugin author writes to drive a device. The host does ownership, limits, safe state, accounting and commands. */
export interface OutputDefinition<N extends Needs = Needs, S extends OptionsSchema = OptionsSchema> {
  readonly id: string;
  readonly description?: string;
  readonly mode: OutputMode;
  /** Unit of the value. Default `1`. */
  readonly unit?: Unit;
  /** Smallest and largest value. Default 0 and 1. */
  readonly range?: readonly [min: number, max: number];
  /** The value applied at start, at stop, and whenever whoever controls the output stops answering. */
  readonly safe: number;
  /** What it needs, possibly depending on the options. */
  readonly needs: N | NeedsFor<OptionsOf<S>, N>;
  readonly options?: S;
  start(handles: Handles<N>, context: PluginContext<OptionsOf<S>>): Promise<Output> | Output;
}

/** Defines an output plugin. */
export function defineOutput<const N extends Needs, const S extends OptionsSchema = Record<string, never>>(
  definition: OutputDefinition<N, S>,
): Plugin<'output', OutputDefinition<N, S>> {
  return markPlugin('output', definition);
}
