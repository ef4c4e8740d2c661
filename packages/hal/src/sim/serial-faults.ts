import type { Random } from '@hyphae/core';
import { SeededRandom } from '@hyphae/core';

/**
 * Faults of one simulated serial line, on the way from the device to the host. The same calls in the same order give the same
 * faults.
 */
export class SerialFaults {
  readonly #random: Random;
  #silent = false;
  #garbage: Uint8Array | undefined;
  #cutAt: number | undefined;
  #byteErrorRate = 0;
  #loseRate = 0;
  #unplug: ((why: string) => void) | undefined;

  constructor({ random = new SeededRandom(1) }: { readonly random?: Random } = {}) {
    this.#random = random;
  }

  /** The device says nothing that arrives, until {@link clear} or `silence(false)`. */
  silence(on = true): void {
    this.#silent = on;
  }

  /** These bytes come before the next that the device sends. */
  garbageBefore(bytes: Uint8Array): void {
    this.#garbage = bytes;
  }

  /** Of the next sending only the first `bytes` arrive. */
  cutNext(bytes: number): void {
    this.#cutAt = bytes;
  }

  /** Each byte becomes another with this probability. */
  byteErrors(rate: number): void {
    this.#byteErrorRate = rate;
  }

  /** Each byte is lost with this probability. */
  lostBytes(rate: number): void {
    this.#loseRate = rate;
  }

  /** The adapter is pulled out: who holds the port meets HYP_SERIAL_CLOSED. It can be opened again. */
  unplug(): void {
    this.#unplug?.('unplugged');
  }

  /** Ends all faults. */
  clear(): void {
    this.#silent = false;
    this.#garbage = undefined;
    this.#cutAt = undefined;
    this.#byteErrorRate = 0;
    this.#loseRate = 0;
  }

  /** Tells what to do at {@link unplug}. For boards. */
  onUnplug(close: ((why: string) => void) | undefined): void {
    this.#unplug = close;
  }

  /** The bytes as they arrive at the host; maybe none. For boards. */
  distort(sent: Uint8Array): Uint8Array {
    if (this.#silent) return sent.subarray(0, 0);
    let arrived = sent;
    if (this.#cutAt !== undefined) arrived = arrived.subarray(0, this.#cutAt);
    if (this.#garbage) arrived = Uint8Array.from([...this.#garbage, ...arrived]);
    this.#cutAt = undefined;
    this.#garbage = undefined;
    if (this.#loseRate > 0) arrived = arrived.filter(() => this.#random.next() >= this.#loseRate);
    if (this.#byteErrorRate > 0) {
      arrived = arrived.map((byte) =>
        this.#random.next() < this.#byteErrorRate ? byte ^ (1 + Math.floor(this.#random.next() * 255)) : byte,
      );
    }
    return arrived;
  }
}
