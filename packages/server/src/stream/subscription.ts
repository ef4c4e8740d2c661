import type { End, Lost } from '@hyphae/client';
import type { Clock } from '@hyphae/core';
import type { FlowWindow } from './flow-window.js';
import type { FrameWriter } from './frame-writer.js';
import type { Group, Pumped } from './group.js';
import type { StreamLimits } from './limits.js';
import type { SharedFrame } from './shared-frame.js';
import type { StreamCounters } from './stream-counters.js';
import { textFrame } from './text-frame.js';

/** What a subscription has of its connection. */
export interface SubscriptionHost {
  readonly clock: Clock;
  readonly limits: StreamLimits;
  readonly counters: StreamCounters;
  readonly writer: FrameWriter;
  readonly window: FlowWindow;
  /** Bundles the frames of a flush. */
  hold(): void;
  /** Something an operator has to know. */
  alarm(message: string, context: object): void;
  /** Told once, when the server ends the subscription. */
  ended(subscription: Subscription): void;
}

/**
 * One subscription of one client: a position in the log. Its frames tile the sequence: each starts where the one before
 * ended. It holds no records, only where it stands, and the rows of a snapshot until they are sent.
 */
export abstract class Subscription implements Pumped {
  /** End of the last frame sent. */
  at: number;
  /** Sends at least this often, if only progress. */
  maxMs: number;
  protected over = false;
  /** Channels of the group announced so far. */
  #known: number;
  #lastMs: number;
  #snapshot: { readonly at: number; readonly rows: readonly string[]; next: number; part: number } | undefined;
  readonly #unackedTo: number[] = [];
  readonly #unackedBytes: number[] = [];

  constructor(
    readonly sub: number,
    protected readonly host: SubscriptionHost,
    readonly group: Group,
    at: number,
  ) {
    this.at = at;
    this.maxMs = host.limits.heartbeatMs;
    this.#known = group.handles.length;
    this.#lastMs = host.clock.monotonic();
  }

  abstract readonly mode: 'lossless' | 'latest';

  /** Sends what can be sent now. */
  pump(): void {
    if (this.over || this.host.writer.closed) return;
    if (this.#snapshot && !this.#page()) return;
    this.host.hold();
    this.advance();
  }

  /** The rows of the state at `at`, to be sent before anything else. */
  startSnapshot(at: number, rows: readonly string[]): void {
    this.#snapshot = { at, rows, next: 0, part: 0 };
  }

  /** Everything up to `q` has arrived. False when that was never sent. */
  ack(q: number): boolean {
    if (q > this.at) return false;
    let count = 0;
    let bytes = 0;
    while (count < this.#unackedTo.length && (this.#unackedTo[count] as number) <= q) {
      bytes += this.#unackedBytes[count++] as number; // both arrays go together
    }
    this.#forget(count, bytes);
    return true;
  }

  /** Ends without telling the client: it asked, or it is gone. */
  close(): void {
    this.over = true;
    this.group.cursors.delete(this);
    this.#snapshot = undefined;
    this.#forget(
      this.#unackedTo.length,
      this.#unackedBytes.reduce((sum, bytes) => sum + bytes, 0),
    );
  }

  /** Ends and tells the client why. */
  end(code: End['code'], lost?: Lost): void {
    if (this.over) return;
    this.close();
    this.host.writer.send({ t: 'end', sub: this.sub, code, ...(lost ? { lost } : {}) });
    this.host.ended(this);
  }

  /**
   * Moves the client's resume point although nothing matched, when nothing was sent for so long that it would be
   * too late at the next call, at `nextMs`. True if it did.
   */
  progress(nextMs: number): boolean {
    if (this.over || this.#snapshot || nextMs - this.#lastMs <= this.maxMs || !this.host.window.open) return false;
    const to = this.passed();
    if (to <= this.at) return false;
    const { writer } = this.host;
    const message = `${this.#prefix(false, '')}"to":${to},"r":[]}`;
    this.#sent(textFrame(message), to, 0);
    return !writer.closed;
  }

  /** Whether one more frame may be sent now. */
  protected may(): boolean {
    return !this.over && this.host.window.open && !this.host.writer.congested && !this.host.writer.closed;
  }

  /** Sends frames while {@link may} allows and there are any. */
  protected abstract advance(): void;

  /** Up to where it is known that nothing is left to send. */
  protected abstract passed(): number;

  protected sendFrame(frame: SharedFrame, catchUp: boolean, folded = ''): void {
    this.#sent(frame.bytes(this.#prefix(catchUp, folded)), frame.to, frame.records);
  }

  #sent(bytes: Buffer, to: number, records: number): void {
    this.host.writer.frame(bytes);
    this.host.window.sent(bytes.length);
    this.host.counters.records += records;
    this.#unackedTo.push(to);
    this.#unackedBytes.push(bytes.length);
    this.at = to;
    this.#lastMs = this.host.writer.lastMs;
  }

  #prefix(catchUp: boolean, folded: string): string {
    const announced = this.group.announcement(this.#known);
    this.#known = this.group.handles.length;
    return `{"t":"d","sub":${this.sub},${catchUp ? '"cu":true,' : ''}${folded}${announced}"from":${this.at},`;
  }

  /** Sends pages of the snapshot. True once the last is out. Bounded by the socket, not by the window. */
  #page(): boolean {
    const snapshot = this.#snapshot;
    if (!snapshot) return true;
    const { writer, limits } = this.host;
    while (!writer.closed && !writer.congested) {
      const rows: string[] = [];
      let bytes = 0;
      while (snapshot.next < snapshot.rows.length && rows.length < limits.catchUpRecords) {
        const row = snapshot.rows[snapshot.next] as string; // next is in range
        if (bytes + row.length > limits.frameBytes) break;
        rows.push(row);
        bytes += row.length + 1;
        snapshot.next++;
      }
      const last = snapshot.next >= snapshot.rows.length;
      const head = `{"t":"snap","sub":${this.sub},"at":${snapshot.at},"part":${snapshot.part++},"last":${last},"r":[`;
      writer.frame(textFrame(`${head}${rows.join(',')}]}`));
      this.#lastMs = writer.lastMs;
      if (!last) continue;
      this.#snapshot = undefined;
      return true;
    }
    return false;
  }

  #forget(count: number, bytes: number): void {
    if (count === 0) return;
    this.#unackedTo.splice(0, count);
    this.#unackedBytes.splice(0, count);
    this.host.window.acked(bytes, count);
  }
}
