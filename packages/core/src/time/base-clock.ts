import type { Clock, EpochMs, SleepOptions } from './clock.js';
import type { Duration } from './duration.js';

/** Those who wait on one signal. One listener serves them all: adding and removing listeners costs more than the sleep. */
const sleepers = new WeakMap<AbortSignal, Set<(reason: Error) => void>>();

function sleepersOf(signal: AbortSignal): Set<(reason: Error) => void> {
  let set = sleepers.get(signal);
  if (!set) {
    const made = (set = new Set());
    sleepers.set(signal, made);
    const wakeAll = () => {
      for (const cancel of made) cancel(signal.reason as Error); // whoever aborts gives the reason; passed on as it is
      made.clear();
    };
    signal.addEventListener('abort', wakeAll, { once: true });
  }
  return set;
}

/** What every clock shares: sleeping is a timer and a promise. */
export abstract class BaseClock implements Clock {
  abstract now(): EpochMs;
  abstract monotonic(): number;
  abstract timer(name: string, delay: Duration, fire: () => void): Disposable;

  sleep(delay: Duration, { signal, name = 'sleep' }: SleepOptions = {}): Promise<void> {
    if (!signal) return new Promise((resolve) => void this.timer(name, delay, resolve));
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error); // as above
      const waiting = sleepersOf(signal);
      const cancel = (reason: Error) => {
        timer[Symbol.dispose]();
        reject(reason);
      };
      const timer = this.timer(name, delay, () => {
        waiting.delete(cancel);
        resolve();
      });
      waiting.add(cancel);
    });
  }

  io<T>(work: Promise<T>, _name?: string): Promise<T> {
    return work;
  }
}
