import type { ChannelTable, Delta, Kind, Lost, Mode, Position, Snap, Sub, SubOk, Why } from './protocol.js';
import { readQuality, type StreamRecord } from './stream-record.js';
import { StreamError } from './stream-error.js';

/** What a subscription tells, in order. */
export type StreamEvent =
  /** The whole state as of `at`: replaces what was known. */
  | {
      readonly type: 'snapshot';
      readonly epoch: string;
      readonly at: number;
      readonly records: readonly StreamRecord[];
    }
  /** The records of `(from, to]`. `folded`: how many were left out in favour of later ones. */
  | {
      readonly type: 'records';
      readonly from: number;
      readonly to: number;
      readonly records: readonly StreamRecord[];
      readonly catchUp: boolean;
      readonly folded: number;
    }
  /** Records that will never come; a snapshot follows. */
  | { readonly type: 'lost'; readonly why: Why; readonly lost: Lost };

/** What to subscribe to. */
export interface SubscribeOptions {
  readonly kinds?: readonly Kind[];
  /** Default `lossless`. */
  readonly mode?: Mode;
  /** For `latest` and `sample`: the shortest time between deliveries, in ms. */
  readonly minMs?: number;
  /** Whether to begin with the state. Default: yes, unless `from` is given. */
  readonly snapshot?: boolean;
  /** Where to begin: a position of an earlier subscription, a time, or now. */
  readonly from?: Position | { readonly tsMs: number } | 'now';
  /** Events waiting for a slow reader, beyond which acknowledgements stop and the server holds back. Default 64. */
  readonly highWater?: number;
}

/** What a subscription has of its client. */
export interface SubscriptionPort {
  ack(sub: number, q: number): void;
  /** Ends it on the server. */
  unsubscribe(subscription: Subscription): void;
  /** Asks for it again from where it stands. */
  resubscribe(subscription: Subscription): void;
}

const ACK_BYTES = 128 * 1024;
const ACK_FRAMES = 32;
const ACK_MS = 1_000;

/**
 * A live view of some channels, read with `for await`. It survives cuts of the connection: it goes on from where it stood,
 * or says what was lost and begins anew with a snapshot. Frames are checked to tile the log; one that does not makes it ask again.
 */
export class Subscription implements AsyncIterable<StreamEvent>, AsyncDisposable {
  readonly #port: SubscriptionPort;
  readonly #channels = new Map<number, readonly [path: string, unit: string]>();
  #events: StreamEvent[] = [];
  #snapshot: StreamRecord[] = [];
  #wake: (() => void) | undefined;
  #failure: StreamError | undefined;
  #over = false;
  #position: Position | undefined;
  #sub = 0;
  #unackedBytes = 0;
  #unackedFrames = 0;
  #ackTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly selectors: readonly string[],
    readonly options: SubscribeOptions,
    port: SubscriptionPort,
  ) {
    this.#port = port;
  }

  /** Where it stands: give it to a later subscription as `from`. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Number on the current connection, 0 while the server was not asked. */
  get sub(): number {
    return this.#sub;
  }

  /** True while its reader has so much to read that nothing more is asked for. */
  get behind(): boolean {
    return this.#events.length >= this.#highWater;
  }

  get over(): boolean {
    return this.#over;
  }

  /** The message that asks for it on a connection. */
  request(id: number): Sub {
    const { kinds, mode, minMs, snapshot, from } = this.options;
    const start = this.#position ?? from;
    this.#detach();
    this.#sub = id; // the server gives a subscription the number of its request
    return {
      t: 'sub',
      id,
      sel: this.selectors,
      ...(kinds ? { kinds } : {}),
      ...(mode ? { mode } : {}),
      ...(minMs === undefined ? {} : { minMs }),
      ...(snapshot === undefined || this.#position ? {} : { snap: snapshot }),
      ...(start === undefined ? {} : { from: start }),
    };
  }

  started({ sub, e, at, ch, why, lost }: SubOk): void {
    this.#sub = sub;
    this.#channels.clear();
    this.#learn(ch);
    this.#position = { e, q: at };
    this.#snapshot = [];
    if (why && lost) this.#push({ type: 'lost', why, lost });
  }

  snapshot({ at, last, r }: Snap): void {
    for (const [handle, value, tsMs, quality] of r) this.#snapshot.push(this.#record(handle, value, tsMs, quality));
    if (!last) return;
    this.#push({ type: 'snapshot', epoch: this.#position?.e ?? '', at, records: this.#snapshot });
    this.#snapshot = [];
  }

  delta({ from, to, r, ch, cu, col }: Delta, bytes: number): void {
    if (ch) this.#learn(ch);
    const position = this.#position;
    if (!position || from !== position.q || !ascending(r, from, to)) return this.#port.resubscribe(this);
    const records = r.map(([q, handle, value, tsMs, quality]) => this.#record(handle, value, tsMs, quality, q));
    this.#position = { e: position.e, q: to };
    if (records.length > 0) {
      this.#push({ type: 'records', from, to, records, catchUp: cu === true, folded: col?.n ?? 0 });
    }
    this.#unackedBytes += bytes;
    this.#unackedFrames++;
    if (this.#unackedBytes >= ACK_BYTES || this.#unackedFrames >= ACK_FRAMES) this.#ack();
    else this.#ackTimer ??= setTimeout(() => this.#ack(), ACK_MS);
  }

  /** The connection is gone, or the server ended it; it will be asked for again. */
  interrupted(): void {
    this.#detach();
  }

  fail(failure: StreamError): void {
    this.#failure = failure;
    this.#finish();
  }

  /** Ends it; readers come to their end. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#over) return;
    this.#port.unsubscribe(this);
    this.#finish();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamEvent, void> {
    try {
      for (;;) {
        const event = this.#events.shift();
        if (event) {
          if (!this.behind) this.#caughtUp();
          yield event;
        } else if (this.#failure) throw this.#failure;
        else if (this.#over) return;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      await this[Symbol.asyncDispose]();
    }
  }

  /** The reader has room again: what was held back may come. */
  #caughtUp(): void {
    if (this.#sub === 0 && !this.#over) this.#port.resubscribe(this);
    else if (this.#unackedFrames > 0) this.#ackTimer ??= setTimeout(() => this.#ack(), 0);
  }

  get #highWater(): number {
    return this.options.highWater ?? 64;
  }

  #record(handle: number, value: number | null, at: number, quality: number, q?: number): StreamRecord {
    const [path, unit] = this.#channels.get(handle) ?? ['', '1'];
    return { ...(q === undefined ? {} : { q }), path, unit, value, at, ...readQuality(quality) };
  }

  #learn(channels: ChannelTable): void {
    for (const [handle, channel] of Object.entries(channels)) this.#channels.set(Number(handle), channel);
  }

  #push(event: StreamEvent): void {
    this.#events.push(event);
    this.#wake?.();
    this.#wake = undefined;
  }

  /** Acknowledges, unless the reader is behind: then the server is to hold back. */
  #ack(): void {
    this.#stopTimer();
    if (this.behind || this.#sub === 0 || !this.#position) return;
    this.#unackedBytes = 0;
    this.#unackedFrames = 0;
    this.#port.ack(this.#sub, this.#position.q);
  }

  #detach(): void {
    this.#sub = 0;
    this.#unackedBytes = 0;
    this.#unackedFrames = 0;
    this.#stopTimer();
  }

  #finish(): void {
    this.#over = true;
    this.#detach();
    this.#wake?.();
    this.#wake = undefined;
  }

  #stopTimer(): void {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
  }
}

/** Each record once, in order, within the range. */
function ascending(rows: Delta['r'], from: number, to: number): boolean {
  let q = from;
  for (const [next] of rows) {
    if (next <= q) return false;
    q = next;
  }
  return q <= to;
}
