const BRACKET = 91;
const COMMA = 44;
const CLOSE = 93;
const ZERO = 48;

/**
 * The rows of a batch as one JSON text, `[[q,handle,value,at,quality],…]`, in ASCII: made once, for the disk and every
 * client. Single rows are parts of it, so that a hundred thousand of them are nothing the garbage collector has to know of.
 */
export class EncodedRows implements Iterable<string> {
  constructor(
    /** The whole text. Do not change it: the disk and the clients share it. */
    readonly json: Buffer,
    /** Where each row ends in it. */
    readonly ends: Uint32Array,
  ) {}

  /** Rows that are texts already. */
  static of(rows: readonly string[]): EncodedRows {
    const ends = new Uint32Array(rows.length);
    let end = 0;
    rows.forEach((row, i) => (ends[i] = end += 1 + row.length));
    return new EncodedRows(Buffer.from(`[${rows.join(',')}]`, 'latin1'), ends);
  }

  /** The rows of several batches, one after the other. */
  static join(parts: readonly EncodedRows[]): EncodedRows {
    if (parts.length === 1 && parts[0]) return parts[0];
    const filled = parts.filter(({ length }) => length > 0);
    const json = Buffer.allocUnsafe(
      Math.max(
        2,
        filled.reduce((sum, part) => sum + part.json.length - 1, 1),
      ),
    );
    const ends = new Uint32Array(filled.reduce((sum, { length }) => sum + length, 0));
    let [at, row] = [0, 0];
    for (const part of filled) {
      // Each text but the last gives up its closing bracket for the comma that takes the place of the next opening one.
      part.json.copy(json, at);
      json[at] = COMMA;
      for (const end of part.ends) ends[row++] = end + at;
      at += part.json.length - 1;
    }
    json[0] = BRACKET;
    json[json.length - 1] = CLOSE;
    return new EncodedRows(json, ends);
  }

  get length(): number {
    return this.ends.length;
  }

  /** Where row `i` begins in the text. */
  start(i: number): number {
    return i === 0 ? 1 : this.ends[i - 1]! + 1; // i is in range
  }

  /** Row `i`, as a text of its own. */
  row(i: number): string {
    return this.json.toString('latin1', this.start(i), this.ends[i]);
  }

  /** Rows `[i, end)` with commas between them, at least one: a view of the text. */
  span(i: number, end: number): Buffer {
    return this.json.subarray(this.start(i), this.ends[end - 1]);
  }

  *[Symbol.iterator](): IterableIterator<string> {
    for (let i = 0; i < this.length; i++) yield this.row(i);
  }
}

/** More than the longest row: five numbers of at most 25 digits, and the signs between them. */
const LONGEST_ROW = 160;
/** Where rows are written before their length is known. It is kept for the next batch, up to a bound. */
const KEPT_BYTES = 1024 * 1024;
let scratch: Buffer = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Writes rows byte by byte: a string for each would be made of half a dozen others, and copied twice again. Its memory is
 * shared, so finish one before the next begins.
 */
export class RowWriter {
  #bytes: Buffer = scratch;
  #at = 0;
  /** The last sequence number as digits; the next is usually the same but for the last of them. */
  #digits = '';
  #rows = 0;
  readonly #ends: Uint32Array;

  constructor(rows: number) {
    this.#ends = new Uint32Array(rows);
  }

  /**
   * `q` is one more than that of the row before; `middle` is `,handle,` and `end` is `,at,quality]`.
   * The value is finite or `null`, as JSON has no other.
   */
  add(q: number, middle: string, value: number | null, end: string): void {
    if (this.#at + LONGEST_ROW > this.#bytes.length) this.#grow();
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = this.#rows === 0 ? BRACKET : COMMA;
    bytes[at++] = BRACKET;
    const unit = q % 10;
    if (this.#rows === 0 || unit === 0) this.#digits = String(q);
    at = write(bytes, at, this.#digits);
    bytes[at - 1] = ZERO + unit;
    at = write(bytes, at, middle);
    at = write(bytes, at, String(value));
    at = write(bytes, at, end);
    this.#ends[this.#rows++] = at;
    this.#at = at;
  }

  finish(): EncodedRows {
    if (this.#rows === 0) this.#bytes[this.#at++] = BRACKET;
    this.#bytes[this.#at++] = CLOSE;
    if (this.#bytes.length <= KEPT_BYTES) scratch = this.#bytes;
    return new EncodedRows(Buffer.from(this.#bytes.subarray(0, this.#at)), this.#ends);
  }

  #grow(): void {
    const larger = Buffer.allocUnsafeSlow(2 * this.#bytes.length);
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

function write(bytes: Buffer, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
  return at;
}
