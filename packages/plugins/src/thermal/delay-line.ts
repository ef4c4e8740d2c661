/** The most changes that wait at once. */
const MAX_WAITING = 1000;

interface Change {
  readonly atMs: number;
  value: number;
}

/**
 * Passes values on after a dead time. Where more than a thousand changes would wait, the newest of them takes the new value on
 * instead, so what comes out in the end is always what went in last.
 */
export class DelayLine {
  readonly #delayMs: number;
  readonly #waiting: Change[] = [];
  #value = 0;

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  /** What comes out now. */
  get value(): number {
    return this.#value;
  }

  /** When what comes out changes next, ms; infinite when nothing waits. */
  get nextMs(): number {
    return this.#waiting[0]?.atMs ?? Infinity;
  }

  /** Puts a value in. */
  push(nowMs: number, value: number): void {
    const atMs = nowMs + this.#delayMs;
    const newest = this.#waiting.at(-1);
    if (newest !== undefined && (newest.atMs === atMs || this.#waiting.length >= MAX_WAITING)) newest.value = value;
    else this.#waiting.push({ atMs, value });
    this.passTo(nowMs);
  }

  /** Lets time pass. */
  passTo(nowMs: number): void {
    while (this.nextMs <= nowMs) this.#value = this.#waiting.shift()?.value ?? this.#value;
  }
}
