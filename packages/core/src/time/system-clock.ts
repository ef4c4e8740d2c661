import { BaseClock } from './base-clock.js';
import type { EpochMs } from './clock.js';
import { type Duration, toMs } from './duration.js';

/** The machine's own time. The only file that may name the global clocks and timers. */
export class SystemClock extends BaseClock {
  now(): EpochMs {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  timer(_name: string, delay: Duration, fire: () => void): Disposable {
    const handle = setTimeout(fire, toMs(delay));
    return { [Symbol.dispose]: () => clearTimeout(handle) };
  }
}
