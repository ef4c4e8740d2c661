import type { Clock } from '@hyphae/core';
import type { MeasurementStore } from '@hyphae/core/store';
import { encodeRow } from './channel-state.js';
import type { PageLimits, RecordRing, RowPage } from './record-ring.js';
import type { StreamCounters } from './stream-counters.js';

/** Nothing below this sequence number is left: the reader came too late. */
export interface Expired {
  readonly floor: number;
}

/**
 * Reads the log from memory, else from the store. At most a few read the store at a time; the others wait in order, so
 * that a crowd coming back does not starve what is being recorded.
 */
export class LogReader {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(
    readonly ring: RecordRing,
    readonly store: MeasurementStore,
    readonly clock: Clock,
    readonly counters: StreamCounters,
    most: number,
  ) {
    this.#free = most;
  }

  /** From memory, or `undefined`. */
  recent(after: number, wants: (handle: number) => boolean, limits: PageLimits): RowPage | undefined {
    return this.ring.read(after, wants, limits);
  }

  /** From the store. @throws HYP_STORE */
  async stored(after: number, wants: (handle: number) => boolean, limits: PageLimits): Promise<RowPage | Expired> {
    await this.#enter();
    try {
      this.counters.catchUpReads++;
      const records = await this.clock.io(this.store.read(after, limits.records));
      const floor = this.store.floor;
      const first = records[0];
      if (after < floor || first === undefined || first.q !== after + 1) return { floor: Math.max(floor, after) };
      const rows: string[] = [];
      let bytes = 0;
      let to = after;
      for (const record of records) {
        if (record.q > limits.until) break;
        if (wants(record.handle)) {
          const row = encodeRow(record);
          if (bytes + row.length + 1 > limits.bytes) break;
          rows.push(row);
          bytes += row.length + 1;
        }
        to = record.q;
      }
      return { to, rows };
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => void this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
