import type { Lifetime } from '../lifetime/lifetime.js';
import type { Clock } from '../time/clock.js';
import type { Duration } from '../time/duration.js';
import { within } from './within.js';

/** What is opened or started, who takes it over, and how it is put away should nobody wait for it any more. */
export interface Acquisition<T> {
  readonly what: string;
  readonly deadline: Duration;
  readonly work: () => Promise<T> | T;
  /** Makes it the lifetime's. Called in the instant in which it is certain that the lifetime goes on. */
  readonly keep: (value: T) => void;
  /** Called instead: after the deadline, and after the end of the lifetime. */
  readonly putAway: (value: T) => unknown;
}

/**
 * Opens or starts something for a lifetime: within a deadline, and no longer than the lifetime lasts. Whatever comes too late for
 * either is put away, so that nothing runs that nobody owns.
 *
 * @throws HYP_DEADLINE, HYP_DISPOSED, or the work's own failure
 */
export async function acquire<T>(
  clock: Clock,
  life: Lifetime,
  { what, deadline, work, keep, putAway }: Acquisition<T>,
): Promise<T> {
  const value = await within(clock, what, deadline, work, putAway, life);
  if (life.ended) await putAway(value); // it came in time, but the end began before this line
  life.throwIfEnded();
  keep(value);
  return value;
}
