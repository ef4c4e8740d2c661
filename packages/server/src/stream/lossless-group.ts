import { Group } from './group.js';
import type { ChannelFilter } from './channel-filter.js';
import type { ChannelState } from './channel-state.js';
import type { Segment } from './segment.js';
import { SharedFrame } from './shared-frame.js';

/** Bytes of frames kept for clients that lag a little, over all groups together. */
export class FrameBudget {
  used = 0;

  constructor(readonly bytes: number) {}
}

const MOST_KEPT = 96;

/** Subscriptions that get every record. Recent frames are kept while several clients share them and the budget allows. */
export class LosslessGroup extends Group {
  #frames: SharedFrame[] = [];
  /** End of the last frame. Up to `scanned` nothing matched since. */
  #framed: number;

  constructor(
    key: string,
    filter: ChannelFilter,
    state: ChannelState,
    head: number,
    readonly frameRecords: number,
    readonly budget: FrameBudget,
  ) {
    super(key, filter, state, head);
    this.#framed = head;
  }

  override take(segment: Segment): void {
    this.#release();
    if (this.all) this.#takeAll(segment);
    else this.#takeWanted(segment);
    this.scanned = segment.to;
  }

  /** The frame a client that has everything up to `read` needs next, if it is kept. */
  frameAt(read: number): SharedFrame | undefined {
    for (let i = this.#frames.length - 1; i >= 0; i--) {
      const frame = this.#frames[i] as SharedFrame; // i is in range
      if (frame.from <= read) return read < frame.firstQ ? frame : undefined;
    }
    return undefined;
  }

  /** Where a client that reads by itself should stop, to fall in with the frames kept. */
  boundary(read: number): number {
    for (const frame of this.#frames) {
      if (frame.from > read) return frame.from;
      if (frame.to > read) return frame.to;
    }
    return this.scanned;
  }

  override reset(head: number): void {
    super.reset(head);
    this.#drop(this.#frames.length);
    this.#framed = head;
  }

  #takeAll(segment: Segment): void {
    const { from, length } = segment;
    for (let i = 0; i < length; i += this.frameRecords) {
      const end = Math.min(length, i + this.frameRecords);
      this.#keep(new SharedFrame(this.#framed, from + 1 + i, from + end, end - i, segment.rows.span(i, end)));
    }
  }

  #takeWanted(segment: Segment): void {
    const { from, to, handles, length } = segment;
    let picked: number[] = [];
    for (let i = 0; i < length; i++) {
      if (!this.wants(handles[i] as number)) continue; // one handle per row
      picked.push(i);
      if (picked.length < this.frameRecords) continue;
      this.#pick(segment, picked, from + 1 + i);
      picked = [];
    }
    if (picked.length > 0) this.#pick(segment, picked, to);
  }

  #pick(segment: Segment, picked: readonly number[], to: number): void {
    const firstQ = segment.from + 1 + (picked[0] ?? 0);
    this.#keep(new SharedFrame(this.#framed, firstQ, to, picked.length, segment.pick(picked)));
  }

  #keep(frame: SharedFrame): void {
    this.#frames.push(frame);
    this.budget.used += frame.size;
    this.#framed = frame.to;
  }

  /** Before new frames are made: those of earlier flushes stay only where they are likely to be needed. */
  #release(): void {
    const most = this.cursors.size > 1 && this.budget.used <= this.budget.bytes ? MOST_KEPT : 0;
    this.#drop(this.#frames.length - most);
  }

  #drop(count: number): void {
    if (count <= 0) return;
    for (const frame of this.#frames.splice(0, count)) this.budget.used -= frame.size;
  }
}
