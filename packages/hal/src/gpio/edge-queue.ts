import type { Clock, Duration } from '@hyphae/core';
import { toMs } from '@hyphae/core';
import type { Edge, Level } from './gpio.js';

/** How an {@link EdgeQueue} takes and gives edges. */
export interface EdgeQueueOptions {
  readonly clock: Clock;
  /** The line's level now, so that debouncing knows what a change is. */
  readonly level: Level;
  /** A level counts once it has lasted this long. Default: every edge counts. */
  readonly debounce?: Duration | undefined;
  /** Ends the queue. */
  readonly signal?: AbortSignal | undefined;
  /** Called once when the queue ends, however it does. */
  readonly onEnd?: (() => void) | undefined;
  /** How many edges wait; the oldest go first beyond that. Default 1024. */
  readonly limit?: number;
}

/**
 * Edges between a line, which does not wait, and a reader, who may be slow: bounded, in order, with the losses counted. To be
 * read once, by one reader; after {@link end} what waits can still be read.
 */
export class EdgeQueue implements AsyncIterableIterator<Edge> {
  readonly #clock: Clock;
  readonly #debounceMs: number;
  readonly #limit: number;
  readonly #edges: Edge[] = [];
  #first = 0;
  /** Edges dropped here, not yet told to the reader. */
  #lost = 0;
  /** Edges that never got here, not yet told with one that did. */
  #missed = 0;
  #reported: Level;
  #pending: { level: Level; atMs: number; sinceMs: number } | undefined;
  #timer: Disposable | undefined;
  #readers: { resolve(result: IteratorResult<Edge>): void; reject(error: Error): void }[] = [];
  #ended = false;
  #error: Error | undefined;
  #detach: (() => void) | undefined;

  constructor({ clock, level, debounce = 0, signal, onEnd, limit = 1024 }: EdgeQueueOptions) {
    this.#clock = clock;
    this.#reported = level;
    this.#debounceMs = toMs(debounce);
    this.#limit = limit;
    const stop = () => void this.return();
    this.#detach = () => {
      signal?.removeEventListener('abort', stop);
      onEnd?.();
    };
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  }

  /** Edges that wait to be read. */
  get waiting(): number {
    return this.#edges.length - this.#first;
  }

  /**
   * Takes an edge of the line.
   *
   * @param atMs monotonic milliseconds, by the kernel where it says
   * @param lost edges before this one that never got here: the kernel had to drop them
   */
  push(level: Level, atMs: number, lost = 0): void {
    if (this.#ended) return;
    this.#missed += lost;
    if (this.#debounceMs === 0) return this.#emit(level, atMs);
    if (level === this.#reported) {
      this.#pending = undefined; // it bounced back
      return;
    }
    this.#pending = { level, atMs, sinceMs: this.#clock.monotonic() };
    this.#timer ??= this.#clock.timer('debounce', this.#debounceMs, this.#settle);
  }

  /** Ends the queue; what waits can still be read, then the reader meets `error` if there is one. */
  end(error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#detach?.();
    this.#detach = undefined;
    for (const reader of this.#readers.splice(0)) {
      if (this.#error) reader.reject(this.#takeError(this.#error));
      else reader.resolve({ value: undefined, done: true });
    }
  }

  next(): Promise<IteratorResult<Edge>> {
    const edge = this.#shift();
    if (edge) return Promise.resolve({ value: edge });
    if (this.#error) return Promise.reject(this.#takeError(this.#error));
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<Edge>> {
    this.#edges.length = 0;
    this.#first = 0;
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  // One timer per flurry, not per bounce: when it fires too early for the last bounce, it waits for the rest.
  readonly #settle = (): void => {
    this.#timer = undefined;
    const pending = this.#pending;
    if (!pending) return;
    const restMs = pending.sinceMs + this.#debounceMs - this.#clock.monotonic();
    if (restMs > 0) {
      this.#timer = this.#clock.timer('debounce', restMs, this.#settle);
      return;
    }
    this.#pending = undefined;
    this.#emit(pending.level, pending.atMs);
  };

  #emit(level: Level, atMs: number): void {
    this.#reported = level;
    const edge = this.#missed === 0 ? { level, atMs } : { level, atMs, lost: this.#missed };
    this.#missed = 0;
    const reader = this.#readers.shift();
    if (reader) return reader.resolve({ value: edge });
    if (this.waiting >= this.#limit) {
      this.#drop();
    }
    this.#edges.push(edge);
  }

  #drop(): void {
    this.#lost += 1 + (this.#edges[this.#first]?.lost ?? 0);
    this.#first++;
    this.#compact();
  }

  #shift(): Edge | undefined {
    const edge = this.#edges[this.#first];
    if (!edge) return undefined;
    this.#first++;
    this.#compact();
    if (this.#lost === 0) return edge;
    const lost = this.#lost + (edge.lost ?? 0);
    this.#lost = 0;
    return { level: edge.level, atMs: edge.atMs, lost };
  }

  // Moving the rest up once per `limit` edges keeps both memory and the cost per edge bounded.
  #compact(): void {
    if (this.#first < this.#limit && this.#first < this.#edges.length) return;
    this.#edges.splice(0, this.#first);
    this.#first = 0;
  }

  #takeError(error: Error): Error {
    this.#error = undefined;
    return error;
  }
}
