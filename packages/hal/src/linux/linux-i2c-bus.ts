import { type FileHandle, open, readdir, readFile } from 'node:fs/promises';
import { hex, type HyphaeError, ResourceMissingError } from '@hyphae/core';
import { I2cBusError } from '../errors.js';
import type { I2cBus, I2cSegment } from '../i2c/i2c-bus.js';
import { ERRNO, errnoOf } from './errno.js';
import { i2cError } from './i2c-errors.js';
import { type I2cPlan, planTransfer } from './i2c-plan.js';
import { combinedTransfer, MAX_SEGMENT_BYTES, MAX_SEGMENTS, type Whole } from './i2c-rdwr.js';
import { type Libc, loadLibc } from './libc.js';
import {
  type Done,
  type I2cBusModule,
  type I2cFunctions,
  type Importer,
  importModule,
  loadNative,
  type NativeI2cBus,
} from './native.js';

/** Turns one callback call of i2c-bus into a promise. */
function called<T>(start: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value as T))); // without an error the value is there
  });
}

/** An adapter of this machine. */
export interface I2cAdapter {
  readonly number: number;
  /** What the kernel calls it, such as `bcm2835 (i2c@7e804000)`. */
  readonly label: string;
}

/** Lists the adapters that have a device file, by number. Looks only; no bus is touched. */
export async function listI2cAdapters(dev = '/dev', sysfs = '/sys'): Promise<readonly I2cAdapter[]> {
  const names = await readdir(dev).catch(() => []);
  const numbers = names.flatMap((name) => {
    const match = /^i2c-(\d+)$/.exec(name);
    return match ? [Number(match[1])] : [];
  });
  numbers.sort((a, b) => a - b);
  return Promise.all(
    numbers.map(async (number) => {
      const label = await readFile(`${sysfs}/class/i2c-dev/i2c-${number}/name`, 'utf8').catch(() => '');
      return { number, label: label.trim() };
    }),
  );
}

/**
 * A bus of the kernel, `/dev/i2c-N`. Everything runs on the thread pool, and one transfer at a time, so that a bus that is held
 * up occupies one thread of the pool and not all of them. Files are opened on first use and again after the adapter was
 * unplugged.
 */
export class LinuxI2cBus implements I2cBus, AsyncDisposable {
  readonly name: string;
  readonly #number: number;
  readonly #load: Importer;
  #bus: NativeI2cBus | undefined;
  #functions: I2cFunctions | undefined;
  #raw: { readonly libc: Libc; readonly file: FileHandle } | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param number N of `/dev/i2c-N` */
  constructor(number: number, load: Importer = importModule) {
    this.name = `i2c-${number}`;
    this.#number = number;
    this.#load = load;
  }

  /** @throws as the contract says, and HYP_MODULE_MISSING, HYP_PERMISSION, HYP_RESOURCE_MISSING when the bus is not there */
  transfer(address: number, segments: readonly I2cSegment[]): Promise<Uint8Array[]> {
    return this.#inTurn(async () => {
      this.#check(address, segments);
      const whole: Whole = (done, asked, what) => {
        if (done !== asked) throw this.#refusal(address, `only ${done} of ${asked} ${what}`);
      };
      try {
        const bus = await this.#opened();
        const plan = planTransfer(
          segments,
          (this.#functions ??= await called<I2cFunctions>((done) => bus.i2cFuncs(done))),
        );
        if (plan.how === 'impossible') throw this.#refusal(address, plan.why);
        if (plan.how === 'combined') {
          const { libc, file } = await this.#openedRaw();
          return await combinedTransfer(libc, file.fd, address, segments, whole);
        }
        return await run(bus, address, plan, whole);
      } catch (error) {
        throw await this.#translate(error, address);
      }
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#inTurn(() => this.#close());
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined);
    return next;
  }

  #check(address: number, segments: readonly I2cSegment[]): void {
    if (!Number.isInteger(address) || address < 0x03 || address > 0x77) {
      throw this.#refusal(address, 'addresses go from 0x03 to 0x77');
    }
    if (segments.length > MAX_SEGMENTS) throw this.#refusal(address, `more than ${MAX_SEGMENTS} segments`);
    for (const segment of segments) {
      const length = 'write' in segment ? segment.write.length : segment.read;
      if (length > MAX_SEGMENT_BYTES) throw this.#refusal(address, `more than ${MAX_SEGMENT_BYTES} bytes in a segment`);
    }
  }

  #refusal(address: number, why: string): HyphaeError {
    return new I2cBusError({ bus: this.name, address: hex(address), why });
  }

  async #opened(): Promise<NativeI2cBus> {
    return (this.#bus ??= (await loadNative<I2cBusModule>('i2c-bus', this.#load)).openSync(this.#number));
  }

  async #openedRaw(): Promise<{ readonly libc: Libc; readonly file: FileHandle }> {
    if (!this.#raw) {
      const libc = await loadLibc(this.#load);
      this.#raw = { libc, file: await open(`/dev/${this.name}`, 'r+') };
    }
    return this.#raw;
  }

  async #translate(error: unknown, address: number): Promise<unknown> {
    const errno = errnoOf(error);
    // An error without a number is already one of ours, or a mistake in this file, which must not be dressed up as a bus fault.
    if (errno === 0) return error;
    // ENODEV also means that the adapter is gone, and it goes for good only when nobody holds it open. After EBUSY and EACCES
    // i2c-bus keeps a descriptor that was never given its address.
    if (errno === ERRNO.ENODEV || errno === ERRNO.EBUSY || errno === ERRNO.EACCES || errno === ERRNO.ENOENT) {
      await this.#close();
    }
    if (errno !== ERRNO.ENOENT) return i2cError(error, this.name, address);
    const offered = (await listI2cAdapters()).map(({ number }) => `i2c-${number}`);
    return new ResourceMissingError(
      { kind: 'i2c', resource: this.name, offered: offered.length > 0 ? offered : ['nothing'] },
      { cause: error },
    );
  }

  async #close(): Promise<void> {
    const bus = this.#bus;
    const raw = this.#raw;
    this.#bus = undefined;
    this.#raw = undefined;
    this.#functions = undefined;
    if (bus) await called((done) => bus.close(done)).catch(() => undefined);
    await raw?.file.close();
  }
}

async function run(bus: NativeI2cBus, address: number, plan: I2cPlan, whole: Whole): Promise<Uint8Array[]> {
  switch (plan.how) {
    case 'write': {
      const { length } = plan.bytes;
      const written = await called<number>((done) => bus.i2cWrite(address, length, bufferOf(plan.bytes), done));
      whole(written, length, 'bytes were written');
      return [];
    }
    case 'read': {
      const into = Buffer.alloc(plan.length);
      const read = await called<number>((done) => bus.i2cRead(address, plan.length, into, done));
      whole(read, plan.length, 'bytes were read');
      return [into];
    }
    case 'read-block': {
      const into = Buffer.alloc(plan.length);
      const { register, length } = plan;
      const read = await called<number>((done) => bus.readI2cBlock(address, register, length, into, done));
      whole(read, length, 'bytes were read');
      return [into];
    }
    case 'write-block': {
      const { register, bytes } = plan;
      const { length } = bytes;
      const written = await called<number>((done) =>
        bus.writeI2cBlock(address, register, length, bufferOf(bytes), done),
      );
      whole(written, length, 'bytes were written');
      return [];
    }
    case 'read-byte':
      return [Uint8Array.of(await called<number>((done) => bus.readByte(address, plan.register, done)))];
    case 'read-word': {
      const word = await called<number>((done) => bus.readWord(address, plan.register, done));
      return [Uint8Array.of(word & 0xff, word >> 8)]; // SMBus sends the low byte first
    }
    case 'receive-byte':
      return [Uint8Array.of(await called<number>((done) => bus.receiveByte(address, done)))];
    case 'send-byte':
      await called<void>((done) => bus.sendByte(address, plan.byte, done));
      return [];
    case 'write-byte':
      await called<void>((done) => bus.writeByte(address, plan.register, plan.byte, done));
      return [];
    case 'write-word':
      await called<void>((done) => bus.writeWord(address, plan.register, plan.word, done));
      return [];
    case 'quick':
      await called<void>((done) => bus.writeQuick(address, 0, done));
      return [];
    case 'combined':
    case 'impossible':
      return []; // the caller has dealt with both
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
