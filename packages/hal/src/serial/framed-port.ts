import type { Clock, Duration } from '@hyphae/core';
import { DisposedError, formatMs, toMs } from '@hyphae/core';
import {
  SerialClosedError,
  SerialFramingError,
  SerialInUseError,
  SerialOverflowError,
  SerialQueueError,
  SerialTimeoutError,
} from '../errors.js';
import type { ByteTransport } from './byte-transport.js';
import { ReceiveBuffer } from './receive-buffer.js';
import type { Framing, SerialPort } from './serial-port.js';
import { TurnLock } from './turn-lock.js';

/** How a {@link FramedPort} behaves. */
export interface FramedPortOptions {
  readonly clock: Clock;
  /** Bytes that may wait for a frame. Default 64 KiB. */
  readonly limit?: number;
  /** How long the line has to be silent after an unanswered exchange. Default 20 ms, and never longer than ten times this. */
  readonly quiet?: Duration;
  /** The longest one plain write may take. Default 10 s. */
  readonly writeDeadline?: Duration;
}

/** Calls that may wait for their turn. */
const QUEUE_LIMIT = 256;
const QUIET_ROUNDS = 10;

interface Reader {
  readonly framing: Framing;
  readonly accept: ((frame: Uint8Array) => boolean) | undefined;
  readonly resolve: (frame: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/** A serial port made of the least a provider has to give: bytes out, bytes in, and news of the end. */
export class FramedPort implements SerialPort, Disposable {
  readonly name: string;
  readonly #transport: ByteTransport;
  readonly #clock: Clock;
  readonly #buffer: ReceiveBuffer;
  readonly #quietMs: number;
  readonly #writeMs: number;
  readonly #lock = new TurnLock();
  readonly #end = new AbortController();
  #exchange: Reader | undefined;
  #frames: Reader | undefined;
  #reading = false;
  /** True after an exchange went without its answer, which may still come. */
  #owed = false;
  /** Settles when the last write has, though its caller may have given up: its bytes may still be going out. */
  #written: Promise<unknown> = Promise.resolve();
  #received = 0;
  #dropped = 0;
  #overflow: Error | undefined;

  constructor(
    transport: ByteTransport,
    { clock, limit = 65_536, quiet = '20 ms', writeDeadline = '10 s' }: FramedPortOptions,
  ) {
    this.name = transport.name;
    this.#transport = transport;
    this.#clock = clock;
    this.#buffer = new ReceiveBuffer(limit);
    this.#quietMs = toMs(quiet);
    this.#writeMs = toMs(writeDeadline);
    transport.onData((bytes) => this.#take(bytes));
    transport.onClose((why) => this.#close(new SerialClosedError({ port: this.name, why })));
  }

  /** Bytes thrown away because the buffer was full. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Bytes that wait to be read. */
  get buffered(): number {
    return this.#buffer.length;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#inTurn(undefined, () => {
      return this.#wait<void>(this.#writeMs, undefined, (resolve, reject, given) => {
        this.#send(bytes, given).then(resolve, reject);
      });
    });
  }

  exchange(
    request: Uint8Array,
    framing: Framing,
    options: {
      readonly timeout: Duration;
      readonly signal?: AbortSignal;
      readonly accept?: (frame: Uint8Array) => boolean;
    },
  ): Promise<Uint8Array> {
    const { signal, accept } = options;
    return this.#inTurn(signal, async () => {
      const timeoutMs = toMs(options.timeout);
      if (this.#owed) await this.#silence(signal);
      const frame = await this.#wait<Uint8Array>(timeoutMs, signal, (resolve, reject, given) => {
        const ask = async () => {
          await this.#written;
          await this.#transport.discard?.();
          if (given()) return;
          this.#forget();
          this.#owed = true;
          this.#exchange = { framing, accept, resolve, reject };
          await this.#send(request, given);
        };
        ask().catch(reject);
      }).finally(() => {
        this.#exchange = undefined;
        this.#cut(); // what came after the answer is for who reads frames
      });
      this.#owed = false;
      return frame;
    });
  }

  async *frames(framing: Framing, { signal }: { readonly signal?: AbortSignal } = {}): AsyncIterable<Uint8Array> {
    if (this.#reading) throw new SerialInUseError({ port: this.name });
    this.#reading = true;
    try {
      while (!signal?.aborted) {
        yield await this.#wait<Uint8Array>(undefined, signal, (resolve, reject) => {
          const overflow = this.#overflow;
          this.#overflow = undefined;
          if (overflow) return reject(overflow); // frames that came since are for who reads on
          this.#frames = { framing, accept: undefined, resolve, reject };
          this.#cut();
        }).finally(() => (this.#frames = undefined));
      }
    } catch (error) {
      if (!signal?.aborted || error !== signal.reason) throw error;
    } finally {
      this.#reading = false;
    }
  }

  discard(): Promise<void> {
    return this.#wait<void>(this.#writeMs, undefined, (resolve, reject, given) => {
      const flush = async () => {
        await this.#transport.discard?.();
        if (!given()) this.#forget();
      };
      flush().then(resolve, reject);
    });
  }

  /** Answers all who wait with HYP_DISPOSED. The transport is closed by whoever opened it. */
  [Symbol.dispose](): void {
    this.#close(new DisposedError({ what: this.name }));
  }

  #forget(): void {
    this.#buffer.clear();
    this.#overflow = undefined;
  }

  /** Writes once the write before has ended, unless its caller has given up by then. Two writes never mix on the wire. */
  async #send(bytes: Uint8Array, given: () => boolean): Promise<void> {
    await this.#written;
    if (given()) return;
    const writing = this.#transport.write(bytes);
    this.#written = writing.catch(() => undefined);
    await writing;
  }

  #close(error: Error): void {
    if (!this.#end.signal.aborted) this.#end.abort(error);
  }

  async #inTurn<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    if (this.#lock.waiting >= QUEUE_LIMIT) throw new SerialQueueError({ port: this.name, waiting: QUEUE_LIMIT });
    await this.#lock.take(signal);
    try {
      this.#end.signal.throwIfAborted();
      return await work();
    } finally {
      this.#lock.release();
    }
  }

  /** Waits, for a while, until nothing comes any more. */
  async #silence(signal: AbortSignal | undefined): Promise<void> {
    for (let round = 0; round < QUIET_ROUNDS; round++) {
      const before = this.#received;
      await this.#clock.sleep(this.#quietMs, { signal: this.#end.signal, name: `quiet ${this.name}` });
      signal?.throwIfAborted();
      if (this.#received === before) return;
    }
  }

  /**
   * A promise that also ends with the port, with the signal and with the time.
   *
   * @param start is told by `given` whether the caller has its outcome: then what is under way has nothing more to do
   */
  #wait<T>(
    timeoutMs: number | undefined,
    signal: AbortSignal | undefined,
    start: (resolve: (value: T) => void, reject: (error: unknown) => void, given: () => boolean) => void,
  ): Promise<T> {
    let cleanup = () => {};
    let over = false;
    const work = new Promise<T>((resolve, reject) => {
      const giveUp = (error: Error) => {
        over = true;
        reject(error);
      };
      const ended = () => giveUp(this.#end.signal.reason as Error); // of our own making
      const aborted = () => giveUp(signal?.reason as Error); // or what the caller chose to be told
      const timer =
        timeoutMs === undefined
          ? undefined
          : this.#clock.timer(`answer ${this.name}`, timeoutMs, () =>
              giveUp(new SerialTimeoutError({ port: this.name, timeout: formatMs(timeoutMs) })),
            );
      cleanup = () => {
        over = true;
        timer?.[Symbol.dispose]();
        this.#end.signal.removeEventListener('abort', ended);
        signal?.removeEventListener('abort', aborted);
      };
      this.#end.signal.addEventListener('abort', ended);
      signal?.addEventListener('abort', aborted);
      if (this.#end.signal.aborted) ended();
      else if (signal?.aborted) aborted();
      else start(resolve, reject, () => over);
    });
    return work.finally(() => cleanup());
  }

  #take(bytes: Uint8Array): void {
    if (this.#end.signal.aborted) return;
    this.#received += bytes.length;
    for (let rest = bytes; rest.length > 0;) {
      rest = rest.subarray(this.#buffer.add(rest));
      this.#cut();
      if (this.#buffer.length >= this.#buffer.limit) this.#overflowed();
    }
  }

  /** Gives whoever waits the next frame, if there is one. */
  #cut(): void {
    for (;;) {
      const reader = this.#exchange ?? this.#frames;
      if (!reader || this.#buffer.length === 0) return;
      try {
        const length = reader.framing(this.#buffer.view);
        if (!Number.isInteger(length)) throw new SerialFramingError({ port: this.name, found: length });
        if (length === 0 || length > this.#buffer.length) return;
        if (length < 0) {
          this.#buffer.drop(-length);
          continue;
        }
        const frame = this.#buffer.take(length);
        if (reader.accept && !reader.accept(frame)) continue;
        this.#settle(reader);
        reader.resolve(frame);
      } catch (error) {
        this.#buffer.clear(); // what could not be cut now cannot be cut later either
        this.#settle(reader);
        reader.reject(error);
      }
      return;
    }
  }

  #overflowed(): void {
    const bytes = this.#buffer.length;
    const error = new SerialOverflowError({ port: this.name, bytes });
    this.#dropped += bytes;
    this.#buffer.clear();
    const reader = this.#exchange ?? this.#frames;
    if (!reader) {
      this.#overflow = error;
      return;
    }
    this.#settle(reader);
    reader.reject(error);
  }

  #settle(reader: Reader): void {
    if (this.#exchange === reader) this.#exchange = undefined;
    else this.#frames = undefined;
  }
}
