import { ChecksumError, DeviceNotReadyError, hex } from '@hyphae/core';
import { crc8 } from './crc8.js';

/**
 * Takes the 16-bit words out of an answer in which a checksum follows each (Datasheet SHT3x-DIS §4.4 and §4.12).
 *
 * @param count words the answer has to have
 * @param device named in the errors
 * @throws HYP_CHECKSUM when a word arrived damaged, HYP_DEVICE_NOT_READY when the answer is too short
 */
export function decodeWords(answer: Uint8Array, count: number, device = 'the chip'): readonly number[] {
  if (answer.length < 3 * count) {
    throw new DeviceNotReadyError({ device, why: `it sent ${answer.length} of ${3 * count} bytes` });
  }
  return Array.from({ length: count }, (_, i) => {
    const word = answer.subarray(3 * i, 3 * i + 2);
    const [expected, found] = [crc8(word), answer[3 * i + 2]];
    if (found !== expected) throw new ChecksumError({ device, expected: hex(expected), found: hex(found) });
    return new DataView(word.buffer, word.byteOffset).getUint16(0);
  });
}

/** Temperature in °C of a measured word (§4.13). */
export function celsius(word: number): number {
  return -45 + (175 * word) / 65535;
}

/** Relative humidity in % of a measured word (§4.13). */
export function relativeHumidity(word: number): number {
  return (100 * word) / 65535;
}
