import type { Logger } from '../logging/logger.js';
import type { Clock, EpochMs } from '../time/clock.js';
import type { History } from './history.js';
import type { LogState } from './log-state.js';
import type { PageLog } from './page-log.js';
import type { SqlChannel } from './sql-channel.js';
import { CHUNK_CHANNELS, nextPieces, sealPieces } from './sealing.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { storeError } from './store-failure.js';

/** How much a {@link Sealer} leaves in the log. */
export interface SealerLimits {
  /** Records kept in the log after they are in the history too. */
  readonly logKeep: number;
  /** Records in the log's tail that start sealing. They are also held in memory, 21 bytes each. */
  readonly sealAt: number;
}

const POINTS_WORTH_A_BLOCK = 64;
/** As many points for 100,000 channels: 1.3 kB of memory for each channel. */
const LONGEST_TAIL = 100_000 * POINTS_WORTH_A_BLOCK;

/** Moves the tail of the log into blocks, in the background and in small transactions between the commits. */
export class Sealer {
  #sealAt: number;
  #pass: Promise<void> | undefined;
  #closed = false;

  constructor(
    private readonly parts: {
      readonly database: SqliteDatabase;
      readonly pages: PageLog;
      readonly history: History;
      readonly state: LogState;
      readonly clock: Clock;
      readonly log: Logger;
      readonly limits: SealerLimits;
    },
  ) {
    this.#sealAt = parts.limits.sealAt;
  }

  /**
   * So many records in the tail are worth a pass. Many channels wait for longer, so that their blocks are worth their rows; the tail in memory stays
   * bounded.
   */
  get enough(): number {
    const { limits, state } = this.parts;
    return Math.max(limits.sealAt, Math.min(LONGEST_TAIL, state.channels.count * POINTS_WORTH_A_BLOCK));
  }

  /** To be told of each commit: starts a pass when there is enough. */
  committed(): void {
    const { state, clock, log, limits } = this.parts;
    if (state.tail.length < this.#sealAt || this.#pass || this.#closed) return;
    if (state.tail.length < this.enough) return void (this.#sealAt = this.enough);
    clock.io(this.seal()).catch((error: unknown) => {
      this.#sealAt = state.tail.length + limits.sealAt; // not with every commit
      log.warn('Records could not be moved into the history; it is tried again', {
        error: storeError('seal', error).message,
      });
    });
  }

  /** Moves what is committed by now. A pass under way is joined. */
  seal(): Promise<void> {
    this.#pass ??= this.#run().finally(() => (this.#pass = undefined));
    return this.#pass;
  }

  /** Deletes what is older: points from the history, and pages with nothing newer from the beginning of the log. */
  async prune(before: EpochMs): Promise<number> {
    const { pages, history } = this.parts;
    await this.#pass?.catch(() => {}); // its failure has been reported
    await this.seal();
    const pruned = await history.prune(before);
    await this.#dropThrough(await pages.olderThan(before));
    return pruned;
  }

  /** Ends after the transaction under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pass?.catch(() => {}); // its failure has been reported
  }

  async #run(): Promise<void> {
    const { database, state, limits } = this.parts;
    const { channels, head } = state;
    const stale = () => channels !== state.channels;
    const waits = ({ firstInTail: q }: SqlChannel) => q !== 0 && q <= head;
    const waiting = [...channels.all()].filter(waits);
    let first = 0;
    for (let more = true; more && !this.#closed;) {
      more = await database.exclusive(async (writer) => {
        while (first < waiting.length && !waits(waiting[first]!)) first++; // first is within waiting
        if (stale() || first === waiting.length) return false;
        const pieces = nextPieces(state.tail, waiting.slice(first, first + CHUNK_CHANNELS), head);
        await sealPieces(writer, state.tail, pieces, () => state.nextBlock++);
        return true;
      });
    }
    if (this.#closed) return;
    await database.exclusive(async (writer) => {
      if (!stale()) await writer.run('UPDATE store SET sealed = ?', [head]);
    });
    this.#sealAt = this.enough;
    await this.#dropThrough(Math.min(head, state.head - limits.logKeep));
  }

  async #dropThrough(q: number): Promise<void> {
    const { pages, state } = this.parts;
    if (q > state.floor) state.floor = await pages.dropThrough(q, state.head);
  }
}
