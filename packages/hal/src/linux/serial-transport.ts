import { type Clock, formatMs } from '@hyphae/core';
import { SerialClosedError } from '../errors.js';
import type { ByteTransport } from '../serial/byte-transport.js';
import type { SerialSpec } from '../serial/serial-port.js';
import { whyOf } from './errno.js';
import { type Importer, importModule, loadNative, type NativeSerialPort, type SerialportModule } from './native.js';
import { serialOpenError } from './serial-errors.js';
import { mendSerialport } from './serial-polling.js';

type Closed = InstanceType<typeof SerialClosedError>;

/** What opening may take. The kernel waits for nothing here, but a driver behind it can. */
const OPEN_MS = 5000;
/** What a write may take beyond the time its bits need. */
const WRITE_SLACK_MS = 1000;

/** One opening of a port, through serialport. When it is over it stays over: {@link LinuxSerialPort} opens the next. */
export class SerialTransport implements ByteTransport, AsyncDisposable {
  readonly name: string;
  readonly #port: NativeSerialPort;
  readonly #clock: Clock;
  readonly #msPerByte: number;
  #closed: Closed | undefined;
  #onClose: ((why: string) => void) | undefined;
  #onData: ((bytes: Uint8Array) => void) | undefined;
  #ending: Promise<void> | undefined;

  private constructor(name: string, port: NativeSerialPort, clock: Clock, baudRate: number) {
    this.name = name;
    this.#port = port;
    this.#clock = clock;
    this.#msPerByte = 12_000 / baudRate; // start, eight data, parity and two stop bits
    // Always listened to: without it an unplugged port is noticed only by the next write. 'close' may come twice.
    port.on('data', (bytes) => this.#onData?.(bytes));
    port.on('close', (error) => this.#end(error ? whyOf(error) : 'it was closed'));
    port.on('error', (error) => this.#end(whyOf(error)));
  }

  /** @throws HYP_MODULE_MISSING, HYP_PERMISSION, HYP_DEVICE_GONE, HYP_SERIAL_CLOSED */
  static async open(
    path: string,
    spec: SerialSpec,
    clock: Clock,
    load: Importer = importModule,
  ): Promise<SerialTransport> {
    const { SerialPort } = await clock.io(loadNative<SerialportModule>('serialport', load));
    mendSerialport();
    const { baudRate, dataBits = 8, parity = 'none', stopBits = 1 } = spec;
    const port = new SerialPort({ path, baudRate, dataBits, parity, stopBits, autoOpen: false });
    const transport = new SerialTransport(path, port, clock, baudRate);
    try {
      await opened(port, path, clock);
    } catch (error) {
      if (error instanceof SerialClosedError) throw error;
      throw await clock.io(serialOpenError(error, path));
    }
    return transport;
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#onData = listener;
  }

  onClose(listener: (why: string) => void): void {
    this.#onClose = listener;
    if (this.#closed) listener(this.#closed.context.why);
  }

  /**
   * Resolves when the bytes have left. A write that does not end in time (after an unplug its callback never comes) ends the port.
   *
   * @throws HYP_SERIAL_CLOSED
   */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed);
      const limitMs = bytes.length * this.#msPerByte + WRITE_SLACK_MS;
      const fail = (why: string) => {
        timer[Symbol.dispose]();
        reject(this.#end(why));
      };
      const timer = this.#clock.timer(`write ${this.name}`, limitMs, () =>
        fail(`a write of ${bytes.length} bytes did not end within ${formatMs(limitMs)}`),
      );
      this.#port.write(Buffer.from(bytes), (error) => {
        if (error) return fail(whyOf(error));
        this.#port.drain((problem) => {
          if (problem) return fail(whyOf(problem));
          timer[Symbol.dispose]();
          resolve();
        });
      });
    });
  }

  discard(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed);
      this.#port.flush((error) => (error ? reject(this.#end(whyOf(error))) : resolve()));
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#end('it was closed');
    return this.#ending ?? Promise.resolve();
  }

  /** Once, whoever notices first: the port, a write, or we ourselves. */
  #end(why: string): Closed {
    if (this.#closed) return this.#closed;
    this.#closed = new SerialClosedError({ port: this.name, why });
    this.#ending = new Promise((resolve) => {
      if (this.#port.isOpen) this.#port.close(() => resolve());
      else resolve();
    });
    this.#onClose?.(why);
    return this.#closed;
  }
}

/** Opens a port in time. One that opens later is closed again. Not declared as I/O, which virtual time waits for without end. */
function opened(port: NativeSerialPort, path: string, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = clock.timer(`open ${path}`, OPEN_MS, () => {
      late = true;
      reject(new SerialClosedError({ port: path, why: `it did not open within ${formatMs(OPEN_MS)}` }));
    });
    port.open((error) => {
      timer[Symbol.dispose]();
      if (error) reject(error);
      else if (late) port.close(() => {});
      else resolve();
    });
  });
}
