import type { Clock } from '@hyphae/core';
import type { I2cSegment } from '@hyphae/hal';
import { defineChip, RegisterChip, type Surroundings } from '@hyphae/hal/sim';

// Each of the four registers has two bytes, high byte first; so many in front of it.
const CONVERSION = 0;
const CONFIG_HIGH = 2;
const CONFIG_LOW = 3;
/** Conversion, configuration and thresholds after power-on (SBAS444E §8.1). */
const POWER_ON = [0x00, 0x00, 0x85, 0x83, 0x80, 0x00, 0x7f, 0xff];
const OS = 0x80;
const SINGLE_SHOT = 0x01;
/** Positive and negative input by MUX[2:0] (SBAS444E table 8-3). */
const PAIRS = [
  ['a0', 'a1'],
  ['a0', 'a3'],
  ['a1', 'a3'],
  ['a2', 'a3'],
  ['a0', undefined],
  ['a1', undefined],
  ['a2', undefined],
  ['a3', undefined],
] as const;
/** Full scale in V by PGA[2:0] (SBAS444E table 8-3). */
const FULL_SCALE = [6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256] as const;
/** A slow oscillator: 10 % below the rate (SBAS444E §5.5), and the time to wake up in ms. */
const SLOW = 0.9;
const WAKE_MS = 0.025;

/** Voltages at the inputs; those left out are at ground. Getters are read at each conversion, so that a plant can move them. */
export type SimInputs = Partial<Surroundings<'a0' | 'a1' | 'a2' | 'a3'>>;

interface Model {
  readonly bits: 12 | 16;
  /** Samples per second by DR[2:0] (SBAS444E table 8-3). */
  readonly rates: readonly number[];
}

/**
 * An ADS1115 with voltages you choose at its inputs (SBAS444): single-shot and continuous conversions, multiplexer, ranges, rates.
 * Its oscillator is as slow as the datasheet allows, and it has no noise. The comparator is not simulated.
 */
export class Ads1115Sim extends RegisterChip {
  /** Replace them, or change what they hold. */
  inputs: SimInputs;
  readonly #model: Model;

  constructor(inputs: SimInputs, model: Model = { bits: 16, rates: [8, 16, 32, 64, 128, 250, 475, 860] }) {
    super(POWER_ON.length);
    this.inputs = inputs;
    this.#model = model;
    this.registers.set(POWER_ON);
  }

  override powerOn(clock: Clock): void {
    super.powerOn(clock);
    this.registers.set(POWER_ON);
  }

  /** True while it converts. */
  get busy(): boolean {
    return this.converting;
  }

  /** Takes the supply away for a moment: the chip forgets its settings and the conversion in progress. */
  brownOut(): void {
    this.abortConversion();
    this.registers.set(POWER_ON);
  }

  /** The pointer counts registers of two bytes (SBAS444E §7.5.3). */
  override transfer(segments: readonly I2cSegment[]): Uint8Array[] | undefined {
    return super.transfer(
      segments.map((segment) => {
        if (!('write' in segment)) return segment;
        const [pointer = 0, ...bytes] = segment.write;
        return { write: Uint8Array.of((pointer & 0b11) * 2, ...bytes) };
      }),
    );
  }

  /** Low byte after high byte, and the same register again: the pointer stays until it is written. */
  protected override advance(register: number): number {
    return register ^ 1;
  }

  protected override write(register: number, value: number): void {
    if (register >= CONFIG_HIGH) super.write(register, value); // the conversion register is read-only
  }

  protected override onWrite(register: number): void {
    if (register !== CONFIG_LOW || this.converting) return; // OS has no effect while a conversion is running
    const high = this.registers[CONFIG_HIGH] ?? 0;
    if ((high & OS) !== 0 || (high & SINGLE_SHOT) === 0) this.#start();
  }

  protected override onRead(register: number): number {
    const value = super.onRead(register);
    if (register !== CONFIG_HIGH) return value;
    return this.converting ? value & ~OS : value | OS;
  }

  #start(): void {
    const rate = this.#model.rates[(this.registers[CONFIG_LOW] ?? 0) >> 5] ?? Math.max(...this.#model.rates);
    this.convert(1000 / (rate * SLOW) + WAKE_MS, () => this.#finish());
  }

  #finish(): void {
    const high = this.registers[CONFIG_HIGH] ?? 0;
    const [positive, negative] = PAIRS[(high >> 4) & 0b111] ?? PAIRS[0];
    const difference = this.#at(positive) - this.#at(negative);
    const half = 2 ** (this.#model.bits - 1);
    const code = Math.round((difference / (FULL_SCALE[(high >> 1) & 0b111] ?? FULL_SCALE[0])) * half);
    const word = Math.min(Math.max(code, -half), half - 1) * 2 ** (16 - this.#model.bits); // left-justified
    this.registers.set([(word >> 8) & 0xff, word & 0xff], CONVERSION);
    if ((high & SINGLE_SHOT) === 0) this.#start();
  }

  #at(input: keyof SimInputs | undefined): number {
    return (input && this.inputs[input]) ?? 0;
  }
}

/** An ADS1015 with voltages you choose at its inputs (SBAS473): 12 bits, other rates. */
export class Ads1015Sim extends Ads1115Sim {
  constructor(inputs: SimInputs) {
    super(inputs, { bits: 12, rates: [128, 250, 490, 920, 1600, 2400, 3300] });
  }
}

const feels = { a0: 'V', a1: 'V', a2: 'V', a3: 'V' } as const;

/** An ADS1115 for configurations of simulated boards. */
export const ads1115Chip = defineChip({
  id: 'ads1115',
  bus: 'i2c',
  feels,
  create: ({ surroundings }) => new Ads1115Sim(surroundings),
});

/** An ADS1015 for configurations of simulated boards. */
export const ads1015Chip = defineChip({
  id: 'ads1015',
  bus: 'i2c',
  feels,
  create: ({ surroundings }) => new Ads1015Sim(surroundings),
});
