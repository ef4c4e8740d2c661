import { hex } from '@hyphae/core';
import { I2cArgumentError } from '../errors.js';
import type { I2cSegment } from './i2c-bus.js';

/** The longest message and the most segments that Linux accepts (drivers/i2c/i2c-dev.c, I2C_RDWR_IOCTL_MAX_MSGS). */
const MAX_LENGTH = 8192;
const MAX_SEGMENTS = 42;

/**
 * Writes an address the one way it is written everywhere: `0x76`.
 *
 * @param text hexadecimal with `0x` in either case, or decimal
 * @returns `undefined` when the text is no number at all
 */
export function parseI2cAddress(text: string): number | undefined {
  return /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : undefined;
}

/**
 * Refuses what is no address of a device: 0x00 to 0x02 and 0x78 to 0x7f are reserved (UM10204 §3.1.12), 10 bits are not spoken.
 *
 * @throws HYP_I2C_ARGUMENT
 */
export function checkI2cAddress(bus: string, address: number): void {
  if (Number.isInteger(address) && address >= 0x03 && address <= 0x77) return;
  const range = '7-bit addresses of devices go from 0x03 to 0x77';
  const why = !Number.isInteger(address)
    ? 'an address is a whole number'
    : address > 0xff
      ? `${range}; 10-bit ones are not supported`
      : address > 0x7f
        ? `${range}; an 8-bit ${hex(address)} is written ${hex(address >> 1)}, and 10-bit ones are not supported`
        : `${range}; the others are reserved`;
  throw new I2cArgumentError({ device: `${bus}/${address < 0 ? address : hex(address)}`, why });
}

/** Says what is wrong with the segments of a transaction; `undefined` when nothing is. */
export function segmentsProblem(segments: readonly I2cSegment[]): string | undefined {
  if (segments.length === 0) return 'a transaction has at least one segment';
  if (segments.length > MAX_SEGMENTS) return `a transaction has at most ${MAX_SEGMENTS} segments`;
  for (const segment of segments) {
    if ('read' in segment) {
      const { read } = segment;
      if (!Number.isInteger(read) || read < 1 || read > MAX_LENGTH) return `cannot read ${read} bytes`;
      continue;
    }
    const { length } = segment.write;
    if (length > MAX_LENGTH) return `cannot write ${length} bytes`;
    // An empty write asks who is there; inside a longer transaction it is a mistake.
    if (length === 0 && segments.length > 1) return 'a write inside a transaction has at least one byte';
  }
  return undefined;
}

/** Says which of these is no byte; `undefined` when all are. */
export function bytesProblem(bytes: readonly number[]): string | undefined {
  for (const byte of bytes) {
    if (!Number.isInteger(byte) || byte < 0 || byte > 0xff) return `${byte} is not a byte`;
  }
  return undefined;
}
