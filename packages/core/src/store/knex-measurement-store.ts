import type { Logger } from '../logging/logger.js';
import type { Measurement } from '../measurements/measurement.js';
import { DisposedError, StoreError } from '../errors/catalogue.js';
import type { Clock, EpochMs } from '../time/clock.js';
import { ChannelTable } from './channel-table.js';
import { committed, type EncodedBatch, encodeBatch, noteLast } from './encode-batch.js';
import { History } from './history.js';
import type {
  Bucket,
  ChannelInfo,
  Committed,
  LogRecord,
  MeasurementQuery,
  MeasurementStore,
} from './measurement-store.js';
import { PageLog } from './page-log.js';
import { nextPieces, sealPieces } from './sealing.js';
import { SqlChannel } from './sql-channel.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { failureCode, storeError } from './store-failure.js';
import { loadChannels, nextBlockId, renewEpoch } from './store-row.js';

/** What a {@link KnexMeasurementStore} stands on. */
export interface KnexMeasurementStoreOptions {
  readonly database: SqliteDatabase;
  readonly clock: Clock;
  readonly log: Logger;
  readonly epoch: string;
  /** Gives the id of a new epoch; `generation` counts those of this database. */
  readonly newEpoch: (generation: number) => string;
  /** Records kept in the log after they are in the history too. */
  readonly logKeep: number;
  /** Records in the log's tail that start sealing. They are also held in memory, about 50 bytes each. */
  readonly sealAt: number;
}

interface Waiting {
  readonly batch: readonly Measurement[];
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: unknown) => void;
}

/** A failed commit: what is on the disk is to be looked at before the next. */
interface Doubt {
  readonly code: string | undefined;
  /** Last sequence numbers the failed batches would have had. */
  readonly ends: readonly number[];
}

/** Batches that wait while one is being committed share the next transaction, up to so many records. */
const GROUP_RECORDS = 10_000;
/** More records than this waiting for a slow disk are refused, so that memory stays bounded. */
const MAX_WAITING = 500_000;
/** The tail may grow to so many times `sealAt` while sealing fails; then batches are refused. */
const MAX_TAIL = 16;
/** After these the connection may believe in data that never reached the disk: a failed fsync must not be tried again. */
const REOPEN = new Set([
  'SQLITE_IOERR',
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
  'SQLITE_CANTOPEN',
  'SQLITE_MISUSE',
  undefined,
]);

/** Measurements in an SQLite file: a log of pages, one a commit, and per-channel blocks made of it in the background. */
export class KnexMeasurementStore implements MeasurementStore {
  readonly durable = true;
  readonly #database: SqliteDatabase;
  readonly #options: KnexMeasurementStoreOptions;
  readonly #pages: PageLog;
  readonly #history: History;
  #channels = newTable();
  #epoch: string;
  #head = 0;
  #floor = 0;
  #nextBlock = 1;
  readonly #waiting: Waiting[] = [];
  #waitingRecords = 0;
  /** So many of the next batches are committed one by one: they failed together. */
  #alone = 0;
  #pump: Promise<void> | undefined;
  #doubt: Doubt | undefined;
  /** Records in the tails of all channels, and at how many the next sealing starts. */
  #tail = 0;
  #sealAt: number;
  #sealing: Promise<void> | undefined;
  #closed = false;

  private constructor(options: KnexMeasurementStoreOptions) {
    this.#options = options;
    this.#database = options.database;
    this.#epoch = options.epoch;
    this.#sealAt = options.sealAt;
    this.#pages = new PageLog(options.database);
    this.#history = new History(options.database, options.clock);
  }

  /** @throws the driver's error, where the file is damaged */
  static async open(options: KnexMeasurementStoreOptions): Promise<KnexMeasurementStore> {
    const store = new KnexMeasurementStore(options);
    await store.#load();
    return store;
  }

  get epoch(): string {
    return this.#epoch;
  }

  get head(): number {
    return this.#head;
  }

  get floor(): number {
    return this.#floor;
  }

  async append(batch: readonly Measurement[]): Promise<Committed> {
    this.#use();
    const refuse = (why: string) => new StoreError({ operation: 'append', why });
    if (this.#waitingRecords + batch.length > MAX_WAITING && this.#waiting.length > 0) {
      throw refuse(`${this.#waitingRecords} records are waiting for the disk already`);
    }
    if (this.#tail > this.#options.sealAt * MAX_TAIL) throw refuse('the history cannot be written; see the log');
    const work = new Promise<Committed>((resolve, reject) => this.#waiting.push({ batch, resolve, reject }));
    this.#waitingRecords += batch.length;
    this.#pump ??= this.#run().finally(() => (this.#pump = undefined));
    return this.#options.clock.io(work);
  }

  async read(after: number, limit: number): Promise<readonly LogRecord[]> {
    this.#use();
    return this.#io('read the log', this.#pages.read(after, limit, this.#head, this.#channels));
  }

  channels(): readonly ChannelInfo[] {
    return this.#channels.list();
  }

  async *query(query: MeasurementQuery): AsyncIterable<Measurement> {
    this.#use();
    yield* this.#history.query(this.#channels.byPath(query.path), query);
  }

  async downsample(query: MeasurementQuery, points: number): Promise<readonly Bucket[]> {
    this.#use();
    const channels = this.#channels.byPath(query.path);
    const same = channels.filter(({ unit }) => unit === channels[0]?.unit); // a mean over two units would be none
    return this.#history.downsample(same, query, points);
  }

  async latest(source?: string): Promise<readonly LogRecord[]> {
    this.#use();
    return this.#channels.latest(source);
  }

  async prune(before: EpochMs): Promise<number> {
    this.#use();
    return this.#io('prune', this.#prune(before));
  }

  /** Moves what is committed by now into blocks. It happens by itself; a backup or a test may want it at once. */
  async seal(): Promise<void> {
    this.#use();
    return this.#io('seal', this.#seal());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#options.clock.io(Promise.allSettled([this.#pump, this.#sealing]));
  }

  #use(): void {
    if (this.#closed) throw new DisposedError({ what: 'The store' });
  }

  async #io<T>(operation: string, work: Promise<T>): Promise<T> {
    try {
      return await this.#options.clock.io(work);
    } catch (error) {
      throw storeError(operation, error);
    }
  }

  /** Reads channels, last records and the tail of the log. */
  async #load(): Promise<void> {
    const table = newTable();
    const { writer } = this.#database;
    const { head, floor } = await this.#pages.bounds();
    const sealed = await loadChannels(writer, table);
    this.#nextBlock = await nextBlockId(writer);
    let tail = 0;
    await this.#pages.scan(Math.max(sealed, floor), head, (q, handle, value, at, code) => {
      const channel = table.byHandle(handle);
      if (!channel || q <= channel.sealedTo) return;
      channel.push(q, at, value ?? NaN, code);
      channel.last = { q, value, at, code };
      tail++;
    });
    this.#channels = table;
    this.#head = head;
    this.#floor = floor;
    this.#tail = tail;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      try {
        await this.#database.exclusive(() => this.#commitGroup());
      } catch (error) {
        const failed = storeError('append', error); // there is no connection
        for (const { reject } of this.#take()) reject(failed);
      }
    }
  }

  #take(): Waiting[] {
    let [n, records] = [0, 0];
    do records += this.#waiting[n++]?.batch.length ?? 0;
    while (this.#alone === 0 && n < this.#waiting.length && records + this.#waiting[n]!.batch.length <= GROUP_RECORDS);
    if (this.#alone > 0) this.#alone--;
    this.#waitingRecords -= records;
    return this.#waiting.splice(0, n);
  }

  /** Commits what waits, as one transaction. It never rejects: its failure is that of the batches. */
  async #commitGroup(): Promise<void> {
    const group = this.#take();
    const batches: EncodedBatch<SqlChannel>[] = [];
    const served: Waiting[] = [];
    try {
      if (this.#doubt) await this.#settleDoubt(this.#doubt);
      let head = this.#head;
      for (const waiting of group) {
        const pending = this.#channels.pending.length;
        try {
          const encoded = encodeBatch(waiting.batch, head, this.#channels, () => this.#options.clock.now());
          head = encoded.to;
          batches.push(encoded);
          served.push(waiting);
        } catch (error) {
          this.#channels.discard(pending);
          waiting.reject(storeError('append', error));
        }
      }
      await this.#pages.write(batches, this.#channels.pending);
    } catch (error) {
      this.#channels.discard();
      this.#doubt ??= { code: failureCode(error), ends: batches.map(({ to }) => to) };
      if (served.length > 1 && !this.#diskFailed(error)) {
        this.#alone = served.length;
        this.#waiting.unshift(...served);
        for (const { batch } of served) this.#waitingRecords += batch.length;
      } else {
        const failed = storeError('append', error);
        for (const { reject } of served.length > 0 ? served : group) reject(failed);
      }
      return;
    }
    this.#accept(batches);
    // both have the length of served
    served.forEach(({ resolve }, i) => resolve(committed(this.#epoch, batches[i]!)));
    if (this.#tail >= this.#sealAt) this.#sealSoon();
  }

  #diskFailed(error: unknown): boolean {
    const code = failureCode(error);
    return code !== undefined && code !== 'SQLITE_CONSTRAINT' && code !== 'SQLITE_TOOBIG' && code !== 'SQLITE_ERROR';
  }

  #accept(batches: readonly EncodedBatch<SqlChannel>[]): void {
    this.#channels.confirm();
    for (const batch of batches) {
      const { channels, values, ats, codes, from, to } = batch;
      for (let i = 0; i < channels.length; i++) {
        channels[i]!.push(from + 1 + i, ats[i]!, values[i]!, codes[i]!); // the columns have one length
      }
      noteLast(batch);
      this.#tail += channels.length;
      this.#head = to;
    }
  }

  /** After a failed commit: makes disk and memory agree, so that the next batch follows the last committed one. */
  async #settleDoubt({ code, ends }: Doubt): Promise<void> {
    if (REOPEN.has(code)) await this.#database.reopen();
    const { head } = await this.#pages.bounds();
    if (head > this.#head) {
      if (code === 'SQLITE_CONSTRAINT' || !ends.includes(head)) {
        throw new StoreError({ operation: 'append', why: 'another process has written to this database' });
      }
      // It was reported as failed, and its caller may send it again.
      await this.#database.writer.run('DELETE FROM page WHERE q_to > ?', [this.#head]);
    } else if (head < this.#head) {
      this.#options.log.error('The disk has lost records that it had confirmed; a new epoch begins', {
        confirmed: this.#head,
        found: head,
      });
      this.#epoch = await renewEpoch(this.#database.writer, this.#options.newEpoch);
      await this.#load();
    }
    this.#doubt = undefined;
  }

  #sealSoon(): void {
    if (this.#sealing || this.#closed) return;
    this.#options.clock.io(this.#seal()).catch((error: unknown) => {
      this.#sealAt = this.#tail + this.#options.sealAt; // not with every commit
      this.#options.log.warn('Records could not be moved into the history; it is tried again', {
        error: storeError('seal', error).message,
      });
    });
  }

  #seal(): Promise<void> {
    this.#sealing ??= this.#sealPass().finally(() => (this.#sealing = undefined));
    return this.#sealing;
  }

  async #sealPass(): Promise<void> {
    const table = this.#channels;
    const through = this.#head;
    const stale = () => table !== this.#channels; // loaded anew after a failure
    for (let more = true; more && !this.#closed;) {
      more = await this.#database.exclusive(async (writer) => {
        const pieces = stale() ? [] : nextPieces(table.all(), through);
        if (pieces.length === 0) return false;
        await sealPieces(writer, pieces, () => this.#nextBlock++);
        for (const { count } of pieces) this.#tail -= count;
        return true;
      });
    }
    if (this.#closed || stale()) return;
    await this.#database.exclusive((writer) => writer.run('UPDATE store SET sealed = ?', [through]));
    this.#sealAt = this.#options.sealAt;
    const end = Math.min(through, this.#head - this.#options.logKeep);
    if (end > this.#floor) this.#floor = await this.#pages.dropThrough(end, this.#head);
  }

  async #prune(before: EpochMs): Promise<number> {
    await this.#sealing;
    await this.#seal();
    const pruned = await this.#history.prune(before, (block, handle) => {
      const channel = this.#channels.byHandle(handle);
      if (channel?.open?.id === block) channel.open = undefined;
    });
    const end = await this.#pages.olderThan(before);
    if (end > this.#floor) this.#floor = await this.#pages.dropThrough(end, this.#head);
    return pruned;
  }
}

function newTable(): ChannelTable<SqlChannel> {
  return new ChannelTable((handle, path, unit, kind) => new SqlChannel(handle, path, unit, kind));
}
