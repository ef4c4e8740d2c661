import type { Clock } from '@hyphae/core';
import { DisposedError, hex } from '@hyphae/core';
import {
  I2cArbitrationError,
  I2cBusError,
  I2cBusyError,
  I2cNoAckError,
  I2cStuckError,
  I2cTimeoutError,
} from '../errors.js';
import type { I2cBus, I2cSegment } from '../i2c/i2c-bus.js';
import type { Befallen, BusFaults } from './bus-faults.js';
import type { SimI2cChip } from './chip.js';

/** What a {@link SimI2cBus} is made of. */
export interface SimI2cBusOptions {
  readonly clock: Clock;
  readonly chips: ReadonlyMap<number, SimI2cChip>;
  readonly faults: BusFaults;
  /** Clock rate of the wires; transfers take their bits' time. `undefined`: they take none. */
  readonly speedHz?: number | undefined;
}

/**
 * The clock periods a transaction takes: per segment a start, the address with its acknowledge, and nine for each byte; one stop
 * at the end (UM10204 §3.1.10).
 */
export function bitsOf(segments: readonly I2cSegment[]): number {
  let bits = 1;
  for (const segment of segments) bits += 10 + 9 * ('read' in segment ? segment.read : segment.write.length);
  return bits;
}

/** A raw bus with simulated chips on it. It does not queue: `SharedI2cBus` does. */
export class SimI2cBus implements I2cBus, Disposable {
  readonly #options: SimI2cBusOptions;
  readonly #timers = new Set<() => void>();
  #busyMs = 0;

  constructor(
    readonly name: string,
    options: SimI2cBusOptions,
  ) {
    this.#options = options;
  }

  /** Time the wires were in use, as far as transfers take time. */
  get busyMs(): number {
    return this.#busyMs;
  }

  transfer(address: number, segments: readonly I2cSegment[]): Promise<Uint8Array[]> {
    const { faults, speedHz } = this.#options;
    const befallen = faults.befall(address);
    if (befallen) return this.#fail(befallen, address);
    const line = faults.recover();
    if (line) return Promise.reject(new I2cStuckError({ bus: this.name, line }));
    if (speedHz === undefined) return this.#answer(address, segments);
    const ms = (1000 * bitsOf(segments)) / speedHz;
    this.#busyMs += ms;
    return this.#after(ms, () => this.#answer(address, segments));
  }

  /** Ends what hangs. */
  [Symbol.dispose](): void {
    for (const cancel of this.#timers) cancel();
  }

  #answer(address: number, segments: readonly I2cSegment[]): Promise<Uint8Array[]> {
    const { chips, faults } = this.#options;
    try {
      const answer = chips.get(address)?.transfer(faults.distorting ? segments.map(this.#sent) : segments);
      if (!answer) return Promise.reject(new I2cNoAckError(this.#at(address)));
      return Promise.resolve(faults.distorting ? answer.map((bytes) => faults.distort(bytes)) : answer);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  readonly #sent = (segment: I2cSegment): I2cSegment =>
    'read' in segment ? segment : { write: this.#options.faults.distort(segment.write) };

  #fail({ fault, hangMs }: Befallen, address: number): Promise<Uint8Array[]> {
    const at = this.#at(address);
    switch (fault) {
      case 'nack':
        return Promise.reject(new I2cNoAckError(at));
      case 'arbitration':
        return Promise.reject(new I2cArbitrationError(at));
      case 'bus':
        return Promise.reject(new I2cBusError({ ...at, why: 'a start or stop came out of turn' }));
      case 'busy':
        return Promise.reject(new I2cBusyError(at));
      case 'timeout':
        return this.#after(hangMs, () => Promise.reject(new I2cTimeoutError(at)));
    }
  }

  #after(ms: number, then: () => Promise<Uint8Array[]>): Promise<Uint8Array[]> {
    return new Promise((resolve, reject) => {
      const cancel = () => {
        timer?.[Symbol.dispose]();
        this.#timers.delete(cancel);
        reject(new DisposedError({ what: this.name }));
      };
      // A transfer that hangs for ever needs no timer, only an end.
      const timer = Number.isFinite(ms)
        ? this.#options.clock.timer(`transfer on ${this.name}`, ms, () => {
            this.#timers.delete(cancel);
            then().then(resolve, reject);
          })
        : undefined;
      this.#timers.add(cancel);
    });
  }

  #at(address: number) {
    return { bus: this.name, address: hex(address) };
  }
}
