/**
 * Buses, lines and ports as kinds of resource: contracts and errors.
 *
 * @packageDocumentation
 */
export { DeviceIdentityError, hex } from '@hyphae/core';
export * from './errors.js';
export { gpioInput, gpioOutput } from './gpio/gpio.js';
export type { Edge, GpioInput, GpioOutput, Level, LineSpec } from './gpio/gpio.js';
export type { I2cBus, I2cSegment } from './i2c/i2c-bus.js';
export { i2cDevice } from './i2c/i2c-device.js';
export type { I2cDevice } from './i2c/i2c-device.js';
export { oneWireThermometer } from './onewire/thermometer.js';
export type { OneWireThermometer } from './onewire/thermometer.js';
export { pwmChannel } from './pwm/pwm-channel.js';
export type { PwmChannel } from './pwm/pwm-channel.js';
export { delimited, fixedLength } from './serial/framing.js';
export { serialPort } from './serial/serial-port.js';
export type { Framing, SerialPort, SerialSpec } from './serial/serial-port.js';
