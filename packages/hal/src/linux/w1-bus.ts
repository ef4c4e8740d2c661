import { dirname } from 'node:path';
import type { Clock } from '@hyphae/core';
import { DeviceGoneError, PermissionError } from '../errors.js';
import { ERRNO, errnoName, errnoOf, whyOf } from './errno.js';
import { readAttribute, targetOf, writeAttribute } from './sysfs.js';

/** Bytes of a thermometer's scratchpad (DS18B20 datasheet, figure 9). */
const SCRATCHPAD = 9;
const POLL = '50 ms';
/** 750 ms at 12 bits, and counterfeit chips that take twice that. */
const CONVERSION_MS = 2000;

/**
 * The nine scratchpad bytes in the text of a `w1_slave` file: `72 01 4b 46 7f ff 0e 10 57 : crc=57 YES`, then a second line
 * with the last reading that was good, which is not looked at (Documentation/w1/slaves/w1_therm.rst).
 *
 * @returns `undefined` when the text is of another form
 */
export function parseW1Slave(text: string): Uint8Array | undefined {
  const match = /^((?:[0-9a-f]{2} ){9}): crc=/i.exec(text);
  return match?.[1] === undefined
    ? undefined
    : Uint8Array.from(match[1].trim().split(' '), (byte) => Number.parseInt(byte, 16));
}

/** True for nine bytes that no chip sends: a line that nobody pulls down, or one that is shorted. */
function isSilence(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0xff) || bytes.every((byte) => byte === 0);
}

/**
 * One 1-Wire bus master of the kernel. Reads take their turn, so that they occupy one thread of the pool at most: a plain read
 * converts first and stays in the kernel for 750 ms. Where the kernel can convert on all chips at once (`therm_bulk_read`,
 * since 5.10) those who ask at the same time share one conversion, waited for outside of the kernel.
 */
export class W1Bus {
  readonly #path: string;
  readonly #clock: Clock;
  #last: Promise<unknown> = Promise.resolve();
  #round: Promise<void> | undefined;
  #bulk: boolean | undefined;

  /** @param path the master's directory, such as `/sys/devices/w1_bus_master1` */
  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /**
   * Converts and reads one thermometer.
   *
   * @throws HYP_DEVICE_GONE, HYP_PERMISSION
   */
  async measure(id: string, directory: string): Promise<Uint8Array> {
    await (this.#round ??= this.#nextRound());
    return this.#inTurn(async () => {
      const path = `${directory}/w1_slave`;
      const text = await this.#clock.io(readAttribute(path)).catch((error: unknown) => {
        throw w1Error(error, id, path);
      });
      const bytes = parseW1Slave(text);
      if (!bytes) throw new DeviceGoneError({ device: id, why: 'the kernel has no reading of it' });
      if (isSilence(bytes))
        throw new DeviceGoneError({ device: id, why: `it does not answer (${SCRATCHPAD} equal bytes)` });
      return bytes;
    });
  }

  /** Waits until the reads before are done, then converts on all chips together. Whoever asks until then takes part. */
  #nextRound(): Promise<void> {
    return this.#inTurn(async () => {
      this.#round = undefined;
      if (this.#bulk === false) return;
      const path = `${this.#path}/therm_bulk_read`;
      try {
        await this.#clock.io(writeAttribute(path, 'trigger\n'));
        this.#bulk = true;
        const until = this.#clock.monotonic() + CONVERSION_MS;
        // -1: converting, 1: done and not yet read, 0: nothing was started
        while (!/^[01]$/.test(await this.#clock.io(readAttribute(path))) && this.#clock.monotonic() < until) {
          await this.#clock.sleep(POLL, { name: '1-Wire conversion' });
        }
      } catch (error) {
        // Each read then converts for itself. An older kernel or one without permission stays so; a bus error passes.
        const errno = errnoOf(error);
        if (errno === ERRNO.ENOENT || errno === ERRNO.EACCES || errno === ERRNO.EPERM) this.#bulk = false;
      }
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined);
    return next;
  }
}

function w1Error(error: unknown, device: string, path: string): Error {
  const errno = errnoOf(error);
  if (errno === ERRNO.EACCES || errno === ERRNO.EPERM)
    return new PermissionError({ path, group: 'gpio' }, { cause: error });
  const why =
    errno === ERRNO.ENOENT || errno === ERRNO.ENODEV
      ? 'the bus master does not find it'
      : errno === 0
        ? whyOf(error)
        : errnoName(errno);
  return new DeviceGoneError({ device, why }, { cause: error });
}

/** The master a device hangs on, by the link in `/sys/bus/w1/devices`. */
export async function masterOf(directory: string): Promise<string> {
  return dirname((await targetOf(directory)) ?? directory);
}
