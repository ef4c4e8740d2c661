/* Chips for the bus tests, made of the simulator's own parts. */
import { RegisterChip } from '@hyphae/hal/sim';

/** A bank of 256 registers that hold their own number until written. */
export class CountingChip extends RegisterChip {
  constructor() {
    super(256);
    this.registers.forEach((_, register) => (this.registers[register] = register));
  }
}

/** A memory with 16-bit addresses, like a 24C32. */
export class Memory {
  #bytes = new Uint8Array(4096).fill(0xff);
  #pointer = 0;

  transfer(segments) {
    return segments.flatMap((segment) => {
      if ('read' in segment)
        return [Uint8Array.from({ length: segment.read }, () => this.#bytes[this.#pointer++ & 4095])];
      const [high = 0, low = 0, ...data] = segment.write;
      this.#pointer = (high << 8) | low;
      for (const byte of data) this.#bytes[this.#pointer++ & 4095] = byte;
      return [];
    });
  }
}
