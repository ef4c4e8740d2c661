import type { Measurement } from '../measurements/measurement.js';
import { qualityCode, qualityFromCode } from '../measurements/quality.js';
import type { EpochMs } from '../time/clock.js';
import type { ChannelTable, StoredChannel } from './channel-table.js';
import { type EncodedRows, RowWriter } from './encoded-rows.js';
import type { Committed } from './measurement-store.js';

/** A batch ready to be committed: the wire rows, and the same as columns for whoever keeps it in memory. */
export interface EncodedBatch<C extends StoredChannel = StoredChannel> {
  readonly from: number;
  readonly to: number;
  readonly records: readonly Measurement[];
  readonly handles: readonly number[];
  readonly rows: EncodedRows;
  readonly channels: readonly C[];
  /** NaN stands for `null`. */
  readonly values: Float64Array;
  readonly ats: Float64Array;
  readonly codes: Uint8Array;
  /** The newest time in the batch. */
  readonly newest: EpochMs;
}

/** The largest time a Date can show; beyond it a timestamp is garbage. */
const MAX_AT = 8.64e15;
const BAD = 3;
const SUSPECT = 2;

/**
 * Numbers and encodes a batch, once for the disk and every client. What the log cannot hold is made fit, here and nowhere
 * else: a value that is not finite becomes `null` with quality `bad`, -0 becomes 0, a time is rounded to whole
 * milliseconds, and a time that is none becomes `now` with quality `suspect`.
 */
export function encodeBatch<C extends StoredChannel>(
  batch: readonly Measurement[],
  from: number,
  table: ChannelTable<C>,
  now: () => EpochMs,
): EncodedBatch<C> {
  const n = batch.length;
  const handles = new Array<number>(n);
  const rows = new RowWriter(n);
  const channels = new Array<C>(n);
  const values = new Float64Array(n);
  const ats = new Float64Array(n);
  const codes = new Uint8Array(n);
  let records: Measurement[] | undefined;
  let newest = -Infinity;
  let q = from;
  // Readings of one sample share their time and quality: their ends are written once.
  let [lastAt, lastCode, end] = [NaN, NaN, ''];
  for (let i = 0; i < n; i++) {
    // i is within the batch
    const measurement = batch[i]!;
    const channel = table.resolve(measurement);
    let { value, at } = measurement;
    let code = qualityCode(measurement.quality, measurement.simulated);
    if (value === null || !Number.isFinite(value)) {
      value = null;
      code |= BAD;
    }
    if (!Number.isInteger(at) || at > MAX_AT || at < -MAX_AT) {
      const whole = Math.round(at) + 0;
      if (Math.abs(whole) <= MAX_AT) at = whole;
      else {
        at = now();
        if ((code & BAD) < SUSPECT) code = (code & 4) | SUSPECT;
      }
    }
    if (at > newest) newest = at;
    q++;
    handles[i] = channel.handle;
    channels[i] = channel;
    if (at !== lastAt || code !== lastCode) [lastAt, lastCode, end] = [at, code, `,${at},${code}]`];
    if (value !== null) value += 0; // -0 is 0
    rows.add(q, channel.infix, value, end);
    values[i] = value ?? NaN;
    ats[i] = at;
    codes[i] = code;
    if (value !== measurement.value || at !== measurement.at || (value === null && measurement.quality !== 'bad')) {
      records ??= batch.slice();
      records[i] = { ...measurement, value, at, quality: qualityFromCode(code).quality };
    }
  }
  return { from, to: q, records: records ?? batch, handles, rows: rows.finish(), channels, values, ats, codes, newest };
}

/** Makes the batch each channel's last record. Call it once the batch is committed. */
export function noteLast(batch: EncodedBatch): void {
  const { channels, values, ats, codes, from } = batch;
  for (let i = 0; i < channels.length; i++) {
    channels[i]!.note(from + 1 + i, values[i]!, ats[i]!, codes[i]!); // the columns have one length
  }
}

/** What the caller of `append` gets. */
export function committed(epoch: string, batch: EncodedBatch): Committed {
  const { from, to, records, handles, rows, values, ats, codes } = batch;
  return { epoch, from, to, records, handles, rows, values, ats, codes };
}
