import { type Clock, DisposedError, hasCode, type Lifetime } from '@hyphae/core';
import { SerialClosedError } from '../errors.js';
import { FramedPort } from '../serial/framed-port.js';
import type { Framing, SerialPort, SerialSpec } from '../serial/serial-port.js';
import type { Importer } from './native.js';
import { openInto } from './open-into.js';
import { SerialTransport } from './serial-transport.js';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 10_000;

/**
 * A port of this machine. When its adapter is unplugged whatever is under way fails with HYP_SERIAL_CLOSED, and so does what is
 * asked meanwhile; the port is opened again by itself, after 250 ms at first and up to 10 s later. `frames` ends with
 * the connection it was started on.
 */
export class LinuxSerialPort implements SerialPort {
  readonly name: string;
  readonly #spec: SerialSpec;
  readonly #clock: Clock;
  readonly #load: Importer;
  readonly #signal: AbortSignal;
  #transport: SerialTransport | undefined;
  #port: FramedPort | undefined;
  #why = 'it was not opened';
  #reopening: Promise<void> = Promise.resolve();

  private constructor(path: string, spec: SerialSpec, clock: Clock, signal: AbortSignal, load: Importer) {
    this.name = path;
    this.#spec = spec;
    this.#clock = clock;
    this.#load = load;
    this.#signal = signal;
  }

  /**
   * Opens a port until the lifetime ends.
   *
   * @throws HYP_MODULE_MISSING, HYP_PERMISSION, HYP_DEVICE_GONE, HYP_SERIAL_CLOSED
   */
  static async open(
    path: string,
    spec: SerialSpec,
    clock: Clock,
    lifetime: Lifetime,
    load: Importer,
  ): Promise<SerialPort> {
    const port = new LinuxSerialPort(path, spec, clock, lifetime.signal, load);
    return openInto(
      lifetime,
      path,
      async () => {
        await port.#connect();
        return port;
      },
      () => port.#close(),
    );
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#with((port) => port.write(bytes));
  }

  exchange(...call: Parameters<SerialPort['exchange']>): Promise<Uint8Array> {
    return this.#with((port) => port.exchange(...call));
  }

  async *frames(framing: Framing, options: { readonly signal?: AbortSignal } = {}): AsyncIterable<Uint8Array> {
    yield* this.#connected().frames(framing, options);
  }

  discard(): Promise<void> {
    return this.#with((port) => port.discard());
  }

  async #with<T>(work: (port: FramedPort) => Promise<T>): Promise<T> {
    return work(this.#connected());
  }

  #connected(): FramedPort {
    if (this.#signal.aborted) throw new DisposedError({ what: this.name });
    if (!this.#port) throw new SerialClosedError({ port: this.name, why: this.#why });
    return this.#port;
  }

  async #connect(): Promise<void> {
    const transport = await SerialTransport.open(this.name, this.#spec, this.#clock, this.#load);
    this.#transport = transport;
    this.#port = new FramedPort(
      {
        name: transport.name,
        write: (bytes) => transport.write(bytes),
        discard: () => transport.discard(),
        onData: (listener) => transport.onData(listener),
        onClose: (listener) =>
          transport.onClose((why) => {
            listener(why);
            this.#lost(transport, why);
          }),
      },
      { clock: this.#clock },
    );
  }

  #lost(transport: SerialTransport, why: string): void {
    this.#why = why;
    this.#port = undefined;
    this.#transport = undefined;
    if (!this.#signal.aborted) this.#reopening = this.#reopen(transport);
  }

  /** Never rejects: it ends with the port open again, or with the lifetime. */
  async #reopen(lost: SerialTransport): Promise<void> {
    await lost[Symbol.asyncDispose]();
    for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(LAST_RETRY_MS, delayMs * 2)) {
      try {
        await this.#clock.sleep(delayMs, { signal: this.#signal, name: `reopen ${this.name}` });
        await this.#connect();
        return;
      } catch (error) {
        if (this.#signal.aborted || hasCode(error, 'HYP_MODULE_MISSING')) return;
        if (error instanceof Error) this.#why = error.message;
      }
    }
  }

  async #close(): Promise<void> {
    await this.#reopening; // an opening under way is finished, so that it can be closed
    const port = this.#port;
    const transport = this.#transport;
    port?.[Symbol.dispose]();
    await transport?.[Symbol.asyncDispose]();
  }
}
