import { DeadlineError, DisposedError } from '../errors/catalogue.js';
import type { Clock } from '../time/clock.js';
import { type Duration, formatMs, toMs } from '../time/duration.js';

/** What may end before the work does: a lifetime. */
export interface Ending {
  /** Why it ended, once it has. */
  readonly reason: Error | undefined;
  onEnd(listener: () => void): Disposable;
}

/**
 * Waits for `work`, but no longer than the deadline, nor after the end of `until`. The work may go on; what it gives after that
 * goes to `late`, which puts it away. What goes wrong by then has nobody left to be told.
 *
 * @throws HYP_DEADLINE, the reason of that end, or the work's own failure
 */
export function within<T>(
  clock: Clock,
  what: string,
  deadline: Duration,
  work: () => Promise<T> | T,
  late?: (value: T) => unknown,
  until?: Ending,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (until?.reason) return reject(until.reason);
    let over = false;
    const end = (): boolean => {
      if (over) return false;
      over = true;
      timer[Symbol.dispose]();
      listening?.[Symbol.dispose]();
      return true;
    };
    const timer = clock.timer(
      `deadline ${what}`,
      deadline,
      () => end() && reject(new DeadlineError({ what, deadline: formatMs(toMs(deadline)) })),
    );
    const listening = until?.onEnd(() => end() && reject(until.reason ?? new DisposedError({ what })));
    Promise.resolve()
      .then(work)
      .then(
        (value) => (end() ? resolve(value) : late?.(value)),
        (error: unknown) => end() && reject(error as Error), // whatever was thrown is passed on
      )
      .catch(() => {});
  });
}
