import type { Clock, EventBus, Logger } from '@hyphae/core';
import type { NodeEvents } from '@hyphae/core/kernel';
import type { Committed, MeasurementStore } from '@hyphae/core/store';
import { ChannelFilter, type FilterSpec } from './channel-filter.js';
import { ChannelState } from './channel-state.js';
import type { FrameWriter } from './frame-writer.js';
import type { Group } from './group.js';
import { LatestGroup } from './latest-group.js';
import type { StreamLimits } from './limits.js';
import { LogReader } from './log-reader.js';
import { FrameBudget, LosslessGroup } from './lossless-group.js';
import { RecordRing } from './record-ring.js';
import { Segment } from './segment.js';
import { snapshotRow } from './shared-frame.js';
import type { StreamCounters } from './stream-counters.js';

/** So many records waiting are sent before their time: a few of them fill the window of a client. */
const FLUSH_RECORDS = 2_048;
const FRAME_BUDGET_BYTES = 8 * 1024 * 1024;

/** What a hub is made of. */
export interface HubOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventBus<Pick<NodeEvents, 'committed'>>;
  readonly measurements: MeasurementStore;
  readonly limits: StreamLimits;
  readonly counters: StreamCounters;
}

/**
 * Takes what the store has committed and moves every subscription on, every `flushMs`: the frames of a flush, 256 records
 * each, leave in one system call per client. Records are looked at once per group of equal subscriptions, whatever their number.
 */
export class StreamHub implements Disposable {
  readonly reader: LogReader;
  /** Called when the log does not continue where it was: every client has to ask again from where it stands. */
  onRestart: () => void = () => {};
  readonly #options: HubOptions;
  readonly #ring: RecordRing;
  readonly #groups = new Map<string, Group>();
  readonly #budget = new FrameBudget(FRAME_BUDGET_BYTES);
  readonly #subscription: Disposable;
  readonly #corked: FrameWriter[] = [];
  #state = new ChannelState();
  #epoch: string;
  #pending: Committed[] = [];
  #head: number;
  #pendingRecords = 0;
  #timer: Disposable | undefined;
  #flushing = false;

  private constructor(options: HubOptions) {
    const { clock, events, measurements, limits, counters } = options;
    this.#options = options;
    this.#epoch = measurements.epoch;
    this.#head = measurements.head;
    this.#ring = new RecordRing(measurements.head, limits);
    this.reader = new LogReader(this.#ring, measurements, clock, counters, limits.catchUps);
    for (const channel of measurements.channels()) this.state.know(channel);
    this.#subscription = events.subscribe('committed', (batch) => this.#committed(batch));
  }

  /** A hub that knows the last record of every channel. What is committed meanwhile is not missed. @throws HYP_STORE */
  static async open(options: HubOptions): Promise<StreamHub> {
    const hub = new StreamHub(options);
    try {
      for (const record of await options.clock.io(options.measurements.latest())) hub.state.recall(record);
    } catch (error) {
      hub[Symbol.dispose]();
      throw error;
    }
    return hub;
  }

  /** The channels and the last row of each, exactly as of {@link head}. */
  get state(): ChannelState {
    return this.#state;
  }

  get epoch(): string {
    return this.#epoch;
  }

  /** The last sequence number the stream may speak of. */
  get head(): number {
    return this.#head;
  }

  get groups(): number {
    return this.#groups.size;
  }

  get ringRecords(): number {
    return this.#ring.records;
  }

  /** The group of all lossless subscriptions with this filter. It stands at the head. */
  lossless(spec: FilterSpec): LosslessGroup {
    const filter = new ChannelFilter(spec);
    const { limits } = this.#options;
    return this.#join(
      `lossless ${filter.key}`,
      (key) => new LosslessGroup(key, filter, this.state, this.head, limits.frameRecords, this.#budget),
    );
  }

  /** The group of all latest subscriptions with this filter and this pace. It stands at the head. */
  latest(spec: FilterSpec, minMs: number): LatestGroup {
    const filter = new ChannelFilter(spec);
    return this.#join(
      `latest ${minMs} ${filter.key}`,
      (key) => new LatestGroup(key, filter, this.state, this.head, minMs),
    );
  }

  /** Forgets a group nobody uses. */
  leave(group: Group): void {
    if (group.cursors.size > 0 || this.#groups.get(group.key) !== group) return;
    group.reset(this.head);
    this.#groups.delete(group.key);
  }

  /** Rows of the snapshot for a group that stands at the head. */
  snapshot(group: Group): string[] {
    const rows: string[] = [];
    for (const handle of group.handles) {
      const row = this.state.lastRow(handle);
      if (row !== undefined) rows.push(snapshotRow(row));
    }
    return rows;
  }

  /** Sees to it that a flush comes soon, although nothing was committed. */
  wake(delayMs: number = this.#options.limits.flushMs): void {
    this.#timer ??= this.#options.clock.timer('stream flush', delayMs, () => this.flush());
  }

  /** Has the frames of a flush leave together, in one system call. */
  hold(writer: FrameWriter): void {
    if (this.#flushing && writer.cork()) this.#corked.push(writer);
  }

  /** Brings every group to the head and moves every subscription on. */
  flush(): void {
    if (this.#flushing) return;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const now = this.#options.clock.monotonic();
    const segment = this.#pending.length > 0 ? new Segment(this.#pending, now) : undefined;
    this.#pending = [];
    this.#pendingRecords = 0;
    this.#flushing = true;
    try {
      if (segment) this.#ring.push(segment);
      if (segment) for (const group of this.#groups.values()) group.take(segment);
      for (const group of this.#groups.values()) {
        if (group instanceof LatestGroup) this.#pace(group, now);
        else group.deliver();
      }
    } finally {
      this.#flushing = false;
      for (const writer of this.#corked.splice(0)) writer.uncork();
    }
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  /** Slow groups keep to a grid of their own, so that their clients stay together and share frames. */
  #pace(group: LatestGroup, now: number): void {
    if (now >= group.dueMs) {
      group.deliver();
      if (group.minMs > 0) group.dueMs = (Math.floor(now / group.minMs) + 1) * group.minMs;
    } else if (group.waiting) this.#wakeAt(group, group.dueMs - now);
  }

  #wakeAt(group: LatestGroup, delayMs: number): void {
    if (group.alarm) return;
    group.alarm = this.#options.clock.timer('stream pace', delayMs, () => {
      group.alarm = undefined;
      this.flush();
    });
  }

  #join<G extends Group>(key: string, make: (key: string) => G): G {
    this.flush();
    // A key begins with the mode, so that what is found under it is of the class `make` makes.
    const group = (this.#groups.get(key) as G | undefined) ?? make(key);
    this.#groups.set(key, group);
    return group;
  }

  #committed(batch: Committed): void {
    const same = batch.epoch === this.#epoch;
    if (same && batch.to <= this.head) return; // committed before the hub was there, announced after
    if (!same || batch.from !== this.head) this.#restart(batch, same);
    this.state.commit(batch, (channel) => {
      for (const group of this.#groups.values()) group.appeared(channel);
    });
    this.#head = batch.to;
    this.#pending.push(batch);
    this.#pendingRecords += batch.rows.length;
    if (this.#pendingRecords >= FLUSH_RECORDS) this.flush();
    else this.wake();
  }

  /** The log does not continue where it was: a new epoch, or a batch that was never announced. Nobody may go on as if it did. */
  #restart(batch: Committed, same: boolean): void {
    this.#options.log.warn('the log does not continue where it was; clients start anew', {
      from: batch.from,
      head: this.head,
      newEpoch: !same,
    });
    this.#epoch = batch.epoch;
    this.#pending = [];
    this.#pendingRecords = 0;
    this.#head = batch.from;
    this.#ring.clear(batch.from);
    this.onRestart();
    for (const group of this.#groups.values()) group.reset(batch.from);
    this.#groups.clear();
    if (same) return;
    this.#state = new ChannelState();
    for (const channel of this.#options.measurements.channels()) this.#state.know(channel);
  }
}
