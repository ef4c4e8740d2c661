import type { EpochMs } from '@hyphae/core';

/** Intervals kept at most, in a window where something changes that often. */
const MAX_INTERVALS = 65_536;

/**
 * For how long something was on within the window of time that ends now, and when that goes over a limit. Exact to the
 * moment: the total is followed through every point where an interval enters or leaves. It keeps intervals, not readings;
 * when there are too many, the two oldest become one of the same length, which leaves the window late by the gap between them.
 */
export class SlidingTotal {
  readonly #windowMs: number;
  readonly #limitMs: number;
  readonly #exceeded: (at: EpochMs) => void;
  readonly #maxIntervals: number;
  readonly #starts: EpochMs[] = [];
  readonly #ends: EpochMs[] = [];
  /** The first interval that is not past the window yet. */
  #head = 0;
  #total = 0;
  #isOver = false;

  /** Calls `exceeded` each time the total rises above the limit. */
  constructor(windowMs: number, limitMs: number, exceeded: (at: EpochMs) => void, maxIntervals = MAX_INTERVALS) {
    this.#windowMs = windowMs;
    this.#limitMs = limitMs;
    this.#exceeded = exceeded;
    this.#maxIntervals = maxIntervals;
  }

  /** How many intervals are kept. */
  get intervals(): number {
    return this.#starts.length - this.#head;
  }

  /** It is on, or off, from `from` up to `to`. Pieces follow each other without a gap. */
  piece(from: EpochMs, to: EpochMs, isOn: boolean): void {
    if (isOn && to > from) this.#keep(from, to);
    for (let now = from; now < to;) {
      const tail = now - this.#windowMs;
      while ((this.#ends[this.#head] ?? Infinity) <= tail) this.#head++;
      const start = this.#starts[this.#head] ?? Infinity;
      const isLeaving = start <= tail;
      const change = (isLeaving ? (this.#ends[this.#head] ?? Infinity) : start) - tail;
      const step = Math.min(change, to - now);
      if (isOn && !isLeaving) this.#rise(now, step);
      else if (!isOn && isLeaving) this.#fall(step);
      now += step;
    }
    this.#forget();
  }

  #rise(now: EpochMs, step: number): void {
    if (!this.#isOver && this.#total + step > this.#limitMs) {
      this.#isOver = true;
      this.#exceeded(now + this.#limitMs - this.#total);
    }
    this.#total += step;
  }

  #fall(step: number): void {
    this.#total -= step;
    if (this.#total <= this.#limitMs) this.#isOver = false;
  }

  #keep(from: EpochMs, to: EpochMs): void {
    const last = this.#ends.length - 1;
    if (last >= this.#head && this.#ends[last] === from) {
      this.#ends[last] = to;
      return;
    }
    this.#starts.push(from);
    this.#ends.push(to);
    if (this.intervals > this.#maxIntervals) this.#join(from - this.#windowMs);
  }

  /** Of the oldest, only what is still within the window counts. */
  #join(tail: EpochMs): void {
    const oldest = this.#head++;
    const left = (this.#ends[oldest] ?? tail) - Math.max(this.#starts[oldest] ?? tail, tail);
    this.#starts[this.#head] = (this.#starts[this.#head] ?? tail) - left;
  }

  /** Moves the intervals to the front when most of the room is taken by those that are past. */
  #forget(): void {
    if (this.#head < 64 || this.#head * 2 < this.#starts.length) return;
    this.#starts.splice(0, this.#head);
    this.#ends.splice(0, this.#head);
    this.#head = 0;
  }
}
