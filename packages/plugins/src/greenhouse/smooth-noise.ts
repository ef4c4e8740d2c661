import type { EpochMs, Random } from '@hyphae/core';

/**
 * A random curve between −1 and 1 that bends once in about `paceMs`: values at equally spaced moments, joined smoothly. It is
 * a function of time alone, so it is the same however often and in whatever steps it is looked at.
 */
export class SmoothNoise {
  readonly #random: Random;
  readonly #paceMs: number;
  #index = Number.NaN;
  #before = 0;
  #after = 0;

  constructor(random: Random, paceMs: number) {
    this.#random = random;
    this.#paceMs = paceMs;
  }

  at(time: EpochMs): number {
    const position = time / this.#paceMs;
    const index = Math.floor(position);
    if (index !== this.#index) {
      this.#before = index === this.#index + 1 ? this.#after : this.#knot(index);
      this.#after = this.#knot(index + 1);
      this.#index = index;
    }
    const x = position - index;
    return this.#before + (this.#after - this.#before) * x * x * (3 - 2 * x);
  }

  #knot(index: number): number {
    return 2 * this.#random.fork(String(index)).next() - 1;
  }
}
