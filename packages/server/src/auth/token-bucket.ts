import type { Clock } from '@hyphae/core';

/** Allows `perSecond` on average and `burst` at once. Refills by the clock; arms no timer. */
export class TokenBucket {
  #left: number;
  #at: number;

  constructor(
    readonly clock: Clock,
    readonly perSecond: number,
    readonly burst: number,
  ) {
    this.#left = burst;
    this.#at = clock.monotonic();
  }

  /** How many may go now. */
  get left(): number {
    const now = this.clock.monotonic();
    this.#left = Math.min(this.burst, this.#left + ((now - this.#at) * this.perSecond) / 1_000);
    this.#at = now;
    return this.#left;
  }

  /** Takes one if there is one. */
  take(): boolean {
    if (this.left < 1) return false;
    this.#left -= 1;
    return true;
  }

  /** Milliseconds until one is there. */
  get waitMs(): number {
    return Math.max(0, Math.ceil(((1 - this.left) * 1_000) / this.perSecond));
  }
}
