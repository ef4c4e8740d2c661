import { stat } from 'node:fs/promises';
import type { HyphaeError } from '@hyphae/core';
import { DeviceGoneError, PermissionError, SerialClosedError } from '../errors.js';
import { whyOf } from './errno.js';

/**
 * Translates a failed opening of a port. serialport's errors carry no code, so the file is asked first and the text, which comes
 * from strerror in the C locale, second.
 */
export async function serialOpenError(error: unknown, port: string): Promise<HyphaeError> {
  const why = whyOf(error);
  const options = { cause: error };
  const there = await stat(port).then(
    () => true,
    () => false,
  );
  if (!there) return new DeviceGoneError({ device: port, why: 'there is no such file' }, options);
  if (/permission denied|not permitted/i.test(why))
    return new PermissionError({ path: port, group: 'dialout' }, options);
  if (/no such device|no such file/i.test(why)) return new DeviceGoneError({ device: port, why }, options);
  if (/cannot lock|temporarily unavailable|busy/i.test(why)) {
    return new SerialClosedError({ port, why: 'another program has it open' }, options);
  }
  if (/inappropriate ioctl|not a typewriter/i.test(why)) {
    return new SerialClosedError({ port, why: 'this file is no serial port' }, options);
  }
  return new SerialClosedError({ port, why }, options);
}
