/**
 * The moments a task is due: `base + index × period`. Never counted up by adding, so it does not drift; thinned after
 * failures by moving further along it.
 */
export class Grid {
  /** The slot that comes next. */
  #index: number;
  /** The slot that would come next were it not for back-off; -1 when the grid is not thinned. */
  #leftFrom = -1;
  #leftOut = 0;

  constructor(
    readonly base: number,
    readonly period: number,
    now: number,
  ) {
    this.#index = this.#after(now);
  }

  get index(): number {
    return this.#index;
  }

  /** When the next slot is due. */
  get due(): number {
    return this.base + this.#index * this.period;
  }

  /** Goes on to the slot after this one that is not past yet, and returns how many were past. */
  step(now: number): number {
    if (this.#leftFrom >= 0) this.#count(this.#index);
    const next = this.#index + 1;
    const reachable = this.base + next * this.period < now ? Math.ceil((now - this.base) / this.period) : next;
    this.#index = Math.max(next, reachable);
    return this.#index - next;
  }

  /** Leaves out what lies between the next slot and slot `index`. False when that is nothing. */
  thin(index: number): boolean {
    if (index <= this.#index) return false;
    if (this.#leftFrom < 0) this.#leftFrom = this.#index;
    this.#index = index;
    return true;
  }

  /** Takes up the full grid again. False when it was not thinned. */
  restore(now: number): boolean {
    if (this.#leftFrom < 0) return false;
    const next = Math.min(this.#index, Math.max(this.#leftFrom, this.#after(now)));
    this.#count(next);
    this.#index = next;
    return true;
  }

  /** Slots left out so far by {@link thin}. */
  leftOut(now: number): number {
    if (this.#leftFrom < 0) return this.#leftOut;
    return this.#leftOut + Math.max(0, Math.min(this.#index, this.#after(now)) - this.#leftFrom);
  }

  #count(until: number): void {
    this.#leftOut += until - this.#leftFrom;
    this.#leftFrom = -1;
  }

  /** The first slot due after `now`. */
  #after(now: number): number {
    return Math.max(0, Math.floor((now - this.base) / this.period) + 1);
  }
}
