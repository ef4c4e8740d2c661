import type { EpochMs } from '../time/clock.js';
import type { Bucket } from './measurement-store.js';

/** What is known of many points of one channel without looking at them. `valid` counts those that are not bad. */
export interface PointStatistics {
  readonly valid: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly sum: number;
}

/** Folds points and whole blocks into at most `points` buckets of equal length, a whole number of milliseconds each. */
export class BucketFold {
  readonly lengthMs: number;
  readonly #buckets = new Map<number, { min: number; max: number; sum: number; count: number }>();

  constructor(
    readonly from: EpochMs,
    readonly to: EpochMs,
    points: number,
  ) {
    this.lengthMs = Math.max(1, Math.ceil((to - from) / Math.max(1, Math.floor(points))));
  }

  /** Adds one point; one outside the range, bad or without value does not count. */
  add(at: EpochMs, value: number | null, code: number): void {
    if (value === null || (code & 3) === 3 || at < this.from || at >= this.to) return;
    this.#fold(this.#index(at), { valid: 1, min: value, max: value, sum: value });
  }

  /** Adds a block by its statistics if it lies within one bucket; otherwise says false, and its points are needed. */
  addWhole(fromAt: EpochMs, toAt: EpochMs, statistics: PointStatistics): boolean {
    if (fromAt < this.from || toAt >= this.to) return false;
    const index = this.#index(fromAt);
    if (index !== this.#index(toAt)) return false;
    if (statistics.valid > 0) this.#fold(index, statistics);
    return true;
  }

  buckets(): readonly Bucket[] {
    return [...this.#buckets]
      .sort(([a], [b]) => a - b)
      .map(([index, { min, max, sum, count }]) => ({
        at: this.from + index * this.lengthMs,
        min,
        mean: Math.min(max, Math.max(min, sum / count)),
        max,
        count,
      }));
  }

  #index(at: EpochMs): number {
    return Math.floor((at - this.from) / this.lengthMs);
  }

  #fold(index: number, { valid, min, max, sum }: PointStatistics): void {
    if (min === null || max === null) return;
    const bucket = this.#buckets.get(index);
    if (!bucket) this.#buckets.set(index, { min, max, sum, count: valid });
    else {
      if (min < bucket.min) bucket.min = min;
      if (max > bucket.max) bucket.max = max;
      bucket.sum += sum;
      bucket.count += valid;
    }
  }
}
