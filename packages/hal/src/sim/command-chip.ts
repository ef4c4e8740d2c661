import type { Clock, Duration } from '@hyphae/core';
import type { I2cSegment } from '../i2c/i2c-bus.js';
import { ChipTimer } from './chip-timer.js';
import type { SimI2cChip } from './chip.js';
import { sensirionCrc } from './crc8.js';

/**
 * A chip of Sensirion's manner: a command of 16 bits (or 8) is written, with words as its arguments, and the answer is read
 * later; every word is followed by its checksum. While it works it does not acknowledge, and neither does it when read without
 * having an answer.
 */
export abstract class CommandChip implements SimI2cChip {
  readonly #timer = new ChipTimer();
  readonly #commandBytes: 1 | 2;
  #answer: Uint8Array | undefined;
  #plugged = true;

  constructor({ commandBytes = 2 }: { readonly commandBytes?: 1 | 2 } = {}) {
    this.#commandBytes = commandBytes;
  }

  powerOn(clock: Clock): void {
    this.#timer.powerOn(clock);
  }

  powerOff(): void {
    this.#timer.powerOff();
    this.#answer = undefined;
  }

  /** Pulls the chip off the bus: it acknowledges nothing. */
  unplug(): void {
    this.#plugged = false;
  }

  plugIn(): void {
    this.#plugged = true;
  }

  transfer(segments: readonly I2cSegment[]): Uint8Array[] | undefined {
    const reads: Uint8Array[] = [];
    for (const segment of segments) {
      if (!this.#plugged || !this.acknowledges('read' in segment ? 'read' : 'write')) return undefined;
      if ('write' in segment) {
        if (segment.write.length > 0 && !this.#written(segment.write)) return undefined;
        continue;
      }
      if (!this.#answer) return undefined;
      // Beyond the answer the bus is left alone, which reads as ones.
      const bytes = new Uint8Array(segment.read).fill(0xff);
      bytes.set(this.#answer.subarray(0, segment.read));
      reads.push(bytes);
      this.onRead();
    }
    return reads;
  }

  /** The present time of the chip, monotonic milliseconds. */
  protected get nowMs(): number {
    return this.#timer.nowMs;
  }

  /** True while it works on something. */
  protected get busy(): boolean {
    return this.#timer.busy;
  }

  /**
   * Carries out a command.
   *
   * @param words the arguments, their checksums verified and taken off
   * @returns false when it is not acknowledged
   */
  protected abstract onCommand(command: number, words: readonly number[]): boolean | void;

  /** Whether it acknowledges its address now. Override for chips that answer while they work. */
  protected acknowledges(_direction: 'read' | 'write'): boolean {
    return !this.busy;
  }

  /** Called after the answer was read. The default forgets it: a result is read once. */
  protected onRead(): void {
    this.#answer = undefined;
  }

  /** Lays out words of 16 bits, to be read next, each with its checksum. */
  protected answer(...words: readonly number[]): void {
    const bytes = new Uint8Array(words.length * 3);
    words.forEach((word, i) => {
      bytes[3 * i] = word >> 8;
      bytes[3 * i + 1] = word & 0xff;
      bytes[3 * i + 2] = sensirionCrc(bytes.subarray(3 * i, 3 * i + 2));
    });
    this.#answer = bytes;
  }

  /** Takes away what could be read. */
  protected clearAnswer(): void {
    this.#answer = undefined;
  }

  /** Works for `duration`, then calls `finish`. What it worked on before is given up. */
  protected work(duration: Duration, finish: () => void = () => {}): void {
    this.#timer.start(duration, finish);
  }

  /** Gives up what it works on. */
  protected stopWork(): void {
    this.#timer.stop();
  }

  #written(bytes: Uint8Array): boolean {
    const head = this.#commandBytes;
    if (bytes.length < head || (bytes.length - head) % 3 !== 0) return false;
    const words: number[] = [];
    for (let i = head; i < bytes.length; i += 3) {
      const [high = 0, low = 0, crc] = bytes.subarray(i, i + 3);
      if (crc !== sensirionCrc([high, low])) return false;
      words.push((high << 8) | low);
    }
    const command = head === 2 ? ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0) : (bytes[0] ?? 0);
    return this.onCommand(command, words) !== false;
  }
}
