import { BaseClock } from './base-clock.js';
import type { EpochMs } from './clock.js';
import { type Duration, toMs } from './duration.js';
import { ClockTimer, TimerQueue } from './timer-queue.js';

/**
 * Whoever aims at a whole millisecond (`at - clock.monotonic()`) misses it by the time between two looks at the clock. Up to
 * this much (ms) does not cost the next slot; slots are opened as much later, so that no timer is early.
 */
const GRACE = 0.02;

/** The longest delay setTimeout keeps; it would fire longer ones at once. */
const LONGEST = 2 ** 31 - 1;

/**
 * The machine's own time. The only file that may name the global clocks and timers.
 *
 * All timers stand on one underlying Node timer, in slots of a millisecond: waking up is what costs, so whatever is due in
 * one millisecond shares a wake-up. A timer never fires before its delay has passed by {@link monotonic}; timers due in
 * the same millisecond fire in the order they were made. While one is armed, the process stays alive. What a callback
 * throws does not stop the others and becomes an uncaught exception, as with setTimeout.
 */
export class SystemClock extends BaseClock {
  readonly #queue = new TimerQueue();
  #handle: NodeJS.Timeout | undefined;
  /** What the handle wakes up for. While awake nothing can be due before that, so no callback arms it. */
  #armedFor = Infinity;

  now(): EpochMs {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  timer(name: string, delay: Duration, fire: () => void): Disposable {
    const timer = new ClockTimer(name, fire, this.#cancel);
    const at = Math.ceil(performance.now() + toMs(delay) - GRACE);
    this.#queue.add(timer, at);
    if (at < this.#armedFor) this.#arm(at);
    return timer;
  }

  /** Timers armed, for diagnostics. */
  get waiting(): readonly string[] {
    return [...this.#queue].map((timer) => timer.name);
  }

  // Waking up for nothing is cheaper than arming anew at each cancellation, as long as something else is still due.
  readonly #cancel = (timer: ClockTimer): void => {
    this.#queue.remove(timer);
    if (this.#queue.size === 0 && this.#handle) this.#disarm();
  };

  readonly #wake = (): void => {
    this.#handle = undefined;
    const now = performance.now();
    const limit = now - GRACE;
    for (let timer = this.#queue.take(limit); timer; timer = this.#queue.take(limit)) {
      try {
        timer.fire(now);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
    this.#armedFor = Infinity;
    const next = this.#queue.next();
    if (next < Infinity) this.#arm(next);
  };

  #arm(at: number): void {
    if (this.#handle) clearTimeout(this.#handle);
    this.#armedFor = at;
    // setTimeout counts from the time the event loop last looked, so it may come early: then it wakes up a second time.
    this.#handle = setTimeout(this.#wake, Math.min(Math.max(Math.ceil(at + GRACE - performance.now()), 1), LONGEST));
  }

  #disarm(): void {
    clearTimeout(this.#handle);
    this.#handle = undefined;
    this.#armedFor = Infinity;
  }
}
