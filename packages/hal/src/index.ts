/**
 * Buses, lines and ports as kinds of resource: contracts and errors.
 *
 * @packageDocumentation
 */
export { DeviceIdentityError, hex } from '@hyphae/core';
export * from './errors.js';
export { EdgeQueue } from './gpio/edge-queue.js';
export type { EdgeQueueOptions } from './gpio/edge-queue.js';
export { gpioInput, gpioOutput } from './gpio/gpio.js';
export type { Edge, GpioInput, GpioOutput, Level, LineSpec } from './gpio/gpio.js';
export { checkI2cAddress, parseI2cAddress } from './i2c/arguments.js';
export type { I2cBus, I2cSegment } from './i2c/i2c-bus.js';
export { i2cDevice } from './i2c/i2c-device.js';
export type { I2cDevice } from './i2c/i2c-device.js';
export { SharedI2cBus } from './i2c/shared-i2c-bus.js';
export type { I2cBusStats, I2cDeviceOptions, SharedI2cBusOptions } from './i2c/shared-i2c-bus.js';
export { oneWireThermometer } from './onewire/thermometer.js';
export type { OneWireThermometer } from './onewire/thermometer.js';
export { checkPwm } from './pwm/check-pwm.js';
export { pwmChannel } from './pwm/pwm-channel.js';
export type { PwmChannel } from './pwm/pwm-channel.js';
export type { ByteTransport } from './serial/byte-transport.js';
export { FramedPort } from './serial/framed-port.js';
export type { FramedPortOptions } from './serial/framed-port.js';
export { delimited, fixedLength, marked } from './serial/framing.js';
export { serialPort } from './serial/serial-port.js';
export type { Framing, SerialPort, SerialSpec } from './serial/serial-port.js';
