import { ChecksumError, hex } from '@hyphae/core';
import type { Framing } from '@hyphae/hal';

/** Commands of the serial protocol. All but the last two are in the datasheet (MH-Z19B, version 1.0, "Commands"). */
export const COMMANDS = {
  readCo2: 0x86,
  setSelfCalibration: 0x79,
  setRange: 0x99,
  /** Not in the datasheet; answered by MH-Z19B and MH-Z19C: the last data byte is 1 when self-calibration is on. */
  getSelfCalibration: 0x7d,
  /** Not in the datasheet; answered by MH-Z19B and MH-Z19C: data bytes 2 and 3 are the range in ppm. */
  getRange: 0x9b,
} as const;

const START = 0xff;
const SENSOR = 0x01;
/** Length of requests and answers. */
export const FRAME_LENGTH = 9;

/** Checksum over bytes 1 to 7: the two's complement of their sum (datasheet, "Checksum calculation"). */
export function mhz19Checksum(frame: Uint8Array): number {
  let sum = 0;
  for (let i = 1; i < FRAME_LENGTH - 1; i++) sum += frame[i] ?? 0;
  return -sum & 0xff;
}

/** A request with its checksum. `data` are bytes 3 to 7; what is left out is 0. */
export function encodeRequest(command: number, ...data: readonly number[]): Uint8Array {
  const frame = new Uint8Array(FRAME_LENGTH);
  frame.set([START, SENSOR, command, ...data.slice(0, 5)]);
  frame[FRAME_LENGTH - 1] = mhz19Checksum(frame);
  return frame;
}

/**
 * Cuts out the answer to `command`: nine bytes that begin with 0xFF and the command. Whatever comes before is dropped, so one
 * stray byte does not shift every later answer.
 */
export function answerTo(command: number): Framing {
  return (bytes) => {
    let start = 0;
    while (start < bytes.length && !beginsAt(bytes, start, command)) start++;
    if (start > 0) return -start;
    return bytes.length >= FRAME_LENGTH ? FRAME_LENGTH : 0;
  };
}

/** True where an answer begins, or may begin when the next byte comes. */
function beginsAt(bytes: Uint8Array, index: number, command: number): boolean {
  return bytes[index] === START && (index + 1 === bytes.length || bytes[index + 1] === command);
}

/**
 * The six data bytes of an answer, checked.
 *
 * @throws HYP_CHECKSUM
 */
export function decodeAnswer(answer: Uint8Array, device: string): Uint8Array {
  const expected = mhz19Checksum(answer);
  const found = answer[FRAME_LENGTH - 1];
  if (found !== expected) throw new ChecksumError({ device, expected: hex(expected), found: hex(found) });
  return answer.subarray(2, FRAME_LENGTH - 1);
}
