import { type Measurement, type RecordKind, splitPath } from '../measurements/measurement.js';
import { type Quality, qualityCode, qualityFromCode } from '../measurements/quality.js';
import type { Unit } from '../measurements/unit.js';
import type { Clock } from '../time/clock.js';

/**
 * The last reading of one channel, and who wants to know of the next. Control reads this, never the store. The reading is kept
 * as numbers: an object held from one reading to the next would outlive the young generation of the garbage collector.
 */
export class Slot {
  /** Monotonic time of the last arrival; a step of the wall clock does not make a reading old. */
  arrivedMs = -Infinity;
  /** How often the source promises a reading; 0 while unknown. */
  periodMs = 0;
  /** Most channels have none. */
  #listeners: Set<() => void> | undefined = undefined;
  #has = false;
  #value = NaN;
  #at = NaN;
  #code = 0;
  #unit: Unit = '1';
  #kind: RecordKind | undefined = undefined;

  constructor(readonly path: string) {}

  get last(): Measurement | undefined {
    if (!this.#has) return undefined;
    const { quality, simulated } = qualityFromCode(this.#code);
    return {
      ...splitPath(this.path),
      ...(this.#kind ? { kind: this.#kind } : {}),
      value: Number.isNaN(this.#value) ? null : this.#value,
      unit: this.#unit,
      at: this.#at,
      quality,
      ...(simulated ? { simulated } : {}),
    };
  }

  /** Quality of the last reading, if there is one. */
  get quality(): Quality | undefined {
    return this.#has ? qualityFromCode(this.#code).quality : undefined;
  }

  /** Takes over a reading; its value is a number or `null`. */
  set({ value, at, quality, simulated, unit, kind }: Measurement, arrivedMs: number): void {
    this.#has = true;
    this.#value = value ?? NaN;
    this.#at = at;
    this.#code = qualityCode(quality, simulated);
    if (this.#unit !== unit) this.#unit = unit;
    if (this.#kind !== kind) this.#kind = kind;
    this.arrivedMs = arrivedMs;
    if (this.#listeners) for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` after each reading, until disposed. */
  listen(listener: () => void): Disposable {
    const listeners = (this.#listeners ??= new Set());
    listeners.add(listener);
    return { [Symbol.dispose]: () => void listeners.delete(listener) };
  }

  get heard(): boolean {
    return this.#listeners !== undefined && this.#listeners.size > 0;
  }

  /** Forgets the reading. */
  clear(): void {
    this.#has = false;
    this.arrivedMs = -Infinity;
  }
}

/** The in-memory state of every channel. */
export class LastValues {
  readonly #slots = new Map<string, Slot>();

  constructor(private readonly clock: Clock) {}

  /** The slot of a path, made when it is first asked for. */
  slot(path: string): Slot {
    let slot = this.#slots.get(path);
    if (!slot) {
      slot = new Slot(path);
      this.#slots.set(path, slot);
    }
    return slot;
  }

  set(slot: Slot, reading: Measurement): void {
    slot.set(reading, this.clock.monotonic());
  }

  get(path: string): Measurement | undefined {
    return this.#slots.get(path)?.last;
  }

  /** Forgets a channel whose source was removed; functions that still listen keep their slot, without a value. */
  clear(path: string): void {
    const slot = this.#slots.get(path);
    if (!slot) return;
    slot.clear();
    if (!slot.heard) this.#slots.delete(path);
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
      if (slot.periodMs > 0 && slot.quality === 'good' && now - slot.arrivedMs > 3 * slot.periodMs) late.push(slot);
    }
    return late;
  }
}
