import type { Committed } from '@hyphae/core/store';

/** A committed batch without the records: what the ring keeps. Row `i` has the sequence number `from + 1 + i`. */
export interface RowBatch {
  readonly from: number;
  readonly to: number;
  readonly handles: readonly number[];
  readonly rows: readonly string[];
  /** Monotonic ms of its arrival. */
  readonly atMs: number;
}

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

const NOTHING: RowBatch = { from: 0, to: 0, handles: [], rows: [], atMs: 0 };

/** The most recent batches in memory, bounded by number of records and by age, so that a short absence costs no disk. */
export class RecordRing {
  readonly #maxRecords: number;
  readonly #maxMs: number;
  #batches: RowBatch[] = [];
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
    return this.#batches[this.#first]?.from ?? this.#to;
  }

  get head(): number {
    return this.#to;
  }

  get records(): number {
    return this.#records;
  }

  push(committed: Committed, atMs: number): RowBatch {
    if (committed.from !== this.#to) this.clear(committed.from);
    const { from, to, handles, rows } = committed; // not the records: they may be collected
    const batch = { from, to, handles, rows, atMs };
    this.#batches.push(batch);
    this.#records += rows.length;
    this.#to = to;
    this.#trim(atMs);
    return batch;
  }

  /** Forgets everything; the next batch starts at `head`. */
  clear(head: number): void {
    this.#batches = [];
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
    for (let b = this.#find(after); b < this.#batches.length && to < limits.until; b++) {
      const batch = this.#batches[b] as RowBatch; // b is in range
      const end = Math.min(batch.to, limits.until) - batch.from;
      for (let i = to - batch.from; i < end; i++) {
        const row = batch.rows[i] as string; // i is in range
        if (wanted(batch.handles[i] as number)) {
          if (rows.length >= limits.records || bytes + row.length + 1 > limits.bytes) return { to, rows };
          rows.push(row);
          bytes += row.length + 1;
        }
        to = batch.from + 1 + i;
      }
    }
    return { to, rows };
  }

  /** Index of the batch that holds `after + 1`. */
  #find(after: number): number {
    let low = this.#first;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#batches[middle] as RowBatch).to > after) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Drops what is too old or too much, but never the last batch; the array is compacted once half of it is dropped. */
  #trim(nowMs: number): void {
    for (;;) {
      const oldest = this.#batches[this.#first];
      if (!oldest || this.#first === this.#batches.length - 1) break;
      if (this.#records <= this.#maxRecords && nowMs - oldest.atMs <= this.#maxMs) break;
      this.#records -= oldest.rows.length;
      this.#batches[this.#first++] = NOTHING;
    }
    if (this.#first > 64 && this.#first * 2 > this.#batches.length) {
      this.#batches = this.#batches.slice(this.#first);
      this.#first = 0;
    }
  }
}
