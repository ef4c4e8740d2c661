import type { Measurement, RecordKind } from '@hyphae/core';
import type { ChannelInfo, Committed, LogRecord } from '@hyphae/core/store';

/** A channel as clients know it. */
export interface StreamChannel {
  readonly handle: number;
  readonly path: string;
  readonly kind: RecordKind;
  /** `"7":["gh1/air/temperature","Cel"]`, encoded once. */
  readonly entry: string;
}

/** Encodes a record read back from the log the way the store encodes what it commits. Values in the log are finite or null. */
export function encodeRow({ q, handle, value, at, quality }: LogRecord): string {
  return `[${q},${handle},${value},${at},${quality}]`;
}

/**
 * The channels and the last committed row of each, by handle. It is changed by the commit callback alone, so that it
 * stands at exactly the head of the log: a snapshot taken from it has neither a gap nor a duplicate.
 */
export class ChannelState {
  readonly #channels: (StreamChannel | undefined)[] = [];
  readonly #rows: (string | undefined)[] = [];
  readonly #q: number[] = [];
  readonly #known: StreamChannel[] = [];

  /** Every channel, in order of appearance. */
  get channels(): readonly StreamChannel[] {
    return this.#known;
  }

  channel(handle: number): StreamChannel | undefined {
    return this.#channels[handle];
  }

  /** Sequence number of the channel's last record, 0 for none. */
  lastQ(handle: number): number {
    return this.#q[handle] ?? 0;
  }

  lastRow(handle: number): string | undefined {
    return this.#rows[handle];
  }

  /** Takes over a channel the store knows. */
  know({ handle, path, unit, kind }: ChannelInfo): StreamChannel | undefined {
    if (this.#channels[handle]) return undefined;
    const entry = `"${handle}":${JSON.stringify([path, unit])}`;
    const channel: StreamChannel = { handle, path, kind, entry };
    this.#channels[handle] = channel;
    this.#known.push(channel);
    return channel;
  }

  /** Takes over a record read from the store, unless a later one is there. */
  recall(record: LogRecord): void {
    if (record.q <= this.lastQ(record.handle)) return;
    this.#q[record.handle] = record.q;
    this.#rows[record.handle] = encodeRow(record);
  }

  /** Takes over a batch. Calls `appeared` for each channel not seen before. */
  commit({ from, handles, rows, records }: Committed, appeared: (channel: StreamChannel) => void): void {
    for (let i = 0; i < rows.length; i++) {
      const handle = handles[i] as number; // one handle and one row per record
      if (this.#channels[handle] === undefined) this.#meet(handle, records[i] as Measurement, appeared);
      this.#rows[handle] = rows[i];
      this.#q[handle] = from + 1 + i;
    }
  }

  #meet(handle: number, record: Measurement, appeared: (channel: StreamChannel) => void): void {
    const { source, channel, unit, kind = 'm' } = record;
    const met = this.know({ handle, path: `${source}/${channel}`, unit, kind });
    if (met) appeared(met);
  }
}
