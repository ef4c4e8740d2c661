import type { EpochMs } from '../time/clock.js';
import type { PointColumns } from './block-codec.js';
import type { Point } from './point.js';

/** A channel, as a {@link Tail} knows it. */
export interface TailChannel {
  /** Sequence number of its first point in the tail; 0 where it has none. */
  firstInTail: number;
  lastInTail: number;
}

/** Points of one chunk. */
const CHUNK = 16_384;

/** Points with consecutive sequence numbers, as columns in one piece of memory. */
class Chunk {
  readonly at: Float64Array;
  /** NaN stands for `null`. */
  readonly value: Float64Array;
  /** How many numbers further the next point of the same channel is; 0 where there is none yet. */
  readonly gap: Uint32Array;
  readonly code: Uint8Array;
  /** Points that are still in the tail. */
  left = 0;

  constructor() {
    const memory = new ArrayBuffer(CHUNK * 21);
    this.at = new Float64Array(memory, 0, CHUNK);
    this.value = new Float64Array(memory, CHUNK * 8, CHUNK);
    this.gap = new Uint32Array(memory, CHUNK * 16, CHUNK);
    this.code = new Uint8Array(memory, CHUNK * 20, CHUNK);
  }
}

/**
 * The points that are in the log but not yet in blocks, of all channels together, in order of commit. Each leads to the next of its
 * channel. There may be millions of them, for many channels with few each: as columns outside the heap they are 21 bytes each, and
 * nothing the garbage collector has to visit or to move.
 */
export class Tail {
  /** The first holds the numbers from `#base * CHUNK` on. Those of which no point is left are gone. */
  readonly #chunks: (Chunk | undefined)[] = [];
  #base = 0;
  #length = 0;

  /** How many points there are. */
  get length(): number {
    return this.#length;
  }

  /** Pieces of memory it holds. */
  get chunks(): number {
    return this.#chunks.length;
  }

  /** Adds a committed point; NaN stands for `null`. Its number is higher than all before. */
  push(channel: TailChannel, q: number, at: EpochMs, value: number, code: number): void {
    const chunk = this.#chunkFor(q);
    const i = q % CHUNK;
    chunk.at[i] = at;
    chunk.value[i] = value;
    chunk.gap[i] = 0;
    chunk.code[i] = code;
    chunk.left++;
    this.#length++;
    if (channel.firstInTail === 0) channel.firstInTail = q;
    else this.#chunk(channel.lastInTail).gap[channel.lastInTail % CHUNK] = q - channel.lastInTail;
    channel.lastInTail = q;
  }

  /** The first points of a channel, at most `limit`, with numbers up to `through`. */
  take(channel: TailChannel, through: number, limit: number): PointColumns {
    const columns = { q: [] as number[], at: [] as number[], value: [] as number[], code: [] as number[] };
    for (let q = channel.firstInTail; q !== 0 && q <= through && columns.q.length < limit; q = this.#next(q)) {
      const chunk = this.#chunk(q);
      const i = q % CHUNK;
      columns.q.push(q);
      columns.at.push(chunk.at[i]!); // i is within each column
      columns.value.push(chunk.value[i]!);
      columns.code.push(chunk.code[i]!);
    }
    return columns;
  }

  /** Points of a channel with `from ≤ at < to`. */
  between(channel: TailChannel, from: EpochMs, to: EpochMs): Point[] {
    const points: Point[] = [];
    for (let q = channel.firstInTail; q !== 0; q = this.#next(q)) {
      const chunk = this.#chunk(q);
      const [at, value, code] = [chunk.at[q % CHUNK]!, chunk.value[q % CHUNK]!, chunk.code[q % CHUNK]!]; // within each column
      if (at >= from && at < to) points.push({ q, at, value: Number.isNaN(value) ? null : value, code });
    }
    return points;
  }

  /** Takes away the first points of a channel: these numbers, at least one, as {@link take} gave them. */
  drop(channel: TailChannel, qs: readonly number[]): void {
    channel.firstInTail = this.#next(qs.at(-1)!);
    for (const q of qs) this.#chunk(q).left--;
    this.#length -= qs.length;
    while (this.#chunks.length > 1 && !this.#chunks[0]?.left) {
      this.#chunks.shift();
      this.#base++;
    }
  }

  #next(q: number): number {
    const gap = this.#chunk(q).gap[q % CHUNK]!;
    return gap === 0 ? 0 : q + gap;
  }

  #chunk(q: number): Chunk {
    return this.#chunks[Math.floor(q / CHUNK) - this.#base]!; // only asked for points that are there
  }

  #chunkFor(q: number): Chunk {
    const number = Math.floor(q / CHUNK);
    if (this.#chunks.length === 0) this.#base = number;
    return (this.#chunks[number - this.#base] ??= new Chunk());
  }
}
