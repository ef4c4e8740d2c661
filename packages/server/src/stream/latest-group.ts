import { Group } from './group.js';
import type { ChannelFilter } from './channel-filter.js';
import type { ChannelState } from './channel-state.js';
import type { Segment } from './segment.js';
import { rowBytes, SharedFrame } from './shared-frame.js';

/**
 * Subscriptions that get the last record of each channel. What a client missed, however long it was away or slow, is read
 * from the state at the moment it can be sent: nothing is kept per client.
 */
export class LatestGroup extends Group {
  /** Matching records so far. */
  matched = 0;
  /** Monotonic ms before which nothing is sent; on a grid, so that clients stay together. */
  dueMs = 0;
  /** Wakes the group when it is due. */
  alarm: Disposable | undefined;
  /** `matched` at the last delivery. */
  #delivered = 0;
  readonly #folds = new Map<number, SharedFrame>();

  constructor(
    key: string,
    filter: ChannelFilter,
    state: ChannelState,
    head: number,
    readonly minMs: number,
  ) {
    super(key, filter, state, head);
  }

  override take({ handles, to }: Segment): void {
    if (this.all) this.matched += handles.length;
    else for (let i = 0; i < handles.length; i++) if (this.wants(handles[i] as number)) this.matched++; // i is in range
    this.#folds.clear();
    this.scanned = to;
  }

  /** The last record of each channel that has one in `(after, scanned]`, in order. Only right while the state stands at `scanned`. */
  fold(after: number): SharedFrame {
    const made = this.#folds.get(after);
    if (made) return made;
    const changed = this.handles.filter((handle) => this.state.lastQ(handle) > after);
    changed.sort((a, b) => this.state.lastQ(a) - this.state.lastQ(b));
    const rows = changed.map((handle) => this.state.lastRow(handle) ?? '');
    const firstQ = changed[0] === undefined ? this.scanned + 1 : this.state.lastQ(changed[0]);
    const frame = new SharedFrame(after, firstQ, this.scanned, rows.length, rowBytes(rows));
    this.#folds.set(after, frame);
    return frame;
  }

  /** True while something waits for the group's time to come. */
  get waiting(): boolean {
    return this.matched > this.#delivered;
  }

  override deliver(): void {
    super.deliver();
    this.#delivered = this.matched;
  }

  override reset(head: number): void {
    super.reset(head);
    this.alarm?.[Symbol.dispose]();
    this.alarm = undefined;
    this.#folds.clear();
  }
}
