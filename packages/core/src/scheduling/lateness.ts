const WINDOW = 4096;

/** How late the last 4096 runs began. Recording allocates nothing. */
export class LatenessWindow {
  readonly #values = new Float64Array(WINDOW);
  #count = 0;

  record(ms: number): void {
    this.#values[this.#count++ % WINDOW] = ms;
  }

  /** Quantiles in ms, each the smallest value that at least that part of the runs did not exceed; 0 before the first run. */
  quantiles(): { readonly p50: number; readonly p99: number; readonly max: number } {
    const sorted = this.#values.slice(0, Math.min(this.#count, WINDOW)).sort();
    const at = (part: number) => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
    return { p50: at(0.5), p99: at(0.99), max: at(1) };
  }
}
