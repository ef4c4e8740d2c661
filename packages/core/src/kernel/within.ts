import { DeadlineError } from '../errors/catalogue.js';
import type { Clock } from '../time/clock.js';
import { type Duration, formatMs, toMs } from '../time/duration.js';

/**
 * Waits for `work`, but no longer than the deadline, nor after `signal` has aborted. The work may go on; what it gives after that
 * goes to `late`, which puts it away. What goes wrong by then has nobody left to be told.
 *
 * @throws HYP_DEADLINE, the signal's reason, or the work's own failure
 */
export function within<T>(
  clock: Clock,
  what: string,
  deadline: Duration,
  work: () => Promise<T> | T,
  late?: (value: T) => unknown,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let over = signal?.aborted === true;
    if (over) return reject(signal?.reason as Error); // whoever aborts gives the reason; passed on as it is
    const end = (): boolean => {
      if (over) return false;
      over = true;
      timer[Symbol.dispose]();
      signal?.removeEventListener('abort', abort);
      return true;
    };
    const abort = () => end() && reject(signal?.reason as Error); // as above
    const timer = clock.timer(
      `deadline ${what}`,
      deadline,
      () => end() && reject(new DeadlineError({ what, deadline: formatMs(toMs(deadline)) })),
    );
    signal?.addEventListener('abort', abort);
    Promise.resolve()
      .then(work)
      .then(
        (value) => (end() ? resolve(value) : late?.(value)),
        (error: unknown) => end() && reject(error as Error), // whatever was thrown is passed on
      )
      .catch(() => {});
  });
}
