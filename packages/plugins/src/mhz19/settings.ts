import { hasCode } from '@hyphae/core';
import type { SerialPort } from '@hyphae/hal';
import { answerTo, COMMANDS, decodeAnswer, encodeRequest } from './frame.js';

/** How long the sensor may take to answer. It does within 100 ms; 9 bytes at 9600 baud take 10 ms. */
export const ANSWER_TIMEOUT = '1 s';

/** Settings the sensor keeps in its own memory. Absent: left as they are. */
export interface Mhz19Settings {
  readonly selfCalibration?: 'on' | 'off';
  readonly range?: 2000 | 5000 | 10000;
}

/**
 * Writes the settings that were asked for and differ. They are kept in flash memory, which wears, so the present value is
 * asked for first; a sensor that does not answer the question (MH-Z19 before the B) is written to.
 *
 * @throws HYP_SERIAL_CLOSED and other errors of the port, but not HYP_SERIAL_TIMEOUT or HYP_CHECKSUM of the questions
 */
export async function applySettings(
  port: SerialPort,
  { selfCalibration, range }: Mhz19Settings,
  signal: AbortSignal,
): Promise<void> {
  if (selfCalibration !== undefined) {
    const wanted = selfCalibration === 'on';
    const data = await ask(port, COMMANDS.getSelfCalibration, signal);
    if (data === undefined || (data[5] === 1) !== wanted) {
      await port.write(encodeRequest(COMMANDS.setSelfCalibration, wanted ? 0xa0 : 0x00));
    }
  }
  if (range !== undefined) {
    const data = await ask(port, COMMANDS.getRange, signal);
    if (data === undefined || (data[2] ?? 0) * 256 + (data[3] ?? 0) !== range) {
      // The range goes into bytes 6 and 7; in bytes 3 and 4, where version 1.0 of the datasheet has it, it has no effect.
      await port.write(encodeRequest(COMMANDS.setRange, 0, 0, 0, range >> 8, range & 0xff));
    }
  }
}

/** The answer's data, or `undefined` where the sensor does not know the question. */
async function ask(port: SerialPort, command: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
  try {
    const options = { timeout: ANSWER_TIMEOUT, signal } as const;
    return decodeAnswer(await port.exchange(encodeRequest(command), answerTo(command), options), port.name);
  } catch (error) {
    if (hasCode(error, 'HYP_SERIAL_TIMEOUT') || hasCode(error, 'HYP_CHECKSUM')) return undefined;
    throw error;
  }
}
