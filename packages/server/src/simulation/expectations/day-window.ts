import type { EpochMs } from '@hyphae/core';
import { offsetChange, zoneOffset } from './zone-offset.js';

const DAY = 86_400_000;
const PATTERN = /^\s*(\d{1,2}):([0-5]\d)\s*[-–]\s*(\d{1,2}):([0-5]\d)\s*$/;

/**
 * A part of every day, such as 08:00-20:00; it may cross midnight. The end is not part of it. In a zone, what the clocks on
 * the wall show counts: an hour that is skipped does not come, one that is repeated comes twice.
 */
export class DayWindow {
  readonly #from: number;
  readonly #to: number;
  readonly #zone: string | undefined;
  /** As it was written, with the zone. */
  readonly text: string;

  /** Takes milliseconds since midnight. */
  private constructor(from: number, to: number, zone: string | undefined, text: string) {
    this.#from = from;
    this.#to = to;
    this.#zone = zone;
    this.text = `${text.trim()} ${zone ?? 'UTC'}`;
  }

  /** Reads `08:00-20:00`. `undefined` when it is not two different times of day, or covers the whole of it. */
  static parse(text: string, zone?: string): DayWindow | undefined {
    const match = PATTERN.exec(text);
    if (!match) return undefined;
    const from = Number(match[1]) * 3_600_000 + Number(match[2]) * 60_000;
    const to = Number(match[3]) * 3_600_000 + Number(match[4]) * 60_000;
    if (from >= DAY || to > DAY || from === to % DAY) return undefined;
    return new DayWindow(from, to, zone, text);
  }

  /** How long it is on a day without a change of the clocks. */
  get lengthMs(): number {
    return (this.#to - this.#from + DAY) % DAY;
  }

  contains(at: EpochMs): boolean {
    const time = this.#timeOfDay(at);
    if (this.#from < this.#to) return time >= this.#from && time < this.#to;
    return time >= this.#from || time < this.#to;
  }

  /** The next moment after `at` at which it begins or ends. */
  nextChange(at: EpochMs): EpochMs {
    const inside = this.contains(at);
    for (let start = at; ;) {
      const wait = ((((inside ? this.#to : this.#from) - this.#timeOfDay(start)) % DAY) + DAY) % DAY;
      const next = start + (wait === 0 ? DAY : wait);
      if (this.#zone === undefined || zoneOffset(this.#zone, start) === zoneOffset(this.#zone, next)) return next;
      // The clocks change before that, which may itself begin or end the window.
      start = offsetChange(this.#zone, start, next);
      if (this.contains(start) !== inside) return start;
    }
  }

  #timeOfDay(at: EpochMs): number {
    const local = this.#zone === undefined ? at : at + zoneOffset(this.#zone, at);
    return ((local % DAY) + DAY) % DAY;
  }
}
