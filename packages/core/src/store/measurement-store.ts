import type { Measurement, RecordKind } from '../measurements/measurement.js';
import type { Unit } from '../measurements/unit.js';
import type { EpochMs } from '../time/clock.js';

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
 * `handles[i]` is its channel and `rows[i]` its encoded form `[q,handle,value,at,quality]` (stream protocol), made once
 * for the disk and every client.
 */
export interface Committed {
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
  readonly records: readonly Measurement[];
  readonly handles: readonly number[];
  readonly rows: readonly string[];
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
   * Commits a batch whole or not at all, and numbers it. Calls are served in order.
   *
   * @throws HYP_STORE; nothing of the batch was committed then
   */
  append(batch: readonly Measurement[]): Promise<Committed>;
  /** Records after `q`, in order, at most `limit`. */
  read(after: number, limit: number): Promise<readonly LogRecord[]>;
  /** Every channel ever committed. */
  channels(): readonly ChannelInfo[];
  /** Readings of one channel in order of time. */
  query(query: MeasurementQuery): AsyncIterable<Measurement>;
  /** At most `points` buckets of equal length; empty ones are left out. Bad readings do not count. */
  downsample(query: MeasurementQuery, points: number): Promise<readonly Bucket[]>;
  /** The last committed record of each channel, or of those of one source. */
  latest(source?: string): Promise<readonly LogRecord[]>;
  /** Deletes what is older and says how many records that was. */
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
