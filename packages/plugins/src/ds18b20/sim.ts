import type { Clock } from '@hyphae/core';
import { defineChip, type SimOneWireDevice, type Surroundings } from '@hyphae/hal/sim';
import { dallasCrc8 } from './dallas-crc8.js';

/** What the chip feels, in Cel. */
export type Ds18b20Surroundings = Surroundings<'temperature'>;

/** Which relative it is, and how it is set. */
export interface Ds18b20SimOptions {
  /** Default `ds18b20`. */
  readonly part?: 'ds18b20' | 'ds18s20';
  /** Bits; a DS18S20 has none to set. Default 12. */
  readonly resolution?: 9 | 10 | 11 | 12;
}

/** Conversion time at 12 bits, ms; each bit fewer halves it. Chips take a little less than the 750 ms of the datasheet's table 2. */
const CONVERSION_MS = 700;

/** A DS18B20 (or DS18S20) as its bus master sees it: scratchpad, CRC, conversion time, power-on state. */
export class Ds18b20Sim implements SimOneWireDevice {
  /** What it feels. A test may put other surroundings in its place, or mutable ones. */
  surroundings: Ds18b20Surroundings;
  /** While true, the supply is too weak for a conversion: the chip resets in the middle of each. */
  weakSupply = false;
  /** This many scratchpads to come have one bit flipped on their way. */
  corrupt = 0;
  readonly #part: 'ds18b20' | 'ds18s20';
  readonly #resolution: number;
  readonly #register = new Uint8Array(9);
  #clock: Clock | undefined;
  #present = true;
  #conversion: { readonly temperature: number; readonly doneAt: number } | undefined;

  constructor(surroundings: Ds18b20Surroundings, { part = 'ds18b20', resolution = 12 }: Ds18b20SimOptions = {}) {
    this.surroundings = surroundings;
    this.#part = part;
    this.#resolution = part === 'ds18s20' ? 12 : resolution;
    this.#reset();
  }

  /** Takes the chip off the line. */
  unplug(): void {
    this.#present = false;
    this.#reset();
  }

  /** Puts it back, freshly powered. */
  plug(): void {
    this.#present = true;
  }

  powerOn(clock: Clock): void {
    this.#clock = clock;
    this.#reset();
  }

  powerOff(): void {
    this.#clock = undefined;
  }

  convert(): void {
    if (!this.#clock || !this.#present) return;
    this.#finish(this.#clock);
    if (this.#conversion) return; // it is busy and does not listen
    const durationMs = CONVERSION_MS / 2 ** (12 - this.#resolution);
    this.#conversion = {
      temperature: this.surroundings.temperature,
      doneAt: this.#clock.monotonic() + durationMs,
    };
  }

  scratchpad(): Uint8Array | undefined {
    if (!this.#clock || !this.#present) return undefined;
    this.#finish(this.#clock);
    const bytes = this.#register.slice();
    if (this.corrupt > 0) {
      const bit = this.corrupt-- % 72;
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    }
    return bytes;
  }

  #finish(clock: Clock): void {
    if (!this.#conversion || clock.monotonic() < this.#conversion.doneAt) return;
    const { temperature } = this.#conversion;
    this.#conversion = undefined;
    if (this.weakSupply) this.#reset();
    else this.#show(temperature);
  }

  #show(temperature: number): void {
    const felt = Math.min(125, Math.max(-55, temperature));
    const view = new DataView(this.#register.buffer);
    if (this.#part === 'ds18s20') {
      // Half degrees in the register, and in the counter how far the ramp had come: 1/16 °C each.
      const steps = Math.round(felt * 16);
      const whole = Math.floor((steps + 4) / 16);
      const rest = steps - whole * 16;
      view.setInt16(0, whole * 2 + (rest >= 4 ? 1 : 0), true);
      view.setUint8(6, 12 - rest);
    } else {
      const unused = 12 - this.#resolution;
      view.setInt16(0, (Math.round(felt * 16) >> unused) << unused, true);
      view.setUint8(6, 0x10 - (view.getUint8(0) & 0x0f)); // as genuine chips do after a conversion
    }
    this.#register[8] = dallasCrc8(this.#register.subarray(0, 8));
  }

  /** The state after power-on: 85 °C, and 0x0C in byte 6 (datasheet, figure 9). */
  #reset(): void {
    this.#conversion = undefined;
    const s20 = this.#part === 'ds18s20';
    const config = s20 ? 0xff : 0x1f | ((this.#resolution - 9) << 5);
    this.#register.set([s20 ? 0xaa : 0x50, s20 ? 0x00 : 0x05, 0x4b, 0x46, config, 0xff, 0x0c, 0x10]);
    this.#register[8] = dallasCrc8(this.#register.subarray(0, 8));
  }
}

/** The chip for configurations: `28-0000075b3c1a: { chip: ds18b20, feels: air }`. */
export const ds18b20Chip = defineChip({
  id: 'ds18b20',
  bus: 'onewire',
  feels: { temperature: 'Cel' },
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      part: {
        enum: ['ds18b20', 'ds18s20'],
        default: 'ds18b20',
        description: 'A ds18s20 wants a ROM id that begins with 10.',
      },
      resolution: {
        enum: [9, 10, 11, 12],
        default: 12,
        description: 'Bits of the temperature.',
      },
    },
  },
  create: ({ surroundings, options }) => new Ds18b20Sim(surroundings, options),
});
