import { readSync } from 'node:fs';
import { type Clock, DisposedError, type Duration, isHyphaeError, type Lifetime } from '@hyphae/core';
import { GpioLineError } from '../errors.js';
import { EdgeQueue } from '../gpio/edge-queue.js';
import type { Edge, GpioInput, GpioOutput, Level, LineSpec } from '../gpio/gpio.js';
import { ERRNO, errnoOf } from './errno.js';
import { closeDescriptor, requestLine, wiringFlags } from './gpio-chip.js';
import { gpioError } from './gpio-errors.js';
import {
  EVENT_BYTES,
  GPIO_V2_LINE_GET_VALUES_IOCTL,
  GPIO_V2_LINE_SET_VALUES_IOCTL,
  LINE_FLAG,
  type LineEvent,
  lineEvents,
  lineValues,
} from './gpio-uapi.js';
import type { Libc } from './libc.js';
import type { NativePoll } from './native.js';
import { openInto } from './open-into.js';

/** Where a line is, and what is needed to use it. */
export interface LinePlace {
  /** Canonical: `gpiochip0/17`. */
  readonly name: string;
  /** `/dev/gpiochip0`. */
  readonly path: string;
  readonly offset: number;
  readonly libc: Libc;
  readonly clock: Clock;
}

const CONSUMER = 'hyphae';
/** Edges the kernel keeps for a reader who is late: as many as a queue of ours. */
const KERNEL_EDGES = 1024;
const READ_EVENTS = 64;

/** A requested line: calls go one after the other, and closing waits for the one under way (its descriptor would be reused). */
class RequestedLine {
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(
    readonly place: LinePlace,
    readonly fd: number,
  ) {}

  get closed(): boolean {
    return this.#closed;
  }

  get(): Promise<Level> {
    return this.#call(async () => {
      const values = lineValues.build(0);
      await this.place.libc.ioctl(this.fd, GPIO_V2_LINE_GET_VALUES_IOCTL, values);
      return lineValues.level(values);
    });
  }

  set(level: Level): Promise<void> {
    return this.#call(async () => {
      await this.place.libc.ioctl(this.fd, GPIO_V2_LINE_SET_VALUES_IOCTL, lineValues.build(level));
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#last;
    await closeDescriptor(this.fd);
  }

  #call<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new DisposedError({ what: this.place.name }));
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined);
    return this.place.clock.io(
      next.catch((error: unknown) => {
        throw gpioError(error, this.place.name, this.place.path);
      }),
    );
  }
}

/**
 * Requests a line as an output that starts at `initial`, without a glitch. It is held until the lifetime ends; then the kernel
 * gives it back to its pull.
 *
 * @throws HYP_GPIO_BUSY, HYP_GPIO_LINE, HYP_PERMISSION, HYP_DEVICE_GONE
 */
export async function openGpioOutput(
  place: LinePlace,
  spec: LineSpec & { readonly initial: Level; readonly drive?: 'push-pull' | 'open-drain' | 'open-source' },
  lifetime: Lifetime,
): Promise<GpioOutput> {
  const drive =
    spec.drive === 'open-drain' ? LINE_FLAG.OPEN_DRAIN : spec.drive === 'open-source' ? LINE_FLAG.OPEN_SOURCE : 0;
  const flags = LINE_FLAG.OUTPUT | wiringFlags(spec) | drive;
  const { offset } = place;
  const request = { offset, consumer: CONSUMER, flags, initial: spec.initial };
  const line = await openInto(
    lifetime,
    place.name,
    async () => new RequestedLine(place, await requestLine(place.libc, place.path, place.name, request)),
    (opened) => opened.close(),
  );
  return { name: place.name, write: (level) => line.set(level), read: () => line.get() };
}

/**
 * Requests a line as an input. Edges are recorded by the kernel from here on, with its own timestamps, so that none is lost
 * between a call of `changes` and its first read. A line without interrupts can still be read.
 *
 * @throws HYP_GPIO_BUSY, HYP_GPIO_LINE, HYP_PERMISSION, HYP_DEVICE_GONE
 */
export async function openGpioInput(place: LinePlace, spec: LineSpec, lifetime: Lifetime): Promise<GpioInput> {
  const { libc, path, name, offset } = place;
  const flags = LINE_FLAG.INPUT | wiringFlags(spec);
  const request = { offset, consumer: CONSUMER, flags };
  const edges = LINE_FLAG.EDGE_RISING | LINE_FLAG.EDGE_FALLING;
  let deaf: unknown;
  const line = await openInto(
    lifetime,
    name,
    async () => {
      const hearing = { ...request, flags: flags | edges, eventBuffer: KERNEL_EDGES };
      const fd = await requestLine(libc, path, name, hearing).catch((error: unknown) => {
        deaf = error;
        return requestLine(libc, path, name, request); // what is wrong with the line itself is thrown here
      });
      return new RequestedLine(place, fd);
    },
    (opened) => opened.close(),
  );
  const level = await line.get();
  lifetime.signal.throwIfAborted(); // its descriptor is another's by now
  const input = new CharacterDeviceInput(line, level, deaf);
  lifetime.defer(() => input.end(), `${name} edges`);
  return input;
}

class CharacterDeviceInput implements GpioInput {
  readonly name: string;
  readonly #line: RequestedLine;
  readonly #deaf: unknown;
  readonly #queues = new Set<EdgeQueue>();
  readonly #buffer = new Uint8Array(EVENT_BYTES * READ_EVENTS);
  #level: Level;
  /** Number of the last edge the kernel gave. It drops its oldest when it has more than it was asked to keep. */
  #sequence = 0;
  #poll: NativePoll | undefined;

  constructor(line: RequestedLine, level: Level, deaf: unknown) {
    this.name = line.place.name;
    this.#line = line;
    this.#level = level;
    this.#deaf = deaf;
    if (deaf === undefined) line.place.libc.setNonBlocking(line.fd);
  }

  read(): Promise<Level> {
    return this.#line.get();
  }

  changes({
    debounce,
    signal,
  }: { readonly debounce?: Duration; readonly signal?: AbortSignal } = {}): AsyncIterable<Edge> {
    const { clock, libc } = this.#line.place;
    if (!this.#poll && !this.#line.closed && this.#deaf === undefined) this.#take(() => undefined); // what came before is over
    if (signal?.aborted === true) return ended(new EdgeQueue({ clock, level: this.#level }));
    const onEnd = () => this.#forget(queue);
    const queue: EdgeQueue = new EdgeQueue({ clock, level: this.#level, debounce, signal, onEnd });
    if (this.#line.closed) return ended(queue, new DisposedError({ what: this.name }));
    if (this.#deaf !== undefined) return ended(queue, this.#cannotHear());
    this.#queues.add(queue);
    this.#poll ??= libc.watch(this.#line.fd, () => this.#ready());
    return queue;
  }

  /** Ends all readers; called before the descriptor is closed, which must not be watched then. */
  end(): void {
    for (const queue of [...this.#queues]) queue.end();
    this.#stop();
  }

  #ready(): void {
    try {
      const { clock } = this.#line.place;
      const nowMs = clock.monotonic();
      const nowNs = process.hrtime.bigint(); // CLOCK_MONOTONIC, which the kernel stamps edges with
      this.#take(({ level, timestampNs }, lost) => {
        const atMs = nowMs - Number(nowNs - timestampNs) / 1e6;
        for (const queue of this.#queues) queue.push(level, atMs, lost);
      });
    } catch (error) {
      const failure = isHyphaeError(error) ? error : gpioError(error, this.name, this.#line.place.path);
      for (const queue of [...this.#queues]) queue.end(failure);
      this.#stop();
    }
  }

  /** Reads what the kernel has. The descriptor does not block, so this copies at most a few KiB and returns. */
  #take(each: (event: LineEvent, lost: number) => void): void {
    for (let more = true; more;) {
      let bytes: number;
      try {
        bytes = readSync(this.#line.fd, this.#buffer);
      } catch (error) {
        if (errnoOf(error) === ERRNO.EAGAIN) return;
        throw error;
      }
      for (const event of lineEvents(this.#buffer.subarray(0, bytes))) {
        this.#level = event.level;
        const lost = (event.sequence - this.#sequence - 1) >>> 0; // the kernel counts in 32 bits
        this.#sequence = event.sequence;
        each(event, lost);
      }
      more = bytes === this.#buffer.length;
    }
  }

  #forget(queue: EdgeQueue): void {
    this.#queues.delete(queue);
    if (this.#queues.size === 0) this.#stop();
  }

  #stop(): void {
    this.#poll?.close();
    this.#poll = undefined;
  }

  #cannotHear(): Error {
    if (isHyphaeError(this.#deaf) && this.#deaf.code !== 'HYP_GPIO_LINE') return this.#deaf;
    const why = 'it has no interrupt, so changes cannot be heard; read it instead';
    return new GpioLineError({ line: this.name, why }, { cause: this.#deaf });
  }
}

function ended(queue: EdgeQueue, error?: Error): EdgeQueue {
  queue.end(error);
  return queue;
}
