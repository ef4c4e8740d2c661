import type { Clock } from '../time/clock.js';

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/** The time to the next try: a second after the first failure, twice as long after each further one, a minute at most. */
export class BackoffTimer {
  #failures = 0;
  #timer: Disposable | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly name: string,
    private readonly tryAgain: () => void,
  ) {}

  get waiting(): boolean {
    return this.#timer !== undefined;
  }

  failed(): void {
    const delay = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures++);
    this.clear();
    this.#timer = this.clock.timer(this.name, delay, () => {
      this.#timer = undefined;
      this.tryAgain();
    });
  }

  /** The next failure is a first one. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** The next try need not wait. */
  clear(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }
}
