import type { Need } from '@hyphae/core';
import { hex } from '@hyphae/core';
import type { I2cSegment } from './i2c-bus.js';

/** One address on a bus: what a driver holds. Never the bus, never something to close. */
export interface I2cDevice {
  /** Such as `i2c-1/0x76`. */
  readonly name: string;
  /** One transaction; the bus is locked for it alone. Errors as of {@link I2cBus.transfer}. */
  transfer(segments: readonly I2cSegment[]): Promise<Uint8Array[]>;
  /** Writes the register number, then reads `length` bytes (default 1) after a repeated start. */
  readRegister(register: number, length?: number): Promise<Uint8Array>;
  /** Writes the register number and the bytes in one transaction. */
  writeRegister(register: number, ...bytes: number[]): Promise<void>;
  /** Writes bytes as they are: a command. */
  write(bytes: Uint8Array): Promise<void>;
  /** Reads bytes without writing first. */
  read(length: number): Promise<Uint8Array>;
  /** Keeps everybody else off the bus until `work` ends. Never for waiting: conversions of other chips stand still meanwhile. */
  exclusively<T>(work: (device: I2cDevice) => Promise<T>): Promise<T>;
}

/**
 * Asks for a device that answers on one of these 7-bit addresses. Which bus is the user's business (`use: i2c-1/0x76`).
 * Transfers of a higher `priority` (default 0) go first on a busy bus: for outputs, say.
 */
export function i2cDevice({
  addresses,
  priority,
}: {
  readonly addresses: readonly number[];
  readonly priority?: number;
}): Need<I2cDevice> {
  const need = { kind: 'i2c', choices: addresses.map(hex) };
  return priority === undefined ? need : { ...need, spec: { priority } };
}
