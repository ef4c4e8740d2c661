/** What waits in {@link Turns}. The link makes queueing free of allocation. */
export interface Waiting<T> {
  readonly priority: number;
  next: T | undefined;
}

interface Lane<T> {
  readonly priority: number;
  first: T | undefined;
  last: T | undefined;
  /** How often a lane of higher priority went first while somebody waited here. */
  passed: number;
}

/**
 * A queue by priority: higher first, first come first served within one priority. Nobody starves: after `patience` others of
 * higher priority went first, the oldest of a lower one has its turn.
 */
export class Turns<T extends Waiting<T>> {
  // A handful of priorities at most, highest first; scanning them beats a heap.
  readonly #lanes: Lane<T>[] = [];
  #size = 0;

  constructor(readonly patience: number) {}

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    const lane = this.#lane(item.priority);
    item.next = undefined;
    if (lane.last) lane.last.next = item;
    else lane.first = item;
    lane.last = item;
    this.#size++;
  }

  /** Takes whose turn it is. */
  take(): T | undefined {
    let chosen: Lane<T> | undefined;
    for (const lane of this.#lanes) {
      if (!lane.first) continue;
      if (!chosen || (lane.passed >= this.patience && lane.passed > chosen.passed)) chosen = lane;
    }
    const item = chosen?.first;
    if (!chosen || !item) return undefined;
    for (const lane of this.#lanes) if (lane !== chosen && lane.first && lane.priority < chosen.priority) lane.passed++;
    chosen.passed = 0;
    chosen.first = item.next;
    if (!chosen.first) chosen.last = undefined;
    item.next = undefined;
    this.#size--;
    return item;
  }

  /** Takes out all for whom `test` is true, whatever their turn. */
  remove(test: (item: T) => boolean): T[] {
    const removed: T[] = [];
    for (const lane of this.#lanes) {
      let previous: T | undefined;
      for (let item = lane.first; item;) {
        const after: T | undefined = item.next;
        if (test(item)) {
          if (previous) previous.next = after;
          else lane.first = after;
          if (!after) lane.last = previous;
          item.next = undefined;
          removed.push(item);
          this.#size--;
        } else previous = item;
        item = after;
      }
      if (!lane.first) lane.passed = 0;
    }
    return removed;
  }

  forEach(visit: (item: T) => void): void {
    for (const lane of this.#lanes) for (let item = lane.first; item; item = item.next) visit(item);
  }

  #lane(priority: number): Lane<T> {
    for (const lane of this.#lanes) if (lane.priority === priority) return lane;
    const lane: Lane<T> = { priority, first: undefined, last: undefined, passed: 0 };
    const index = this.#lanes.findIndex((other) => other.priority < priority);
    this.#lanes.splice(index < 0 ? this.#lanes.length : index, 0, lane);
    return lane;
  }
}
