/** Something due at a moment. An entry is in at most one queue at a time and may be added again after it left. */
export abstract class TimerEntry {
  /** Appears in diagnostics. */
  abstract readonly name: string;
  /** Among entries due at one moment, higher goes first. */
  readonly priority: number = 0;
  /** Where it waits; the queue alone sets this and the two links. */
  slot: TimerSlot | undefined = undefined;
  before: TimerEntry | undefined = undefined;
  after: TimerEntry | undefined = undefined;

  /** Called by whoever took it from the queue, with the moment it was taken. */
  abstract fire(now: number): void;
}

/** All entries due at one moment, in the order they are to fire. */
export interface TimerSlot {
  readonly at: number;
  first: TimerEntry | undefined;
  last: TimerEntry | undefined;
}

const WORTH_SWEEPING = 64;

/**
 * Entries by the moment they are due. Entries of one moment share a slot, and a heap orders the slots: adding and taking
 * cost O(log moments) at worst and O(1) for a moment already known; removing costs O(1) and lets go of the entry at once.
 */
export class TimerQueue {
  readonly #slots = new Map<number, TimerSlot>();
  readonly #heap: TimerSlot[] = [];
  #size = 0;
  #empty = 0;

  /** Entries waiting. */
  get size(): number {
    return this.#size;
  }

  /** Distinct moments kept in memory, emptied ones included: at most twice the moments in use, and a few. */
  get moments(): number {
    return this.#heap.length;
  }

  /** The moment the first entry is due; Infinity when none waits. */
  next(): number {
    for (let slot = this.#heap[0]; slot; slot = this.#heap[0]) {
      if (slot.first) return slot.at;
      this.#empty--;
      this.#dropFirst();
    }
    return Infinity;
  }

  /** The entry to fire next, without taking it. */
  peek(): TimerEntry | undefined {
    this.next();
    return this.#heap[0]?.first;
  }

  /** Lets `entry` wait until `at`. It must not be waiting already. */
  add(entry: TimerEntry, at: number): void {
    let slot = this.#slots.get(at);
    if (!slot) {
      slot = { at, first: undefined, last: undefined };
      this.#slots.set(at, slot);
      this.#push(slot);
    } else if (!slot.first) this.#empty--;
    entry.slot = slot;
    this.#size++;
    let before = slot.last;
    while (before && before.priority < entry.priority) before = before.before;
    const after = before ? before.after : slot.first;
    entry.before = before;
    entry.after = after;
    if (before) before.after = entry;
    else slot.first = entry;
    if (after) after.before = entry;
    else slot.last = entry;
  }

  /** Takes an entry out; nothing happens when it is not waiting. */
  remove(entry: TimerEntry): void {
    const slot = entry.slot;
    if (!slot) return;
    this.#unlink(entry, slot);
    // An emptied slot stays in the heap, where it may be filled again; only when most are empty are they swept out.
    if (!slot.first && ++this.#empty > WORTH_SWEEPING && this.#empty > this.#heap.length / 2) this.#sweep();
  }

  /** Takes the first entry due at or before `limit`. */
  take(limit: number): TimerEntry | undefined {
    if (this.next() > limit) return undefined;
    const slot = this.#heap[0];
    const entry = slot?.first;
    if (!slot || !entry) return undefined;
    this.#unlink(entry, slot);
    if (!slot.first) this.#dropFirst();
    return entry;
  }

  /** Every entry in the order they would fire, for diagnostics. */
  *[Symbol.iterator](): Generator<TimerEntry> {
    for (const slot of [...this.#heap].sort((a, b) => a.at - b.at)) {
      for (let entry = slot.first; entry; entry = entry.after) yield entry;
    }
  }

  #unlink(entry: TimerEntry, slot: TimerSlot): void {
    const { before, after } = entry;
    if (before) before.after = after;
    else slot.first = after;
    if (after) after.before = before;
    else slot.last = before;
    entry.slot = entry.before = entry.after = undefined;
    this.#size--;
  }

  #push(slot: TimerSlot): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(slot);
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = heap[up] as TimerSlot; // an index below the length
      if (parent.at <= slot.at) break;
      heap[i] = parent;
      i = up;
    }
    heap[i] = slot;
  }

  #dropFirst(): void {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first) this.#slots.delete(first.at);
    if (last && heap.length > 0) this.#sink(last, 0);
  }

  #sink(slot: TimerSlot, from: number): void {
    const heap = this.#heap;
    const half = heap.length >> 1;
    let i = from;
    while (i < half) {
      let down = 2 * i + 1;
      let child = heap[down] as TimerSlot; // i is in the first half: it has a child
      const other = heap[down + 1];
      if (other && other.at < child.at) {
        child = other;
        down++;
      }
      if (child.at >= slot.at) break;
      heap[i] = child;
      i = down;
    }
    heap[i] = slot;
  }

  #sweep(): void {
    const heap = this.#heap;
    let kept = 0;
    for (const slot of heap) {
      if (slot.first) heap[kept++] = slot;
      else this.#slots.delete(slot.at);
    }
    heap.length = kept;
    this.#empty = 0;
    for (let i = (kept >> 1) - 1; i >= 0; i--) this.#sink(heap[i] as TimerSlot, i); // an index below the length
  }
}

/** The timer a clock hands out: a callback that waits in a queue until it fires or is disposed. */
export class ClockTimer extends TimerEntry implements Disposable {
  readonly #fire: () => void;
  readonly #cancel: (timer: ClockTimer) => void;

  /** @param cancel takes it out of its queue; called at most once, and never after it fired */
  constructor(
    readonly name: string,
    fire: () => void,
    cancel: (timer: ClockTimer) => void,
  ) {
    super();
    this.#fire = fire;
    this.#cancel = cancel;
  }

  override fire(): void {
    this.#fire();
  }

  [Symbol.dispose](): void {
    if (this.slot) this.#cancel(this);
  }
}
