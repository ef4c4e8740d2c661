import type { Clock } from '@hyphae/core';
import type { Begin } from './event-actions.js';
import type { TimedEvent } from './event-times.js';

/** What happened to an event. */
export interface EventNote {
  readonly name: string;
  readonly phase: 'begins' | 'ends';
}

/** Lets events happen at their times, from now on, until it is disposed. */
export class Timeline implements Disposable {
  readonly #clock: Clock;
  readonly #note: (note: EventNote) => void;
  readonly #timers = new Set<Disposable>();

  constructor(clock: Clock, note: (note: EventNote) => void) {
    this.#clock = clock;
    this.#note = note;
  }

  /** Times count from now. */
  add({ name, atMs, forMs, everyMs }: TimedEvent, begin: Begin): void {
    const occur = () => {
      if (everyMs !== undefined) this.#after(everyMs, name, occur);
      this.#note({ name, phase: 'begins' });
      const end = begin();
      if (end === undefined || forMs === Infinity) return;
      this.#after(forMs, name, () => {
        end();
        this.#note({ name, phase: 'ends' });
      });
    };
    this.#after(atMs, name, occur);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) timer[Symbol.dispose]();
    this.#timers.clear();
  }

  #after(ms: number, name: string, fire: () => void): void {
    const timer = this.#clock.timer(`scenario: ${name}`, ms, () => {
      this.#timers.delete(timer);
      fire();
    });
    this.#timers.add(timer);
  }
}
