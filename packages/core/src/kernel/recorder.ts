import type { EventBus } from '../events/event-bus.js';
import { StoreError } from '../errors/catalogue.js';
import { isHyphaeError, type HyphaeError } from '../errors/hyphae-error.js';
import type { Logger } from '../logging/logger.js';
import type { Measurement } from '../measurements/measurement.js';
import type { MeasurementStore } from '../store/measurement-store.js';
import type { Clock } from '../time/clock.js';
import { type Duration, toMs } from '../time/duration.js';
import type { NodeEvents } from './node.js';

/** How readings are gathered into commits. */
export interface RecorderOptions {
  /** The longest a reading waits for its commit. Default `50 ms`. */
  readonly commitEvery?: Duration;
  /** The most readings that wait while the store refuses; beyond, the oldest are dropped and counted. Default 200,000. */
  readonly capacity?: number;
}

/** Encoding this many takes some milliseconds of the event loop. */
const LARGEST_BATCH = 4_096;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;

/** Gathers readings into batches and commits them, one batch at a time. Control never waits for it. */
export class Recorder implements AsyncDisposable {
  /** Readings that wait, in batches: nothing is copied on their way. */
  #batches: Measurement[][] = [];
  /** How many of the first batch are dropped. */
  #skipped = 0;
  #size = 0;
  #timer: Disposable | undefined;
  #writing: Promise<void> | undefined;
  #failures = 0;
  #dropped = 0;
  #closed = false;
  readonly #commitMs: number;
  readonly #capacity: number;
  readonly #subscription: Disposable;

  constructor(
    private readonly store: MeasurementStore,
    private readonly events: EventBus<NodeEvents>,
    private readonly clock: Clock,
    private readonly log: Logger,
    { commitEvery = '50 ms', capacity = 200_000 }: RecorderOptions = {},
  ) {
    this.#commitMs = toMs(commitEvery);
    this.#capacity = capacity;
    this.#subscription = events.subscribe('measurement', (reading) => this.#add(reading));
  }

  /** Readings lost because the store refused for too long. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Resolves when everything so far is committed, or the store refuses. */
  async flush(): Promise<void> {
    do {
      this.#disarm();
      this.#write();
      await this.#writing;
    } while (this.#size > 0 && this.#failures === 0);
  }

  /** Commits what is left, once more even if the store refused before. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription[Symbol.dispose]();
    await this.flush();
    this.#closed = true;
    this.#disarm();
    if (this.#size > 0) this.log.error('readings lost at stop: the store refuses', { readings: this.#size });
  }

  #add(reading: Measurement): void {
    const last = this.#batches.at(-1);
    if (last && last.length < LARGEST_BATCH) last.push(reading);
    else this.#batches.push([reading]);
    this.#size++;
    if (this.#size > this.#capacity) this.#dropOldest();
    if (this.#writing || this.#failures > 0) return;
    if (this.#size >= LARGEST_BATCH) this.#write();
    else this.#arm(this.#commitMs);
  }

  #dropOldest(): void {
    this.#size--;
    this.#dropped++;
    this.#skipped++;
    if (this.#skipped < (this.#batches[0]?.length ?? 0)) return;
    this.#batches.shift();
    this.#skipped = 0;
  }

  #arm(delayMs: number): void {
    this.#timer ??= this.clock.timer('commit', delayMs, () => {
      this.#timer = undefined;
      this.#write();
    });
  }

  #disarm(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #write(): void {
    if (this.#writing || this.#size === 0 || this.#closed) return;
    this.#disarm();
    // Taken out now and put back on failure: readings that arrive meanwhile begin another batch.
    const first = this.#batches.shift() ?? [];
    const batch = this.#skipped > 0 ? first.slice(this.#skipped) : first;
    this.#skipped = 0;
    this.#size -= batch.length;
    this.#writing = this.#commit(batch).finally(() => {
      this.#writing = undefined;
      if (this.#closed) return;
      if (this.#failures > 0) this.#arm(Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#failures - 1)));
      else if (this.#size >= LARGEST_BATCH) this.#write();
      else if (this.#size > 0) this.#arm(this.#commitMs);
    });
  }

  async #commit(batch: Measurement[]): Promise<void> {
    try {
      const committed = await this.clock.io(this.store.append(batch));
      if (this.#failures > 0) {
        this.#failures = 0;
        this.log.info('the store works again', { dropped: this.#dropped });
        this.events.publish('storage', { degraded: false, dropped: this.#dropped });
      }
      this.events.publish('committed', committed);
    } catch (failure) {
      if (this.#skipped > 0) this.#batches[0] = this.#batches[0]?.slice(this.#skipped) ?? [];
      this.#skipped = 0;
      this.#batches.unshift(batch);
      this.#size += batch.length;
      while (this.#size > this.#capacity) this.#dropOldest();
      this.#failures++;
      if (this.#failures > 1) return;
      const error: HyphaeError = isHyphaeError(failure)
        ? failure
        : new StoreError({ operation: 'commit readings', why: String(failure) }, { cause: failure });
      this.log.error('the store refuses; control goes on, readings wait in memory', {
        code: error.code,
        error: error.message,
      });
      this.events.publish('storage', { degraded: true, error, dropped: this.#dropped });
    }
  }
}
