import type { Duplex } from 'node:stream';
import { CLOSE, type ServerMessage } from '@hyphae/client';
import type { Clock } from '@hyphae/core';
import type { WebSocket } from 'ws';
import type { StreamLimits } from './limits.js';
import type { StreamCounters } from './stream-counters.js';
import { textFrame } from './text-frame.js';

const CLOSE_GRACE_MS = 1_000;
/** Replies waiting in a socket whose client reads nothing. */
const MOST_WAITING_BYTES = 1024 * 1024;

/**
 * The only way to a client. It counts every frame, knows how much is waiting in the socket, bundles what is written in one
 * turn, and closes for good even if the peer never answers.
 */
export class FrameWriter {
  /** Monotonic ms of the last frame. */
  lastMs: number;
  /** Called when the socket takes more again. */
  onDrain: () => void = () => {};
  #closing = false;
  #corked = false;
  #blocked = false;
  /** Bytes of replies since the socket had room. */
  #replies = 0;

  constructor(
    readonly socket: WebSocket,
    readonly wire: Duplex,
    readonly clock: Clock,
    readonly limits: StreamLimits,
    readonly counters: StreamCounters,
  ) {
    this.lastMs = clock.monotonic();
    wire.on('drain', this.#drained);
  }

  get closed(): boolean {
    return this.#closing || this.socket.readyState !== this.socket.OPEN;
  }

  /** True while the socket holds so much that nothing more should be made for it; `onDrain` is called afterwards. */
  get congested(): boolean {
    return (this.#blocked = this.socket.bufferedAmount >= this.limits.socketBytes);
  }

  /** Sends a reply. Replies alone do not wait for room: a client that asks on and on and reads nothing is cut. */
  send(message: ServerMessage): void {
    const frame = textFrame(JSON.stringify(message));
    this.#replies = this.socket.bufferedAmount < this.limits.socketBytes ? 0 : this.#replies + frame.length;
    if (this.#replies > MOST_WAITING_BYTES) return this.close(CLOSE.slow, 'slow');
    this.frame(frame);
  }

  /**
   * Writes a whole frame. It goes to the socket directly, not through the library, which would make a header for each client
   * anew; without compression the library writes its own frames (ping, pong, close) at once as well, so none is ever split.
   */
  frame(frame: Buffer): void {
    if (this.closed) return;
    this.lastMs = this.clock.monotonic();
    this.counters.frames++;
    this.counters.bytes += frame.length;
    this.wire.write(frame);
  }

  ping(): void {
    if (!this.closed) this.socket.ping();
  }

  /** Holds back until {@link uncork}, so that frames of one turn leave in one system call. False when already held. */
  cork(): boolean {
    if (this.#corked || this.closed) return false;
    this.#corked = true;
    this.wire.cork();
    return true;
  }

  uncork(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.wire.uncork();
  }

  close(code: number, reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.uncork();
    if (this.socket.readyState === this.socket.CLOSED) return;
    this.counters.closed(code);
    this.socket.close(code, reason);
    const timer = this.clock.timer('stream close', CLOSE_GRACE_MS, () => this.socket.terminate());
    this.socket.once('close', () => timer[Symbol.dispose]());
  }

  readonly #drained = () => {
    if (!this.#blocked || this.closed || this.congested) return;
    this.onDrain();
  };
}
