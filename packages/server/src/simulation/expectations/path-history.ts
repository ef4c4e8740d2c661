import type { Observation } from './expectation.js';

/** Records kept of each channel on either side of a violation. */
const KEPT = 3;

/** The last few records of one channel, and the first few after a violation. */
export class PathHistory {
  readonly #before: Observation[] = [];
  readonly #after: Observation[] = [];
  #next = 0;
  #isFrozen = false;

  /** Takes the next record. */
  add(observation: Observation): void {
    if (this.#isFrozen) {
      if (this.#after.length < KEPT) this.#after.push(observation);
      return;
    }
    this.#before[this.#next] = observation;
    this.#next = (this.#next + 1) % KEPT;
  }

  /** What is there stays; the next few records are added to it. */
  freeze(): void {
    this.#isFrozen = true;
  }

  /** All that is kept, in the order of time. */
  list(): readonly Observation[] {
    const oldestFirst = [...this.#before.slice(this.#next), ...this.#before.slice(0, this.#next)];
    return [...oldestFirst, ...this.#after];
  }
}
