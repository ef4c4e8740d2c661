/** What tells the members of the family apart (ADS111x: SBAS444E of December 2024; ADS101x: SBAS473E of January 2018). */
export interface Part {
  readonly name: string;
  /** Bits by which a result is left-justified in the conversion register. */
  readonly shift: 0 | 4;
  /** Samples per second by the code of DR[2:0]. */
  readonly rates: readonly number[];
}

/** 16 bits (SBAS444E §7.5.4; rates: table 8-3). */
export const ADS1115: Part = { name: 'ADS1115', shift: 0, rates: [8, 16, 32, 64, 128, 250, 475, 860] };
/** 12 bits, left-justified (SBAS473E §8.5.4; rates: §8.6.3). */
export const ADS1015: Part = { name: 'ADS1015', shift: 4, rates: [128, 250, 490, 920, 1600, 2400, 3300] };

/** Full-scale ranges in V by the code of PGA[2:0] (SBAS444E table 8-3): an input of ± this fills the register. */
export const RANGES = [6.144, 4.096, 2.048, 1.024, 0.512, 0.256] as const;
/** A full-scale range in V. */
export type Range = (typeof RANGES)[number];

/** An analogue input. */
export type Input = 'a0' | 'a1' | 'a2' | 'a3';

/** Codes of MUX[2:0] (SBAS444E table 8-3): the positive input, and the negative one, which is ground for a single-ended measurement. */
const MUX: Readonly<Record<string, number>> = {
  'a0-a1': 0b000,
  'a0-a3': 0b001,
  'a1-a3': 0b010,
  'a2-a3': 0b011,
  'a0-gnd': 0b100,
  'a1-gnd': 0b101,
  'a2-gnd': 0b110,
  'a3-gnd': 0b111,
};

/** OS: starts a conversion when written, reads 1 when none is running. */
export const OS = 0x8000;
const SINGLE_SHOT = 0x0100;
const COMPARATOR_OFF = 0x0003;
/** The oscillator is 10 % off at most (SBAS444E §5.5, "data rate variation"). */
const RATE_ERROR = 0.1;
/** Waking from power-down takes about 25 µs (SBAS444E §7.4.2.1). */
const WAKE_MS = 0.03;

/** One conversion to ask for. */
export interface Request {
  readonly input: Input;
  /** Measures the difference to this input; absent: to ground. */
  readonly minus?: Input | undefined;
  readonly range: Range;
  readonly rate: number;
}

/**
 * The configuration register that makes one conversion, comparator off (SBAS444E §8.1.3). `undefined`: the multiplexer has no such pair,
 * or the part no such rate.
 */
export function encodeConfig(part: Part, { input, minus, range, rate }: Request): number | undefined {
  const mux = MUX[`${input}-${minus ?? 'gnd'}`];
  const dr = part.rates.indexOf(rate);
  if (mux === undefined || dr < 0) return undefined;
  return OS | (mux << 12) | (RANGES.indexOf(range) << 9) | SINGLE_SHOT | (dr << 5) | COMPARATOR_OFF;
}

/** The longest one conversion can take, in ms. */
export function conversionMs(rate: number): number {
  return 1000 / (rate * (1 - RATE_ERROR)) + WAKE_MS;
}

/**
 * Volts of a conversion register. `null`: the input is beyond the range, where the register sticks at its end (SBAS444E §7.5.4),
 * so that its value is not known.
 *
 * @param word as read, 0 to 0xffff
 */
export function volts(part: Part, word: number, range: Range): number | null {
  const code = ((word << 16) >> 16) >> part.shift; // two's complement, left-justified
  const full = 0x8000 >> part.shift;
  if (code === full - 1 || code === -full) return null;
  return (code * range) / full;
}
