import type { Committed } from '@hyphae/core/store';

/**
 * The records of one flush. While it is being delivered the rows are single texts, as the store made them; afterwards they
 * are one text with offsets, which is all the garbage collector then has to know of.
 */
export class Segment {
  readonly from: number;
  readonly to: number;
  readonly handles: readonly number[];
  #rows: readonly string[] | undefined;
  #text: string | undefined;
  /** Where each row ends in the text. */
  #ends: number[] | undefined;

  /** Batches that follow each other; at least one. */
  constructor(
    batches: readonly Pick<Committed, 'from' | 'to' | 'handles' | 'rows'>[],
    /** Monotonic ms of the flush. */
    readonly atMs: number,
  ) {
    const [first] = batches;
    this.from = first?.from ?? 0;
    this.to = batches.at(-1)?.to ?? 0;
    const single = batches.length === 1 ? first : undefined;
    this.handles = single?.handles ?? together(batches.map(({ handles }) => handles));
    this.#rows = single?.rows ?? together(batches.map(({ rows }) => rows));
  }

  get length(): number {
    return this.handles.length;
  }

  /** Row `i`; its sequence number is `from + 1 + i`. */
  row(i: number): string {
    return this.#rows?.[i] ?? this.span(i, i + 1);
  }

  /** Rows `[i, end)` with commas between them. */
  span(i: number, end: number): string {
    this.#text ??= this.#rows?.join(',') ?? '';
    const ends = this.#offsets();
    return this.#text.slice(i === 0 ? 0 : (ends[i - 1] ?? 0) + 1, ends[end - 1]);
  }

  /** The single rows are not needed any more. */
  compact(): void {
    this.#text ??= this.#rows?.join(',') ?? '';
    this.#offsets();
    this.#rows = undefined;
  }

  #offsets(): readonly number[] {
    if (this.#ends) return this.#ends;
    const rows = this.#rows ?? [];
    const ends = new Array<number>(rows.length);
    let end = -1;
    for (let i = 0; i < rows.length; i++) ends[i] = end += 1 + (rows[i] as string).length; // i is in range
    return (this.#ends = ends);
  }
}

/** One list of many; several times faster than `flatMap`. */
function together<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const all = new Array<T>(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) for (let i = 0; i < list.length; i++) all[at++] = list[i] as T; // i is in range
  return all;
}
