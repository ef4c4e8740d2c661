/**
 * Time, lifetimes, errors, resources, measurements, events, scheduling, and the definitions plugins are made of.
 *
 * @packageDocumentation
 */
export * from './errors/catalogue.js';
export { defineError, hasCode, HyphaeError, isHyphaeError } from './errors/hyphae-error.js';
export type { ErrorClass, ErrorCode, ErrorContext } from './errors/hyphae-error.js';
export { LocalEventBus } from './events/event-bus.js';
export type { EventBus } from './events/event-bus.js';
export { Lifetime } from './lifetime/lifetime.js';
export type { LifetimeNode, LifetimeOptions } from './lifetime/lifetime.js';
export { silentLogger } from './logging/logger.js';
export type { Logger } from './logging/logger.js';
export { hex } from './measurements/hex.js';
export { channelPath, splitPath } from './measurements/measurement.js';
export type { Measurement, RecordKind } from './measurements/measurement.js';
export { qualityCode, qualityFromCode } from './measurements/quality.js';
export type { Quality } from './measurements/quality.js';
export { convert, isUnit, unitInfo, UNITS } from './measurements/unit.js';
export type { Unit, UnitInfo } from './measurements/unit.js';
export type { PluginContext } from './plugins/context.js';
export { defineFunction } from './plugins/function.js';
export type {
  FunctionDefinition,
  InputSpec,
  InputSpecs,
  InputValue,
  OutputSpec,
  OutputSpecs,
  Step,
  StepResult,
} from './plugins/function.js';
export type {
  FromSchema,
  JsonSchema,
  OptionsOf,
  OptionsSchema,
  StandardResult,
  StandardSchema,
} from './plugins/options.js';
export { defineOutput } from './plugins/output.js';
export type { Output, OutputDefinition, OutputMode } from './plugins/output.js';
export { isPlugin, markPlugin, PLUGIN } from './plugins/plugin.js';
export type { AnyPlugin, Plugin, PluginKind, PluginMark } from './plugins/plugin.js';
export { defineProvider } from './plugins/provider.js';
export type { ProviderContext, ProviderDefinition } from './plugins/provider.js';
export { defineSensor } from './plugins/sensor.js';
export type { Channels, Sample, Sensor, SensorDefinition } from './plugins/sensor.js';
export { defineService, service } from './plugins/service.js';
export type { ServiceDefinition } from './plugins/service.js';
export type { Board, HalProvider, OpenContext, Presence, ResourceInfo } from './resources/board.js';
export { optional } from './resources/need.js';
export type { Handles, Need, Needs, NeedsFor } from './resources/need.js';
export { ResourceRegistry } from './resources/registry.js';
export type { Claim, ClaimOptions } from './resources/registry.js';
export { ClockScheduler } from './scheduling/clock-scheduler.js';
export type { ClockSchedulerOptions } from './scheduling/clock-scheduler.js';
export type { Scheduler, SchedulerMetrics, Task, TaskMetrics, TaskOptions, Tick } from './scheduling/scheduler.js';
export { BaseClock } from './time/base-clock.js';
export type { Clock, EpochMs, SleepOptions } from './time/clock.js';
export { formatMs, toMs } from './time/duration.js';
export type { Duration } from './time/duration.js';
export { SeededRandom } from './time/random.js';
export type { Random } from './time/random.js';
export { SystemClock } from './time/system-clock.js';
