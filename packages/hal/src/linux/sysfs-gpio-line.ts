import { isMainThread } from 'node:worker_threads';
import { type Clock, DisposedError, type Duration, type Lifetime } from '@hyphae/core';
import { GpioLineError } from '../errors.js';
import { EdgeQueue } from '../gpio/edge-queue.js';
import type { Edge, GpioInput, GpioOutput, Level } from '../gpio/gpio.js';
import type { GpioNeedSpec } from './gpio-family.js';
import { gpioError } from './gpio-errors.js';
import { type Importer, loadNative, type NativeSysfsLine, type OnoffModule } from './native.js';

/** Where a line is on the legacy interface. */
export interface SysfsLinePlace {
  /** Canonical: `gpiochip0/17`. */
  readonly name: string;
  /** The global number: the chip's base plus the offset. */
  readonly number: number;
  readonly clock: Clock;
  readonly load: Importer;
}

/**
 * Opens a line through onoff. Sysfs knows neither bias nor drive, and its edges coalesce: of a fast burst only the last is seen.
 *
 * @throws HYP_MODULE_MISSING, HYP_GPIO_BUSY, HYP_GPIO_LINE, HYP_PERMISSION
 */
export async function openSysfsLine(
  place: SysfsLinePlace,
  spec: GpioNeedSpec,
  lifetime: Lifetime,
): Promise<GpioInput | GpioOutput> {
  const { name } = place;
  // onoff's poller brings the whole process down when it is merely loaded in a worker thread.
  if (!isMainThread) throw new GpioLineError({ line: name, why: 'sysfs lines work in the main thread only' });
  const unknown =
    spec.bias !== undefined ? 'bias' : (spec.drive ?? 'push-pull') === 'push-pull' ? undefined : spec.drive;
  if (unknown !== undefined) {
    throw new GpioLineError({ line: name, why: `${unknown} cannot be set over sysfs; it needs the character device` });
  }
  const { Gpio } = await loadNative<OnoffModule>('onoff', place.load);
  lifetime.signal.throwIfAborted(); // from here on nothing waits until the line is owned
  const activeLow = spec.activeLow === true;
  // onoff sets active_low first, and `high` and `low` are physical: the initial level has to be turned round here.
  const high = (spec.initial === 1) !== activeLow;
  const line = new SysfsLine(place, () =>
    spec.direction === 'in'
      ? new Gpio(place.number, 'in', 'both', { activeLow })
      : new Gpio(place.number, high ? 'high' : 'low', 'none', { activeLow }),
  );
  lifetime.defer(() => line.close(), name);
  if (spec.direction === 'out') return line;
  await line.listen();
  return line;
}

class SysfsLine implements GpioInput, GpioOutput {
  readonly name: string;
  readonly #place: SysfsLinePlace;
  readonly #native: NativeSysfsLine;
  readonly #queues = new Set<EdgeQueue>();
  #level: Level = 0;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(place: SysfsLinePlace, open: () => NativeSysfsLine) {
    this.name = place.name;
    this.#place = place;
    try {
      this.#native = open();
    } catch (error) {
      throw this.#translated(error);
    }
  }

  read(): Promise<Level> {
    return this.#call<Level>((done) => this.#native.read((error, value) => done(error ?? null, value)));
  }

  write(level: Level): Promise<void> {
    return this.#call<void>((done) => this.#native.write(level, (error) => done(error ?? null)));
  }

  changes({
    debounce,
    signal,
  }: { readonly debounce?: Duration; readonly signal?: AbortSignal } = {}): AsyncIterable<Edge> {
    const { clock } = this.#place;
    if (signal?.aborted === true || this.#closed) {
      const queue = new EdgeQueue({ clock, level: this.#level });
      queue.end(this.#closed ? new DisposedError({ what: this.name }) : undefined);
      return queue;
    }
    const onEnd = () => this.#queues.delete(queue);
    const queue: EdgeQueue = new EdgeQueue({ clock, level: this.#level, debounce, signal, onEnd });
    this.#queues.add(queue);
    return queue;
  }

  /** Starts hearing edges. */
  async listen(): Promise<void> {
    this.#level = await this.read();
    if (this.#closed) throw new DisposedError({ what: this.name });
    this.#native.watch((error, level) => {
      if (error) return this.#fail(this.#translated(error));
      // Sysfs says that something happened, not what: the same level again is a pair of edges that was missed.
      if (level === this.#level) return;
      this.#level = level;
      for (const queue of this.#queues) queue.push(level, this.#place.clock.monotonic());
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const queue of [...this.#queues]) queue.end();
    await this.#last;
    this.#native.unexport();
  }

  #fail(error: Error): void {
    for (const queue of [...this.#queues]) queue.end(error);
  }

  #call<T>(start: (done: (error: Error | null, value?: T) => void) => void): Promise<T> {
    if (this.#closed) return Promise.reject(new DisposedError({ what: this.name }));
    const next = this.#last.then(
      () =>
        new Promise<T>((resolve, reject) => {
          // Without an error the value is there.
          start((error, value) => (error ? reject(this.#translated(error)) : resolve(value as T)));
        }),
    );
    this.#last = next.catch(() => undefined);
    return this.#place.clock.io(next);
  }

  #translated(error: unknown): Error {
    return gpioError(error, this.name, '/sys/class/gpio');
  }
}
