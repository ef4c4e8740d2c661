import type { Segment } from './segment.js';

/** What a read gave: the matching rows of `(after, to]`. */
export interface RowPage {
  readonly to: number;
  readonly rows: readonly string[];
}

/** Which rows to read. */
export interface PageLimits {
  /** Not beyond this sequence number. */
  readonly until: number;
  readonly records: number;
  readonly bytes: number;
}

/** The most recent records in memory, bounded by number and by age, so that a short absence costs no disk. */
export class RecordRing {
  readonly #maxRecords: number;
  readonly #maxMs: number;
  #segments: (Segment | undefined)[] = [];
  #first = 0;
  #records = 0;
  #to: number;

  constructor(head: number, { ringRecords, ringMs }: { readonly ringRecords: number; readonly ringMs: number }) {
    this.#to = head;
    this.#maxRecords = ringRecords;
    this.#maxMs = ringMs;
  }

  /** Sequence numbers above this are here. */
  get floor(): number {
    return this.#segments[this.#first]?.from ?? this.#to;
  }

  get head(): number {
    return this.#to;
  }

  get records(): number {
    return this.#records;
  }

  push(segment: Segment): void {
    if (segment.from !== this.#to) this.clear(segment.from);
    this.#segments.push(segment);
    this.#records += segment.length;
    this.#to = segment.to;
    this.#trim(segment.atMs);
  }

  /** Forgets everything; the next segment starts at `head`. */
  clear(head: number): void {
    this.#segments = [];
    this.#first = 0;
    this.#records = 0;
    this.#to = head;
  }

  /** The matching rows after `after`, up to a limit; `undefined` when part of them is no longer here. */
  read(after: number, wanted: (handle: number) => boolean, limits: PageLimits): RowPage | undefined {
    if (after < this.floor) return undefined;
    const rows: string[] = [];
    let bytes = 0;
    let to = after;
    for (let s = this.#find(after); s < this.#segments.length && to < limits.until; s++) {
      const segment = this.#segments[s] as Segment; // those from #first on are there
      const end = Math.min(segment.to, limits.until) - segment.from;
      for (let i = to - segment.from; i < end; i++) {
        if (wanted(segment.handles[i] as number)) {
          const row = segment.row(i);
          if (rows.length >= limits.records || bytes + row.length + 1 > limits.bytes) return { to, rows };
          rows.push(row);
          bytes += row.length + 1;
        }
        to = segment.from + 1 + i;
      }
    }
    return { to, rows };
  }

  /** Index of the segment that holds `after + 1`. */
  #find(after: number): number {
    let low = this.#first;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#segments[middle] as Segment).to > after) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Drops what is too old or too much, but never the last segment; the array is compacted once half of it is dropped. */
  #trim(nowMs: number): void {
    for (;;) {
      const oldest = this.#segments[this.#first];
      if (!oldest || this.#first === this.#segments.length - 1) break;
      if (this.#records <= this.#maxRecords && nowMs - oldest.atMs <= this.#maxMs) break;
      this.#records -= oldest.length;
      this.#segments[this.#first++] = undefined;
    }
    if (this.#first > 64 && this.#first * 2 > this.#segments.length) {
      this.#segments = this.#segments.slice(this.#first);
      this.#first = 0;
    }
  }
}
