import { DeadlineError } from '../errors/catalogue.js';
import type { Clock } from '../time/clock.js';
import { type Duration, formatMs, toMs } from '../time/duration.js';

/**
 * Waits for `work`, but no longer than the deadline. What the work does after that is ignored.
 *
 * @throws HYP_DEADLINE, or the work's own failure
 */
export async function within<T>(
  clock: Clock,
  what: string,
  deadline: Duration,
  work: () => Promise<T> | T,
): Promise<T> {
  let timer: Disposable | undefined;
  try {
    return await Promise.race([
      Promise.resolve().then(work),
      new Promise<never>((_, reject) => {
        timer = clock.timer(`deadline ${what}`, deadline, () =>
          reject(new DeadlineError({ what, deadline: formatMs(toMs(deadline)) })),
        );
      }),
    ]);
  } finally {
    timer?.[Symbol.dispose]();
  }
}
