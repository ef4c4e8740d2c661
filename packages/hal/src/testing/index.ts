export type { HalFixture } from './fixture.js';
export { gpioConformance } from './gpio-conformance.js';
export type { GpioFixture } from './gpio-conformance.js';
export { i2cConformance } from './i2c-conformance.js';
export type { I2cFixture } from './i2c-conformance.js';
export { serialConformance } from './serial-conformance.js';
export type { SerialFixture } from './serial-conformance.js';
