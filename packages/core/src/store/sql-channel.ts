import type { EpochMs } from '../time/clock.js';
import type { PointColumns } from './block-codec.js';
import { StoredChannel } from './channel-table.js';
import type { Point } from './point.js';

/** The block of a channel that can still take points. */
export interface OpenBlock {
  readonly id: number;
  readonly n: number;
  readonly fromAt: EpochMs;
  readonly toAt: EpochMs;
}

/** A channel on disk: beside its last record, the points that are in the log but not yet in a block. */
export class SqlChannel extends StoredChannel {
  /** Points up to this sequence number are in blocks. */
  sealedTo = 0;
  open: OpenBlock | undefined;
  #tail: { q: number[]; at: number[]; value: number[]; code: number[] } = { q: [], at: [], value: [], code: [] };

  /** Points not yet sealed, in order of commit. */
  get tail(): PointColumns {
    return this.#tail;
  }

  /** Adds a committed point; NaN stands for `null`. */
  push(q: number, at: number, value: number, code: number): void {
    const tail = this.#tail;
    tail.q.push(q);
    tail.at.push(at);
    tail.value.push(value);
    tail.code.push(code);
  }

  /** The first `count` points of the tail have been sealed, the last of them with number `q`. */
  sealed(count: number, q: number, open: OpenBlock): void {
    const tail = this.#tail;
    this.sealedTo = q;
    this.open = open;
    // New arrays: old ones would keep the room of the longest tail ever.
    this.#tail = {
      q: tail.q.slice(count),
      at: tail.at.slice(count),
      value: tail.value.slice(count),
      code: tail.code.slice(count),
    };
  }

  /** How many points of the tail have numbers up to `q`. */
  countThrough(q: number): number {
    const numbers = this.#tail.q;
    let [low, high] = [0, numbers.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (numbers[middle]! <= q)
        low = middle + 1; // middle is within the tail
      else high = middle;
    }
    return low;
  }

  /** Points of the tail with `from ≤ at < to`. */
  between(from: EpochMs, to: EpochMs): Point[] {
    const { q, at, value, code } = this.#tail;
    const points: Point[] = [];
    for (let i = 0; i < q.length; i++) {
      const time = at[i]!; // the columns of the tail have one length
      if (time < from || time >= to) continue;
      const v = value[i]!;
      points.push({ q: q[i]!, at: time, value: Number.isNaN(v) ? null : v, code: code[i]! });
    }
    return points;
  }
}
