import type { Logger } from '../logging/logger.js';
import type { Measurement } from '../measurements/measurement.js';
import { StoreError } from '../errors/catalogue.js';
import type { Clock } from '../time/clock.js';
import { AppendQueue, type WaitingBatch } from './append-queue.js';
import { committed, type EncodedBatch, encodeBatch } from './encode-batch.js';
import type { LogState } from './log-state.js';
import type { Committed } from './measurement-store.js';
import type { PageLog } from './page-log.js';
import type { SqlChannel } from './sql-channel.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { failureCode, storeError } from './store-failure.js';
import { renewEpoch } from './store-row.js';

/** A failed commit: what is on the disk is to be looked at before the next. */
interface Doubt {
  readonly code: string | undefined;
  /** Last sequence numbers the failed batches would have had. */
  readonly ends: readonly number[];
}

/** Commits batches in the order of their appends; a failed one leaves no trace and no gap. */
export class Committer {
  readonly #queue = new AppendQueue();
  #running: Promise<void> | undefined;
  #doubt: Doubt | undefined;

  constructor(
    private readonly parts: {
      readonly database: SqliteDatabase;
      readonly pages: PageLog;
      readonly state: LogState;
      readonly clock: Clock;
      readonly log: Logger;
      readonly newEpoch: (generation: number) => string;
      /** Called after each commit. */
      readonly committed: () => void;
    },
  ) {}

  /** @throws HYP_STORE */
  append(batch: readonly Measurement[]): Promise<Committed> {
    const work = this.#queue.push(batch);
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return work;
  }

  /** Resolves when everything appended is committed or has failed. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#queue.size > 0) {
      try {
        await this.parts.database.exclusive(() => this.#commitGroup());
      } catch (error) {
        const failed = storeError('append', error); // there is no connection
        for (const { reject } of this.#queue.take()) reject(failed);
      }
    }
  }

  /** Commits what waits, as one transaction. It never rejects: its failure is that of the batches. */
  async #commitGroup(): Promise<void> {
    const { pages, state, database } = this.parts;
    const group = this.#queue.take();
    let served: readonly WaitingBatch[] = group;
    let batches: readonly EncodedBatch<SqlChannel>[] = [];
    try {
      if (this.#doubt) await this.#settle(this.#doubt);
      [served, batches] = this.#encode(group);
      await pages.write(batches, state.channels.pending);
    } catch (error) {
      state.channels.discard();
      database.judge(error);
      this.#doubt ??= { code: failureCode(error), ends: batches.map(({ to }) => to) };
      if (served.length > 1 && mayBeOneBatch(error)) return this.#queue.retryAlone(served);
      const failed = storeError('append', error);
      for (const { reject } of served) reject(failed);
      return;
    }
    state.accept(batches);
    served.forEach(({ resolve }, i) => resolve(committed(state.epoch, batches[i]!))); // one batch each
    this.parts.committed();
  }

  /** Encodes what can be; the rest is refused at once. */
  #encode(group: readonly WaitingBatch[]): [WaitingBatch[], EncodedBatch<SqlChannel>[]] {
    const { state, clock } = this.parts;
    const served: WaitingBatch[] = [];
    const batches: EncodedBatch<SqlChannel>[] = [];
    for (const waiting of group) {
      const pending = state.channels.pending.length;
      try {
        const from = batches.at(-1)?.to ?? state.head;
        batches.push(encodeBatch(waiting.batch, from, state.channels, () => clock.now()));
        served.push(waiting);
      } catch (error) {
        state.channels.discard(pending);
        waiting.reject(storeError('append', error));
      }
    }
    return [served, batches];
  }

  /** After a failed commit: makes disk and memory agree, so that the next batch follows the last committed one. */
  async #settle({ code, ends }: Doubt): Promise<void> {
    const { database, pages, state, log, newEpoch } = this.parts;
    const { head } = await pages.bounds();
    if (head > state.head) {
      if (code === 'SQLITE_CONSTRAINT' || !ends.includes(head)) {
        throw new StoreError({ operation: 'append', why: 'another process has written to this database' });
      }
      // It was reported as failed, and its caller may send it again.
      await database.writer.run('DELETE FROM page WHERE q_to > ?', [state.head]);
    } else if (head < state.head) {
      const context = { confirmed: state.head, found: head };
      log.error('The disk has lost records that it had confirmed; a new epoch begins', context);
      const epoch = await renewEpoch(database.writer, newEpoch);
      await state.load(database, pages);
      state.epoch = epoch;
    }
    this.#doubt = undefined;
  }
}

/** True where another batch of the group might succeed: the disk is not what failed. */
function mayBeOneBatch(error: unknown): boolean {
  const code = failureCode(error);
  return code === undefined || code === 'SQLITE_CONSTRAINT' || code === 'SQLITE_TOOBIG' || code === 'SQLITE_ERROR';
}
