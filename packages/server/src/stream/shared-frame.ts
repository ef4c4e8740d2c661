import { textFrame } from './text-frame.js';

const MOST_VARIANTS = 4;

/**
 * The records of `(from, to]` for everybody with one filter and mode, encoded once. What differs between clients (number
 * of the subscription, where it stands, channels to announce) is a short prefix; clients whose prefix is the same as well
 * share the very bytes.
 */
export class SharedFrame {
  readonly #variants = new Map<string, Buffer>();

  constructor(
    readonly from: number,
    /** Sequence number of the first record: a client anywhere in `[from, firstQ)` has missed nothing. */
    readonly firstQ: number,
    readonly to: number,
    readonly records: number,
    /** The rows with commas between them. */
    readonly rows: Uint8Array,
  ) {}

  /** Size without what differs between clients. */
  get size(): number {
    return this.rows.length;
  }

  /** The whole frame: `prefix` and the rows. */
  bytes(prefix: string): Buffer {
    const made = this.#variants.get(prefix);
    if (made) return made;
    const bytes = textFrame(`${prefix}"to":${this.to},"r":[`, this.rows, ']}');
    if (this.#variants.size < MOST_VARIANTS) this.#variants.set(prefix, bytes);
    return bytes;
  }
}

/** Rows that are single texts, with commas between them. */
export function rowBytes(rows: readonly string[]): Buffer {
  return Buffer.from(rows.join(','), 'latin1');
}

/** The first sequence number in an encoded row. */
export function rowQ(row: string): number {
  return Number(row.slice(1, row.indexOf(',')));
}

/** A row without its sequence number: what a snapshot carries. */
export function snapshotRow(row: string): string {
  return `[${row.slice(row.indexOf(',') + 1)}`;
}
