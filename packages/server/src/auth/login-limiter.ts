import type { Clock } from '@hyphae/core';
import { TokenBucket } from './token-bucket.js';

const BURST = 20;
const PER_SECOND = 1 / 3;
const MOST_ADDRESSES = 10_000;

/**
 * Slows down guessing, for REST and stream together: each failed attempt of an address costs one of 20, which come back
 * one every 3 s. While none is left the address is refused before its credentials are looked at. Addresses are those of
 * the socket; forwarded headers are not believed.
 */
export class LoginLimiter {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds the address has to wait, 0 for none. */
  waitMs(address: string): number {
    return this.#buckets.get(address)?.waitMs ?? 0;
  }

  failed(address: string): void {
    let bucket = this.#buckets.get(address);
    if (!bucket) {
      if (this.#buckets.size >= MOST_ADDRESSES) this.#shrink();
      bucket = new TokenBucket(this.#clock, PER_SECOND, BURST);
      this.#buckets.set(address, bucket);
    }
    bucket.take();
  }

  /** Drops addresses that have recovered, and the oldest if all are in use. */
  #shrink(): void {
    for (const [address, bucket] of this.#buckets) if (bucket.left >= BURST) this.#buckets.delete(address);
    for (const [address] of this.#buckets) {
      if (this.#buckets.size < MOST_ADDRESSES) break;
      this.#buckets.delete(address);
    }
  }
}
