import type { Clock, EpochMs } from '@hyphae/core';
import type { MeasurementStore } from '@hyphae/core/store';
import type { LogReader } from './log-reader.js';

const PAGE = 500;

/**
 * The sequence number after which records are at least as late as `at`, by bisection: about 20 reads. `undefined` when that
 * is before what the store still has. Where the wall clock was set back the log is not in order of time, and one of the
 * possible answers is given.
 *
 * @throws HYP_STORE
 */
export async function findTime(
  store: MeasurementStore,
  clock: Clock,
  at: EpochMs,
  head: number,
): Promise<number | undefined> {
  let low = store.floor;
  let high = head;
  let first: EpochMs | undefined;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [record] = await clock.io(store.read(middle, 1));
    if (record && record.at < at) low = middle + 1;
    else [high, first] = [middle, record?.at];
  }
  const pruned = low > 0 && low <= store.floor;
  return pruned && (first ?? clock.now()) > at ? undefined : Math.max(low, store.floor);
}

/** How many wanted records are in `(after, head]`; `undefined` when some are gone. @throws HYP_STORE */
export async function countMatching(
  reader: LogReader,
  wants: (handle: number) => boolean,
  after: number,
  head: number,
): Promise<number | undefined> {
  let count = 0;
  const limits = { until: head, records: PAGE, bytes: Infinity };
  for (let at = after; at < head;) {
    const page = reader.recent(at, wants, limits) ?? (await reader.stored(at, wants, limits));
    if ('floor' in page) return undefined;
    count += page.rows.length;
    at = page.to;
  }
  return count;
}
