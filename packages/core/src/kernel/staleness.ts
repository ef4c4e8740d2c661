import type { Clock } from '../time/clock.js';
import type { LastValues } from './last-values.js';
import type { Publisher } from './publisher.js';

/** Publishes as stale what has not been renewed in time. Nothing has arrived by that: only the standing of the reading changes. */
export function markStale(values: LastValues, publisher: Publisher, clock: Clock): void {
  for (const slot of values.overdue()) {
    const { last, arrivedMs } = slot;
    if (!last) continue;
    publisher.publish(slot, { ...last, quality: 'stale', at: clock.now() });
    slot.arrivedMs = arrivedMs;
  }
}
