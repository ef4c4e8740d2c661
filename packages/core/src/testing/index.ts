/**
 * Virtual time, the bench, and the conformance suites for plugin authors.
 *
 * @packageDocumentation
 */
export { bench } from './bench.js';
export type { BenchOptions, OutputRig, Rig, SensorRig } from './bench.js';
export { LeakError, StopFailedError } from './errors.js';
export { outputConformance } from './output-conformance.js';
export type { OutputCase, OutputWorld } from './output-conformance.js';
export { sensorConformance } from './sensor-conformance.js';
export type { SensorCase, SensorWorld } from './sensor-conformance.js';
export { storeConformance } from './store-conformance.js';
export type { Assertions, TestFunction } from './test-function.js';
export { VirtualClock } from './virtual-clock.js';
export type { AdvanceOptions, AwaitedIo, VirtualClockOptions } from './virtual-clock.js';
