import type { Clock, Duration } from '@hyphae/core';
import type { I2cSegment } from '../i2c/i2c-bus.js';
import type { SimI2cChip } from './chip.js';
import { ChipTimer } from './chip-timer.js';

/**
 * A chip that is a bank of registers with an auto-incrementing pointer, as most sensors are: the first byte written sets
 * the pointer, the bytes after it go into registers, reads continue from the pointer.
 *
 * It has two faces: registers towards the bus, and whatever setters a subclass gives it towards its surroundings.
 */
export class RegisterChip implements SimI2cChip {
  /** What the bus sees. Its size is the size of the bank. */
  protected readonly registers: Uint8Array;
  readonly #timer = new ChipTimer();
  #pointer = 0;
  #plugged = true;

  constructor(size = 256) {
    this.registers = new Uint8Array(size);
  }

  powerOn(clock: Clock): void {
    this.#timer.powerOn(clock);
  }

  powerOff(): void {
    this.#timer.powerOff();
  }

  /** Pulls the chip off the bus: it acknowledges nothing. */
  unplug(): void {
    this.#plugged = false;
  }

  plugIn(): void {
    this.#plugged = true;
  }

  /** True while it is on the bus. */
  get plugged(): boolean {
    return this.#plugged;
  }

  transfer(segments: readonly I2cSegment[]): Uint8Array[] | undefined {
    if (!this.#plugged) return undefined;
    const reads: Uint8Array[] = [];
    for (const segment of segments) {
      if ('read' in segment) {
        const bytes = new Uint8Array(segment.read);
        for (let i = 0; i < bytes.length; i++) {
          bytes[i] = this.onRead(this.#pointer);
          this.#pointer = this.advance(this.#pointer);
        }
        reads.push(bytes);
      } else {
        for (let i = 0; i < segment.write.length; i++) {
          const byte = segment.write[i] ?? 0;
          if (i === 0) this.#pointer = byte % this.registers.length;
          else {
            this.write(this.#pointer, byte);
            this.#pointer = this.advance(this.#pointer);
          }
        }
      }
    }
    return reads;
  }

  /** The present time of the chip, monotonic milliseconds. */
  protected get nowMs(): number {
    return this.#timer.nowMs;
  }

  /** True while a conversion is in progress. */
  protected get converting(): boolean {
    return this.#timer.busy;
  }

  /** Starts a conversion that ends after `duration` by calling `finish`. A new one replaces the one in progress. */
  protected convert(duration: Duration, finish: () => void): void {
    this.#timer.start(duration, finish);
  }

  /** Gives up the conversion in progress. */
  protected abortConversion(): void {
    this.#timer.stop();
  }

  /** Takes a byte written by the driver. Override to keep read-only registers as they are. */
  protected write(register: number, value: number): void {
    this.registers[register] = value;
    this.onWrite(register, value);
  }

  /** Called after the driver has written a register. Override to give a write its effect. */
  protected onWrite(_register: number, _value: number): void {}

  /** Called for each byte the driver reads. Override for registers that are made when read, or cleared by it. */
  protected onRead(register: number): number {
    return this.registers[register] ?? 0;
  }

  /** Where the pointer goes after `register`. Override for chips that do not move on, or not after every register. */
  protected advance(register: number): number {
    return (register + 1) % this.registers.length;
  }
}
