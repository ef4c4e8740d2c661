import type { Clock } from '@hyphae/core';
import type { I2cSegment } from '@hyphae/hal';
import { defineChip, RegisterChip, type Surroundings } from '@hyphae/hal/sim';

// Instruction set (ROHM BH1750FVI technical note 2009.04 rev. B, page 5).
const POWER_DOWN = 0x00;
const POWER_ON = 0x01;
const RESET = 0x07;
const CONTINUOUS = 0x10;
const ONE_TIME = 0x20;
const MTREG_HIGH = 0b0100_0000;
const MTREG_LOW = 0b0110_0000;
/** By the lower four bits of a measuring command: counts per lux at the default MTreg, and the longest time in ms (page 2). */
const MODES: Readonly<Record<number, { readonly countsPerLux: number; readonly ms: number }>> = {
  0x0: { countsPerLux: 1.2, ms: 180 },
  0x1: { countsPerLux: 2.4, ms: 180 },
  0x3: { countsPerLux: 1.2, ms: 24 },
};
const DEFAULT_MTREG = 0b0100_0101;

/** The light on the chip, in lx. A getter is read at each measurement, so that a plant can move it. */
export type SimLight = Surroundings<'light'>;

/**
 * A BH1750FVI in light you choose (ROHM technical note): one-time and continuous measurements of all resolutions, MTreg, power-down.
 * It counts down to its steps as the chip does, takes the longest the note allows, and has no noise.
 */
export class Bh1750Sim extends RegisterChip {
  /** Replace it, or change what it holds. */
  surroundings: SimLight;
  #mtreg = DEFAULT_MTREG;
  #powered = false;

  constructor(surroundings: SimLight) {
    super(2); // the data register; nothing has an address
    this.surroundings = surroundings;
  }

  override powerOn(clock: Clock): void {
    super.powerOn(clock);
    this.#forget();
  }

  /** Takes the supply away for a moment: the chip forgets its settings and the measurement in progress. */
  brownOut(): void {
    this.abortConversion();
    this.#forget();
  }

  /** True while it measures. */
  get measuring(): boolean {
    return this.converting;
  }

  /** A write is one command; a read is the data register from its high byte on (page 10). */
  override transfer(segments: readonly I2cSegment[]): Uint8Array[] | undefined {
    if (!this.plugged) return undefined;
    const reads: Uint8Array[] = [];
    for (const segment of segments) {
      if ('read' in segment) {
        reads.push(Uint8Array.from({ length: segment.read }, (_, i) => this.registers[i] ?? 0xff));
      } else {
        const [opcode] = segment.write; // "not able to accept plural command without stop condition": the rest is lost
        if (opcode !== undefined) this.#obey(opcode);
      }
    }
    return reads;
  }

  #obey(opcode: number): void {
    const mode = MODES[opcode & 0x0f];
    if (opcode === POWER_DOWN) this.#sleep();
    else if (opcode === POWER_ON) this.#powered = true;
    else if (opcode === RESET) {
      if (this.#powered) this.registers.fill(0);
    } else if ((opcode & 0xf0) === CONTINUOUS || (opcode & 0xf0) === ONE_TIME) {
      if (mode) this.#measure(mode, (opcode & 0xf0) === CONTINUOUS);
    } else if ((opcode & 0b1111_1000) === MTREG_HIGH) this.#mtreg = ((opcode & 0b111) << 5) | (this.#mtreg & 0b1_1111);
    else if ((opcode & 0b1110_0000) === MTREG_LOW) this.#mtreg = (this.#mtreg & 0b1110_0000) | (opcode & 0b1_1111);
  }

  #forget(): void {
    this.registers.fill(0);
    this.#mtreg = DEFAULT_MTREG;
    this.#powered = false;
  }

  #sleep(): void {
    this.abortConversion();
    this.#powered = false;
  }

  #measure(mode: (typeof MODES)[number], again: boolean): void {
    this.#powered = true;
    const sensitivity = this.#mtreg / DEFAULT_MTREG;
    this.convert(mode.ms * sensitivity, () => {
      const count = Math.floor(Math.max(0, this.surroundings.light) * mode.countsPerLux * sensitivity);
      const seen = Math.min(count, 0xffff);
      this.registers.set([seen >> 8, seen & 0xff]);
      if (again) this.#measure(mode, again);
      else this.#powered = false; // "it is automatically set to power down mode after measurement"
    });
  }
}

/** A BH1750FVI for configurations of simulated boards. */
export const bh1750Chip = defineChip({
  id: 'bh1750',
  bus: 'i2c',
  feels: { light: 'lx' },
  create: ({ surroundings }) => new Bh1750Sim(surroundings),
});
