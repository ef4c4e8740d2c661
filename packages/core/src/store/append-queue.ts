import type { Measurement } from '../measurements/measurement.js';
import { StoreError } from '../errors/catalogue.js';
import type { Committed } from './measurement-store.js';

/** A batch that waits to be committed. */
export interface WaitingBatch {
  readonly batch: readonly Measurement[];
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: unknown) => void;
}

/** Batches that wait while one is being committed share the next transaction, up to so many records. */
const GROUP_RECORDS = 10_000;
/** More records than this waiting for a slow disk are refused, so that memory stays bounded. */
const MAX_WAITING = 500_000;

/** Batches in the order of their appends, taken in groups. */
export class AppendQueue {
  readonly #waiting: WaitingBatch[] = [];
  #records = 0;
  /** So many of the next batches are taken one by one: they failed together. */
  #alone = 0;

  get size(): number {
    return this.#waiting.length;
  }

  /** Resolves or rejects when whoever took the batch says so. @throws HYP_STORE when too many wait already */
  push(batch: readonly Measurement[]): Promise<Committed> {
    if (this.#records + batch.length > MAX_WAITING && this.#waiting.length > 0) {
      throw new StoreError({ operation: 'append', why: `${this.#records} records are waiting for the disk already` });
    }
    this.#records += batch.length;
    return new Promise((resolve, reject) => this.#waiting.push({ batch, resolve, reject }));
  }

  /** The batches of the next transaction. */
  take(): readonly WaitingBatch[] {
    let [n, records] = [0, 0];
    for (const { batch } of this.#waiting) {
      if (n > 0 && (this.#alone > 0 || records + batch.length > GROUP_RECORDS)) break;
      records += batch.length;
      n++;
    }
    if (this.#alone > 0) this.#alone--;
    this.#records -= records;
    return this.#waiting.splice(0, n);
  }

  /** Puts a group back to the front, to be taken one by one: one of them may be at fault. */
  retryAlone(group: readonly WaitingBatch[]): void {
    this.#alone = group.length;
    this.#waiting.unshift(...group);
    for (const { batch } of group) this.#records += batch.length;
  }
}
