import type { Unit } from '../measurements/unit.js';
import type { EpochMs } from '../time/clock.js';
import type { Duration } from '../time/duration.js';
import type { Channels } from './sensor.js';
import type { OptionsOf, OptionsSchema } from './options.js';
import type { OutputMode } from './output.js';
import { markPlugin, type Plugin } from './plugin.js';

/** An input of a function. */
export interface InputSpec {
  /** The unit it wants; the host converts from the channel's unit. */
  readonly unit: Unit;
  /** Readings older than this are refused. Default: three periods of the source. */
  readonly maxAge?: Duration;
}

/** An output a function moves. */
export interface OutputSpec {
  readonly mode: OutputMode;
  readonly optional?: boolean;
}

/** Inputs by name. */
export type InputSpecs = Readonly<Record<string, InputSpec>>;
/** Outputs by name. */
export type OutputSpecs = Readonly<Record<string, OutputSpec>>;

/** A good reading, in the unit the input asked for. */
export interface InputValue {
  readonly value: number;
  readonly at: EpochMs;
}

/** What one step sees. */
export interface Step<I extends InputSpecs, Options = unknown> {
  readonly inputs: { readonly [K in keyof I]: InputValue };
  readonly options: Options;
  readonly at: EpochMs;
  /** Milliseconds since the previous step, from the monotonic clock; 0 at the first step. */
  readonly elapsedMs: number;
}

/** What one step decides. */
export interface StepResult<O extends OutputSpecs, C extends Channels, State> {
  readonly state: State;
  /** Wishes. An output left out keeps its last wish. */
  readonly outputs?: { readonly [K in keyof O]?: number };
  /** Readings derived from the inputs, stored and streamed like a sensor's. */
  readonly values?: { readonly [K in keyof C]?: number | null };
}

/**
 * A controller or a calculation: a pure step from state and inputs to state, wishes and values. The host reads the inputs,
 * refuses old or bad ones, and answers their loss as declared.
 */
export interface FunctionDefinition<
  I extends InputSpecs = InputSpecs,
  O extends OutputSpecs = OutputSpecs,
  C extends Channels = Channels,
  State = unknown,
  S extends OptionsSchema = OptionsSchema,
> {
  readonly id: string;
  readonly description?: string;
  readonly inputs: I;
  readonly outputs?: O;
  readonly channels?: C;
  readonly options?: S;
  /** When it steps: at each new reading of an input (the default), or on a grid. */
  readonly period?: Duration;
  /** What happens to the outputs while an input is missing: safe at once (the default), or held for a while and safe then. */
  readonly onLoss?: 'safe' | { readonly hold: Duration };
  /** The memory before the first step. Plain data, so that it can be saved and shown. */
  readonly initial: State;
  step(state: State, step: Step<I, OptionsOf<S>>): StepResult<O, C, State>;
}

/** Defines a function plugin. */
export function defineFunction<
  const I extends InputSpecs,
  State,
  const O extends OutputSpecs = Record<never, never>,
  const C extends Channels = Record<never, never>,
  const S extends OptionsSchema = Record<string, never>,
>(definition: FunctionDefinition<I, O, C, State, S>): Plugin<'function', FunctionDefinition<I, O, C, State, S>> {
  return markPlugin('function', definition);
}
