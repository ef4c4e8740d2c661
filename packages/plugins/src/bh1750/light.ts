/** Counts per lux at the default measurement time (ROHM BH1750FVI technical note 2009.04 rev. B, page 11). */
const COUNTS_PER_LUX = 1.2;
/** MTreg after power-on. */
export const DEFAULT_MTREG = 69;
/** The longest a high-resolution measurement takes at the default MTreg (electrical characteristics, page 2). */
const LONGEST_MS = 180;
/** The counter's end, where light beyond the range stays. */
const SATURATED = 0xffff;

/**
 * Illuminance in lx of a high-resolution count. `null`: the counter is full, so that the light is not known.
 *
 * @param mtreg the measurement time the count was made with: sensitivity is proportional to it (page 11)
 */
export function lux(count: number, mtreg: number): number | null {
  if (count === SATURATED) return null;
  return (count / COUNTS_PER_LUX) * (DEFAULT_MTREG / mtreg);
}

/** The longest a high-resolution measurement can take, in ms; it grows with MTreg (page 11). */
export function measurementMs(mtreg: number): number {
  return (LONGEST_MS * mtreg) / DEFAULT_MTREG;
}

/** The two commands that set MTreg: its upper three bits, then its lower five (instruction set, page 5). */
export function mtregCommands(mtreg: number): readonly [high: number, low: number] {
  return [0b0100_0000 | (mtreg >> 5), 0b0110_0000 | (mtreg & 0b1_1111)];
}
