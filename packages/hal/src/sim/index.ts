export { BusFaults } from './bus-faults.js';
export type { Befallen, FaultOptions, I2cFault } from './bus-faults.js';
export { defineChip } from './chip.js';
export type {
  ChipBus,
  ChipDefinition,
  ChipOf,
  SimI2cChip,
  SimOneWireDevice,
  SimSerialDevice,
  Surroundings,
} from './chip.js';
export type { I2cChips } from './i2c-part.js';
export { sensirionCrc } from './crc8.js';
export { CommandChip } from './command-chip.js';
export { definePlant } from './plant.js';
export type { Plant, PlantDefinition } from './plant.js';
export { PlantRunner } from './plant-runner.js';
export type { PlantRunnerOptions } from './plant-runner.js';
export { RegisterChip } from './register-chip.js';
export { Senses } from './senses.js';
export type { Distortion } from './senses.js';
export { SerialFaults } from './serial-faults.js';
export { simBoard } from './sim-board.js';
export type { SimBoard, SimBoardSpec } from './sim-board.js';
export { SimGpioLine } from './sim-gpio-line.js';
export type { LineRequest } from './sim-gpio-line.js';
export { bitsOf, SimI2cBus } from './sim-i2c-bus.js';
export type { SimI2cBusOptions } from './sim-i2c-bus.js';
export { SimProvider, simProvider } from './sim-provider.js';
export type { ChipEntry, FeelsEntry, LineEntry, PlantEntry, PwmEntry, SimOptions } from './sim-options.js';
export type { SimWorld } from './sim-world.js';
export { SimPwmChannel } from './sim-pwm-channel.js';
export type { PwmSignal } from './sim-pwm-channel.js';
