import type { Measurement } from '../measurements/measurement.js';
import type { Clock } from '../time/clock.js';

/** The last reading of one channel, and who wants to know of the next. Control reads this, never the store. */
export interface Slot {
  readonly path: string;
  last: Measurement | undefined;
  /** Monotonic time of the last arrival; a step of the wall clock does not make a reading old. */
  arrivedMs: number;
  /** How often the source promises a reading; 0 while unknown. */
  periodMs: number;
  readonly listeners: Set<() => void>;
}

/** The in-memory state of every channel. */
export class LastValues {
  readonly #slots = new Map<string, Slot>();

  constructor(private readonly clock: Clock) {}

  /** The slot of a path, made when it is first asked for. */
  slot(path: string): Slot {
    let slot = this.#slots.get(path);
    if (!slot) {
      slot = { path, last: undefined, arrivedMs: -Infinity, periodMs: 0, listeners: new Set() };
      this.#slots.set(path, slot);
    }
    return slot;
  }

  set(slot: Slot, reading: Measurement): void {
    slot.last = reading;
    slot.arrivedMs = this.clock.monotonic();
    for (const listener of slot.listeners) listener();
  }

  get(path: string): Measurement | undefined {
    return this.#slots.get(path)?.last;
  }

  /** Forgets a channel whose source was removed; functions that still listen keep their slot, without a value. */
  clear(path: string): void {
    const slot = this.#slots.get(path);
    if (!slot) return;
    slot.last = undefined;
    slot.arrivedMs = -Infinity;
    if (slot.listeners.size === 0) this.#slots.delete(path);
  }

  all(): Measurement[] {
    const readings: Measurement[] = [];
    for (const { last } of this.#slots.values()) if (last) readings.push(last);
    return readings;
  }

  /** Readings that were good and have not been renewed for three of their periods. */
  overdue(): Slot[] {
    const now = this.clock.monotonic();
    const late: Slot[] = [];
    for (const slot of this.#slots.values()) {
      if (slot.periodMs > 0 && slot.last?.quality === 'good' && now - slot.arrivedMs > 3 * slot.periodMs)
        late.push(slot);
    }
    return late;
  }
}
