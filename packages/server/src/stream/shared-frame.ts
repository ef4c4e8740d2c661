const MOST_VARIANTS = 4;

/**
 * The records of `(from, to]` for everybody with one filter and mode, encoded once. What differs between clients (number
 * of the subscription, where it stands, channels to announce) is a short prefix; clients whose prefix is the same as well
 * share the very bytes.
 */
export class SharedFrame {
  readonly #rows: string;
  readonly #variants = new Map<string, Buffer>();
  #body: Buffer | undefined;

  constructor(
    readonly from: number,
    /** Sequence number of the first record: a client anywhere in `[from, firstQ)` has missed nothing. */
    readonly firstQ: number,
    readonly to: number,
    readonly records: number,
    /** The rows with commas between them. */
    rows: string,
  ) {
    this.#rows = `"to":${to},"r":[${rows}]}`;
  }

  /** Size without the prefix. */
  get size(): number {
    return this.#rows.length;
  }

  /** The whole message after `prefix`. */
  bytes(prefix: string): Buffer {
    const made = this.#variants.get(prefix);
    if (made) return made;
    this.#body ??= Buffer.from(this.#rows, 'latin1'); // rows are digits and punctuation
    const bytes = Buffer.concat([Buffer.from(prefix, 'utf8'), this.#body]);
    if (this.#variants.size < MOST_VARIANTS) this.#variants.set(prefix, bytes);
    return bytes;
  }
}

/** The first sequence number in an encoded row. */
export function rowQ(row: string): number {
  return Number(row.slice(1, row.indexOf(',')));
}

/** A row without its sequence number: what a snapshot carries. */
export function snapshotRow(row: string): string {
  return `[${row.slice(row.indexOf(',') + 1)}`;
}
