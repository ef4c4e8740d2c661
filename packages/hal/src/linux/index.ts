/**
 * This machine's own buses, lines and ports. Native modules are optional and loaded when first needed.
 *
 * @packageDocumentation
 */
export type { GpioInterface } from './linux-board.js';
export { LinuxI2cBus, listI2cAdapters } from './linux-i2c-bus.js';
export type { I2cAdapter } from './linux-i2c-bus.js';
export { linuxBoard, linuxProvider } from './linux-provider.js';
export type { LinuxBoardOptions } from './linux-provider.js';
export type { Importer } from './native.js';
