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
  return wireRow(q, handle, value, at, quality);
}

function wireRow(q: number, handle: number, value: number | null, at: number, quality: number): string {
  return `[${q},${handle},${value},${at},${quality}]`;
}

/**
 * The channels and the last committed row of each, by handle. It is changed by the commit callback alone, so that it
 * stands at exactly the head of the log: a snapshot taken from it has neither a gap nor a duplicate.
 */
export class ChannelState {
  readonly #channels: (StreamChannel | undefined)[] = [];
  // The last record of each channel by handle, as numbers: its encoded row would keep the whole batch in memory.
  readonly #q: number[] = [];
  readonly #values: number[] = [];
  readonly #ats: number[] = [];
  readonly #codes: number[] = [];
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

  /** The channel's last record, encoded. */
  lastRow(handle: number): string | undefined {
    const q = this.lastQ(handle);
    if (q === 0) return undefined;
    const value = this.#values[handle] ?? NaN;
    return wireRow(q, handle, Number.isNaN(value) ? null : value, this.#ats[handle] ?? 0, this.#codes[handle] ?? 0);
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
    this.#note(record.handle, record.q, record.value ?? NaN, record.at, record.quality);
  }

  /** Takes over a batch. Calls `appeared` for each channel not seen before. */
  commit(batch: Committed, appeared: (channel: StreamChannel) => void): void {
    const { from, handles, records, values, ats, codes } = batch;
    for (let i = 0; i < handles.length; i++) {
      const handle = handles[i] as number; // one of everything per record
      if (this.#channels[handle] === undefined) this.#meet(handle, records[i] as Measurement, appeared);
      this.#note(handle, from + 1 + i, values[i] as number, ats[i] as number, codes[i] as number);
    }
  }

  #note(handle: number, q: number, value: number, at: number, code: number): void {
    this.#q[handle] = q;
    this.#values[handle] = value;
    this.#ats[handle] = at;
    this.#codes[handle] = code;
  }

  #meet(handle: number, record: Measurement, appeared: (channel: StreamChannel) => void): void {
    const { source, channel, unit, kind = 'm' } = record;
    const met = this.know({ handle, path: `${source}/${channel}`, unit, kind });
    if (met) appeared(met);
  }
}
