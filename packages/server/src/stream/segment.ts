import { type Committed, EncodedRows } from '@hyphae/core/store';

/** The records of one flush, in the form the store gave them. */
export class Segment {
  readonly from: number;
  readonly to: number;
  readonly handles: readonly number[];
  readonly rows: EncodedRows;

  /** Batches that follow each other; at least one. */
  constructor(
    batches: readonly Pick<Committed, 'from' | 'to' | 'handles' | 'rows'>[],
    /** Monotonic ms of the flush. */
    readonly atMs: number,
  ) {
    const [first] = batches;
    this.from = first?.from ?? 0;
    this.to = batches.at(-1)?.to ?? 0;
    this.handles = batches.length === 1 && first ? first.handles : together(batches.map(({ handles }) => handles));
    this.rows = EncodedRows.join(batches.map(({ rows }) => rows));
  }

  get length(): number {
    return this.handles.length;
  }

  /** Row `i`; its sequence number is `from + 1 + i`. */
  row(i: number): string {
    return this.rows.row(i);
  }

  /** The bytes of the rows at these indices, which ascend, with commas between them. */
  pick(indices: readonly number[]): Buffer {
    const { json, ends } = this.rows;
    let size = -1;
    for (const i of indices) size += ends[i]! - this.rows.start(i) + 1; // indices are in range
    const picked = Buffer.allocUnsafe(Math.max(0, size));
    let at = 0;
    for (let k = 0; k < indices.length;) {
      const first = indices[k]!; // k is in range
      // Neighbours are copied together.
      let last = first;
      while (++k < indices.length && indices[k] === last + 1) last++;
      if (at > 0) picked[at++] = COMMA;
      at += json.copy(picked, at, this.rows.start(first), ends[last]);
    }
    return picked;
  }
}

const COMMA = 44;

/** One list of many; several times faster than `flatMap`. */
function together<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const all = new Array<T>(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) for (let i = 0; i < list.length; i++) all[at++] = list[i] as T; // i is in range
  return all;
}
