import type { FunctionDefinition } from '../plugins/function.js';
import type { OutputDefinition } from '../plugins/output.js';
import type { SensorDefinition } from '../plugins/sensor.js';
import type { ServiceDefinition } from '../plugins/service.js';
import type { HalProvider } from '../resources/board.js';
import type { TaskOptions } from '../scheduling/scheduler.js';
import type { Duration } from '../time/duration.js';

/** What every configured instance says. */
interface InstancePlan<D> {
  readonly plugin: D;
  /** Validated against the plugin's schema when the instance starts. */
  readonly options?: unknown;
  /** Address per need, as the user wrote it. */
  readonly use?: Readonly<Record<string, string>>;
}

/** One board. */
export interface BoardPlan {
  readonly provider: HalProvider;
  /** Changes when the board's configuration does; equal keys mean: keep it. */
  readonly key?: string;
}

/** One service. */
export type ServicePlan = InstancePlan<ServiceDefinition>;

/** One sensor. */
export interface SensorPlan extends InstancePlan<SensorDefinition> {
  readonly period?: Duration;
  /** Where on the grid it is read; see {@link TaskOptions.phase}. Default `spread`. */
  readonly phase?: TaskOptions['phase'];
  /** Sampling deadline. Default: the period, at most 30 s. */
  readonly deadline?: Duration;
  /** Plausible values per channel; a reading outside is `suspect`. */
  readonly plausible?: Readonly<Record<string, readonly [min: number, max: number]>>;
}

/** Limits of an output. They hold for every caller and survive a restart. */
export interface OutputLimits {
  /** Longest uninterrupted time away from the safe value. */
  readonly maxOn?: Duration;
  readonly minOn?: Duration;
  readonly minOff?: Duration;
  readonly maxSwitchesPerHour?: number;
}

/** One output. */
export interface OutputPlan extends InstancePlan<OutputDefinition> {
  /** Overrides the plugin's safe value. */
  readonly safe?: number;
  /**
   * What it is set to once started: `last` is the value somebody last wanted of it. Default `safe`. It lasts until somebody
   * takes control, at most for `limits.maxOn`, or an hour.
   */
  readonly startup?: 'safe' | 'last' | number;
  readonly limits?: OutputLimits;
  /** Outputs of one interlock group are never away from safe together. */
  readonly interlock?: string;
}

/** One function. */
export interface FunctionPlan extends Omit<InstancePlan<FunctionDefinition>, 'use'> {
  /** Channel path per input. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Output instance per output. */
  readonly outputs?: Readonly<Record<string, string>>;
  readonly period?: Duration;
}

/** A whole node, as the kernel runs it. Names are unique across kinds. */
export interface NodePlan {
  readonly boards: Readonly<Record<string, BoardPlan>>;
  readonly services?: Readonly<Record<string, ServicePlan>>;
  readonly sensors?: Readonly<Record<string, SensorPlan>>;
  readonly outputs?: Readonly<Record<string, OutputPlan>>;
  readonly functions?: Readonly<Record<string, FunctionPlan>>;
}
