/** Bytes that have arrived and belong to no frame yet: bounded, growing only as far as it must. */
export class ReceiveBuffer {
  #bytes = new Uint8Array(256);
  #start = 0;
  #end = 0;

  constructor(readonly limit: number) {}

  get length(): number {
    return this.#end - this.#start;
  }

  /** What is there, without copying: valid until the next call. */
  get view(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** Adds as many of the bytes as there is room for, and says how many those were. */
  add(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.limit - this.length);
    const part = count === bytes.length ? bytes : bytes.subarray(0, count);
    if (this.#end + count > this.#bytes.length) this.#makeRoom(count);
    this.#bytes.set(part, this.#end);
    this.#end += count;
    return count;
  }

  /** Takes the first `length` bytes, or all there are, as a copy. */
  take(length: number): Uint8Array {
    const taken = this.#bytes.slice(this.#start, Math.min(this.#start + length, this.#end));
    this.drop(length);
    return taken;
  }

  drop(length: number): void {
    this.#start = Math.min(this.#start + length, this.#end);
    if (this.#start === this.#end) this.clear();
  }

  clear(): void {
    this.#start = 0;
    this.#end = 0;
  }

  #makeRoom(count: number): void {
    const { view } = this;
    const needed = view.length + count;
    const size =
      needed <= this.#bytes.length ? this.#bytes.length : Math.min(this.limit, 2 ** Math.ceil(Math.log2(needed)));
    const target = size === this.#bytes.length ? this.#bytes : new Uint8Array(size);
    target.set(view);
    this.#bytes = target;
    this.#start = 0;
    this.#end = view.length;
  }
}
