import type { ChannelFilter } from './channel-filter.js';
import type { ChannelState, StreamChannel } from './channel-state.js';
import type { Segment } from './segment.js';

/** What a group tells to move on. */
export interface Pumped {
  pump(): void;
}

/** All subscriptions with one filter and mode. The work that is the same for all of them is done here, once. */
export abstract class Group {
  readonly cursors = new Set<Pumped>();
  /** Handles of the accepted channels in order of appearance; it only grows. */
  readonly handles: number[] = [];
  readonly #wanted: boolean[] = [];
  #refused = 0;

  constructor(
    readonly key: string,
    readonly filter: ChannelFilter,
    readonly state: ChannelState,
    /** Everything up to here has been looked at. */
    public scanned: number,
  ) {
    for (const channel of state.channels) this.appeared(channel);
  }

  /** True for channels of this group. */
  readonly wants = (handle: number): boolean => this.#wanted[handle] === true;

  /** True while every channel there is belongs to the group. */
  get all(): boolean {
    return this.#refused === 0;
  }

  appeared(channel: StreamChannel): void {
    if (this.#wanted[channel.handle] !== undefined) return;
    const wanted = this.filter.accepts(channel);
    this.#wanted[channel.handle] = wanted;
    if (wanted) this.handles.push(channel.handle);
    else this.#refused++;
  }

  /** `"ch":{…},` of the channels after the first `known`, empty for none. */
  announcement(known: number): string {
    if (known >= this.handles.length) return '';
    const entries = this.handles.slice(known).map((handle) => this.state.channel(handle)?.entry);
    return `"ch":{${entries.join(',')}},`;
  }

  /** Takes over what was committed since the last call. */
  abstract take(segment: Segment): void;

  /** Moves every subscription on. */
  deliver(): void {
    for (const cursor of this.cursors) cursor.pump();
  }

  /** Forgets the log, as its epoch is over. */
  reset(head: number): void {
    this.scanned = head;
  }
}
