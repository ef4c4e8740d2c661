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

/** Numbers of a point in the tail, in this order: sequence number, time, value, quality code. */
const STRIDE = 4;

/** A channel on disk: beside its last record, the points that are in the log but not yet in a block. */
export class SqlChannel extends StoredChannel {
  /** Points up to this sequence number are in blocks. */
  sealedTo = 0;
  open: OpenBlock | undefined;
  /** Points not yet sealed, in order of commit, one after the other in one list: there may be many channels with few points. */
  #tail: number[] = [];

  /** Points not yet sealed. */
  get waiting(): number {
    return this.#tail.length / STRIDE;
  }

  /** Adds a committed point; NaN stands for `null`. */
  push(q: number, at: number, value: number, code: number): void {
    this.#tail.push(q, at, value, code);
  }

  /** Time of the first point of the tail; NaN when it is empty. */
  get firstAt(): EpochMs {
    return this.#tail[1] ?? NaN;
  }

  /** The first `count` points of the tail, at least one. */
  first(count: number): PointColumns {
    const columns = { q: [] as number[], at: [] as number[], value: [] as number[], code: [] as number[] };
    const tail = this.#tail;
    for (let i = 0; i < count * STRIDE; i += STRIDE) {
      columns.q.push(tail[i]!); // points are whole
      columns.at.push(tail[i + 1]!);
      columns.value.push(tail[i + 2]!);
      columns.code.push(tail[i + 3]!);
    }
    return columns;
  }

  /** The first `count` points of the tail have been sealed, the last of them with number `q`. */
  sealed(count: number, q: number, open: OpenBlock): void {
    this.sealedTo = q;
    this.open = open;
    this.#tail = this.#tail.slice(count * STRIDE); // a new list: the old one would keep the room of the longest tail ever
  }

  /** How many points of the tail have numbers up to `q`. */
  countThrough(q: number): number {
    const tail = this.#tail;
    let [low, high] = [0, this.waiting];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (tail[middle * STRIDE]! <= q)
        low = middle + 1; // middle is within the tail
      else high = middle;
    }
    return low;
  }

  /** Points of the tail with `from ≤ at < to`. */
  between(from: EpochMs, to: EpochMs): Point[] {
    const tail = this.#tail;
    const points: Point[] = [];
    for (let i = 0; i < tail.length; i += STRIDE) {
      const [q, at, value, code] = [tail[i]!, tail[i + 1]!, tail[i + 2]!, tail[i + 3]!]; // points are whole
      if (at >= from && at < to) points.push({ q, at, value: Number.isNaN(value) ? null : value, code });
    }
    return points;
  }
}
