/** How long to wait between attempts: 250 ms doubled each time up to 10 s, and of that a random part, so that clients cut at once do not come back at once. */
export class Backoff {
  #attempt = 0;

  constructor(
    readonly random: () => number,
    readonly firstMs = 250,
    readonly mostMs = 10_000,
  ) {}

  /** Milliseconds to wait before the next attempt (full jitter). */
  next(): number {
    return this.random() * Math.min(this.mostMs, this.firstMs * 2 ** this.#attempt++);
  }

  /** The connection has been stable: the next attempt is the first again. */
  reset(): void {
    this.#attempt = 0;
  }
}
