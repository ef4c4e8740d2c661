import type { Measurement, RecordKind } from '../measurements/measurement.js';
import type { Unit } from '../measurements/unit.js';
import type { EpochMs } from '../time/clock.js';
import type { EncodedRows } from './encoded-rows.js';

/** A channel as the store knows it. Handles are small positive integers, stable for the life of the database. */
export interface ChannelInfo {
  readonly handle: number;
  /** `<source>/<channel>`. */
  readonly path: string;
  readonly unit: Unit;
  readonly kind: RecordKind;
}

/**
 * One committed batch. Record `i` has the sequence number `from + 1 + i`; the batch covers `(from, to]`.
 * `handles[i]` is its channel and `rows.row(i)` its encoded form `[q,handle,value,at,quality]` (stream protocol), made once
 * for the disk and every client. `values`, `ats` and `codes` say the same as columns. Nothing here may be changed.
 */
export interface Committed {
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
  readonly records: readonly Measurement[];
  readonly handles: readonly number[];
  readonly rows: EncodedRows;
  /** NaN stands for `null`. */
  readonly values: Float64Array;
  readonly ats: Float64Array;
  /** Quality in its wire form. */
  readonly codes: Uint8Array;
}

/** One record read back from the log. */
export interface LogRecord {
  readonly q: number;
  readonly handle: number;
  readonly kind: RecordKind;
  readonly path: string;
  readonly value: number | null;
  readonly unit: Unit;
  readonly at: EpochMs;
  /** Wire form: 0 good, 1 stale, 2 suspect, 3 bad, plus 4 where simulated. */
  readonly quality: number;
}

/** Which measurements to read. */
export interface MeasurementQuery {
  /** Channel path. */
  readonly path: string;
  readonly from: EpochMs;
  /** Exclusive. */
  readonly to: EpochMs;
  readonly limit?: number;
}

/** Down-sampled history: one bucket of one channel. */
export interface Bucket {
  /** Start of the bucket. */
  readonly at: EpochMs;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly count: number;
}

/**
 * Where measurements live: a log in commit order, numbered without gaps, and per-channel history. One suite judges every
 * implementation (`testing/store-conformance.ts`).
 */
export interface MeasurementStore extends AsyncDisposable {
  /** Random id of this log. A new one means: earlier sequence numbers say nothing about this log. */
  readonly epoch: string;
  /** The last committed sequence number; 0 when empty. */
  readonly head: number;
  /** Records with a sequence number above this are still there. */
  readonly floor: number;
  /** False when what is committed does not survive the process. */
  readonly durable: boolean;
  /**
   * Commits a batch whole or not at all, and numbers it. Calls are served in order; the batch must not be changed meanwhile.
   * A value that is not finite is committed as `null` with quality `bad`, -0 as 0, a time in whole milliseconds, and a time that
   * is none as now, `suspect`; `Committed.records` says so too.
   *
   * @throws HYP_STORE; nothing of the batch was committed then. HYP_DISPOSED after closing, as every method here
   */
  append(batch: readonly Measurement[]): Promise<Committed>;
  /**
   * Records after `after`, in order and without a gap, at most `limit`. Where `after` lies below the floor, the first one is the
   * oldest there is: compare its number.
   */
  read(after: number, limit: number): Promise<readonly LogRecord[]>;
  /** Every channel ever committed. One that changes its unit or kind gets another handle, and both are listed. */
  channels(): readonly ChannelInfo[];
  /**
   * Readings of one channel in order of time; among equal times, of commit. They are those committed when the iteration begins.
   */
  query(query: MeasurementQuery): AsyncIterable<Measurement>;
  /**
   * At most `points` buckets of equal length, a whole number of milliseconds; empty ones are left out. Bad readings do not count,
   * nor do those of an earlier unit.
   */
  downsample(query: MeasurementQuery, points: number): Promise<readonly Bucket[]>;
  /** The last committed record of each path, or of those of one source. It outlives pruning. */
  latest(source?: string): Promise<readonly LogRecord[]>;
  /**
   * Deletes what is older from the history and says how many readings that was. The log loses its beginning as far as that has
   * nothing newer.
   */
  prune(before: EpochMs): Promise<number>;
}

/** Small JSON state that survives a restart, under one owner's name: limits of an output, memory of a function, results of commands. */
export interface StateStore {
  get(owner: string, key: string): Promise<unknown>;
  /** `undefined` deletes. */
  set(owner: string, key: string, value: unknown): Promise<void>;
  /** Keys and values of one owner, in order of key. */
  list(owner: string): Promise<readonly (readonly [key: string, value: unknown])[]>;
}

/** The parts of a store that open together and close together. */
export interface Store extends AsyncDisposable {
  readonly measurements: MeasurementStore;
  readonly state: StateStore;
}
