import type { Logger } from '../logging/logger.js';
import type { Measurement } from '../measurements/measurement.js';
import { DisposedError, StoreError } from '../errors/catalogue.js';
import type { Clock, EpochMs } from '../time/clock.js';
import { Committer } from './committer.js';
import { History } from './history.js';
import { LogState } from './log-state.js';
import type {
  Bucket,
  ChannelInfo,
  Committed,
  LogRecord,
  MeasurementQuery,
  MeasurementStore,
} from './measurement-store.js';
import { PageLog } from './page-log.js';
import { Sealer, type SealerLimits } from './sealer.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { storeError } from './store-failure.js';

/** What a {@link KnexMeasurementStore} stands on. */
export interface KnexMeasurementStoreOptions extends SealerLimits {
  readonly database: SqliteDatabase;
  readonly clock: Clock;
  readonly log: Logger;
  readonly epoch: string;
  /** Gives the id of a new epoch; `generation` counts those of this database. */
  readonly newEpoch: (generation: number) => string;
}

/** While sealing fails, the tail may grow to this, some 25 MB of memory, or twice what starts a pass; then batches are refused. */
const MAX_TAIL = 1_000_000;

/**
 * Measurements in an SQLite file: a log of pages, one a commit, and per-channel blocks made of it in the background. What it
 * promises beyond the contract: reads and queries never wait for a commit, and a commit never for them.
 *
 * What it writes: a commit takes whole pages of 4 KiB in the write-ahead log, about 4.2 kB for one record, 8 kB for 50, 25 kB for
 * 500; later the checkpoint writes 34 to 42 bytes a record into the file, and sealing 8 to 13 (a sensor of two decimals), up to
 * three times where many slow channels share the log. So at least 50 records a commit keep it under 200 bytes a record.
 */
export class KnexMeasurementStore implements MeasurementStore {
  readonly durable = true;
  readonly #clock: Clock;
  readonly #state: LogState;
  readonly #pages: PageLog;
  readonly #history: History;
  readonly #sealer: Sealer;
  readonly #committer: Committer;
  #closed = false;

  private constructor(options: KnexMeasurementStoreOptions) {
    const { database, clock } = options;
    this.#clock = clock;
    const state = (this.#state = new LogState(options.epoch));
    const pages = (this.#pages = new PageLog(database));
    const history = (this.#history = new History(database, state, clock));
    const sealer = (this.#sealer = new Sealer({ ...options, pages, history, state, limits: options }));
    this.#committer = new Committer({ ...options, pages, state, committed: () => sealer.committed() });
  }

  /** @throws the driver's error or a SyntaxError, where the file is damaged */
  static async open(options: KnexMeasurementStoreOptions): Promise<KnexMeasurementStore> {
    const store = new KnexMeasurementStore(options);
    await store.#state.load(options.database, store.#pages);
    return store;
  }

  get epoch(): string {
    return this.#state.epoch;
  }

  get head(): number {
    return this.#state.head;
  }

  get floor(): number {
    return this.#state.floor;
  }

  async append(batch: readonly Measurement[]): Promise<Committed> {
    this.#use();
    if (this.#state.tail.length > Math.max(MAX_TAIL, 2 * this.#sealer.enough)) {
      throw new StoreError({ operation: 'append', why: 'the history cannot be written; see the log' });
    }
    return this.#clock.io(this.#committer.append(batch));
  }

  async read(after: number, limit: number): Promise<readonly LogRecord[]> {
    this.#use();
    return this.#io('read the log', this.#pages.read(after, limit, this.head, this.#state.channels));
  }

  channels(): readonly ChannelInfo[] {
    return this.#state.channels.list();
  }

  async *query(query: MeasurementQuery): AsyncIterable<Measurement> {
    this.#use();
    yield* this.#history.query(this.#state.channels.byPath(query.path), query);
  }

  async downsample(query: MeasurementQuery, points: number): Promise<readonly Bucket[]> {
    this.#use();
    const channels = this.#state.channels.byPath(query.path);
    const same = channels.filter(({ unit }) => unit === channels[0]?.unit); // a mean over two units would be none
    return this.#history.downsample(same, query, points);
  }

  async latest(source?: string): Promise<readonly LogRecord[]> {
    this.#use();
    return this.#state.channels.latest(source);
  }

  async prune(before: EpochMs): Promise<number> {
    this.#use();
    return this.#io('prune', this.#sealer.prune(before));
  }

  /** Moves what is committed by now into blocks. It happens by itself; a backup or a test may want it at once. */
  async seal(): Promise<void> {
    this.#use();
    return this.#io('seal', this.#sealer.seal());
  }

  /** What was accepted is committed first. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#clock.io(Promise.all([this.#committer.idle(), this.#sealer.close()]));
  }

  #use(): void {
    if (this.#closed) throw new DisposedError({ what: 'The store' });
  }

  async #io<T>(operation: string, work: Promise<T>): Promise<T> {
    try {
      return await this.#clock.io(work);
    } catch (error) {
      throw storeError(operation, error);
    }
  }
}
