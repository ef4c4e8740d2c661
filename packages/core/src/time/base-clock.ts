import type { Clock, EpochMs, SleepOptions } from './clock.js';
import type { Duration } from './duration.js';

/** What every clock shares: sleeping is a timer and a promise. */
export abstract class BaseClock implements Clock {
  abstract now(): EpochMs;
  abstract monotonic(): number;
  abstract timer(name: string, delay: Duration, fire: () => void): Disposable;

  sleep(delay: Duration, { signal, name = 'sleep' }: SleepOptions = {}): Promise<void> {
    if (!signal) return new Promise((resolve) => void this.timer(name, delay, resolve));
    return new Promise((resolve, reject) => {
      const cancel = () => {
        timer[Symbol.dispose]();
        reject(signal.reason as Error);
      };
      if (signal.aborted) return reject(signal.reason as Error);
      const timer = this.timer(name, delay, () => {
        signal.removeEventListener('abort', cancel);
        resolve();
      });
      signal.addEventListener('abort', cancel, { once: true });
    });
  }

  io<T>(work: Promise<T>): Promise<T> {
    return work;
  }
}
