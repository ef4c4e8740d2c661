import { DisposedError, hex } from '@hyphae/core';
import { I2cArgumentError } from '../errors.js';
import { bytesProblem, segmentsProblem } from './arguments.js';
import type { BusLock } from './bus-lock.js';
import type { I2cSegment } from './i2c-bus.js';
import type { I2cDevice } from './i2c-device.js';
import { type Section, Transfer, type Wanted } from './transfer.js';

/** A handle for one address of a shared bus. */
export class BoundI2cDevice implements I2cDevice {
  readonly name: string;
  #closed: Error | undefined;

  constructor(
    private readonly bus: BusLock,
    private readonly address: number,
    private readonly priority: number,
    private readonly owner: object = {},
    private readonly section?: Section,
  ) {
    this.name = `${bus.name}/${hex(address)}`;
  }

  transfer(segments: readonly I2cSegment[]): Promise<Uint8Array[]> {
    return this.#submit(segments, 'all', segmentsProblem(segments));
  }

  readRegister(register: number, length = 1): Promise<Uint8Array> {
    const segments = [{ write: Uint8Array.of(register) }, { read: length }];
    return this.#submit(segments, 'first', bytesProblem([register]) ?? segmentsProblem(segments));
  }

  writeRegister(register: number, ...bytes: number[]): Promise<void> {
    const segments = [{ write: Uint8Array.of(register, ...bytes) }];
    return this.#submit(segments, 'nothing', bytesProblem([register]) ?? bytesProblem(bytes));
  }

  write(bytes: Uint8Array): Promise<void> {
    const segments = [{ write: bytes }];
    return this.#submit(segments, 'nothing', segmentsProblem(segments));
  }

  read(length: number): Promise<Uint8Array> {
    const segments = [{ read: length }];
    return this.#submit(segments, 'first', segmentsProblem(segments));
  }

  async exclusively<T>(work: (device: I2cDevice) => Promise<T>): Promise<T> {
    if (this.section) return work(this); // it has the bus already
    const section = await this.#submit<Section>(undefined, 'nothing', undefined);
    try {
      return await work(new BoundI2cDevice(this.bus, this.address, this.priority, this.owner, section));
    } finally {
      this.bus.release(section, new DisposedError({ what: `the exclusive use of ${this.name}` }));
    }
  }

  /** Ends the handle: what it waits for is answered with HYP_DISPOSED, the bus is free of it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = new DisposedError({ what: this.name });
    this.bus.withdraw(this.owner, this.#closed);
  }

  #submit<T>(segments: readonly I2cSegment[] | undefined, wanted: Wanted, problem: string | undefined): Promise<T> {
    const refusal = this.#refusal(problem);
    if (refusal) return Promise.reject(refusal);
    return new Promise<T>((resolve, reject) => {
      const { owner, address, priority, section } = this;
      this.bus.submit(new Transfer(owner, address, priority, segments, wanted, section, resolve, reject));
    });
  }

  #refusal(problem: string | undefined): Error | undefined {
    if (this.#closed) return this.#closed;
    if (this.section?.ended) return new DisposedError({ what: `the exclusive use of ${this.name}` });
    return problem === undefined ? undefined : new I2cArgumentError({ device: this.name, why: problem });
  }
}
