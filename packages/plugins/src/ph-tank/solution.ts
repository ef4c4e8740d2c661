// Dissociation constants at 25 °C and no ionic strength (W. Stumm, J. J. Morgan, Aquatic Chemistry, 3rd ed., Wiley 1996)
const WATER = 10 ** -14;
const CARBONIC_1 = 10 ** -6.35;
const CARBONIC_2 = 10 ** -10.33;
const PHOSPHORIC_1 = 10 ** -2.15;
const PHOSPHORIC_2 = 10 ** -7.2;
const PHOSPHORIC_3 = 10 ** -12.35;

// Limiting molar conductivity at 25 °C, S·cm²/mol (CRC Handbook of Chemistry and Physics, "Ionic conductivity and diffusion at
// infinite dilution"); of ions with more than one charge, of the whole ion.
const HYDROGEN = 349.65;
const HYDROXIDE = 198;
const POTASSIUM = 73.48;
const NITRATE = 71.42;
const HYDROGEN_CARBONATE = 44.5;
const CARBONATE = 2 * 69.3;
const DIHYDROGEN_PHOSPHATE = 36;
const HYDROGEN_PHOSPHATE = 2 * 57;
const PHOSPHATE = 3 * 92.8;

/** What is dissolved, mmol/L: strong ions of either sign with one charge each, and the two buffers in all their forms. */
export interface Solution {
  readonly cations: number;
  readonly anions: number;
  readonly carbonate: number;
  readonly phosphate: number;
}

/** The forms of the buffers at one pH: shares of the whole that carry one, two and three charges. */
function formsAt(h: number) {
  const carbonate1 = CARBONIC_1 / h;
  const carbonate2 = (carbonate1 * CARBONIC_2) / h;
  const ofCarbonate = 1 + carbonate1 + carbonate2;
  const phosphate1 = PHOSPHORIC_1 / h;
  const phosphate2 = (phosphate1 * PHOSPHORIC_2) / h;
  const phosphate3 = (phosphate2 * PHOSPHORIC_3) / h;
  const ofPhosphate = 1 + phosphate1 + phosphate2 + phosphate3;
  return {
    carbonate: [carbonate1 / ofCarbonate, carbonate2 / ofCarbonate],
    phosphate: [phosphate1 / ofPhosphate, phosphate2 / ofPhosphate, phosphate3 / ofPhosphate],
  } as const;
}

/** Excess of positive charge at a pH, mmol/L; falls as the pH rises. */
function chargeAt(ph: number, { cations, anions, carbonate, phosphate }: Solution): number {
  const h = 10 ** -ph;
  const { carbonate: c, phosphate: p } = formsAt(h);
  const buffers = carbonate * (c[0] + 2 * c[1]) + phosphate * (p[0] + 2 * p[1] + 3 * p[2]);
  return cations - anions + 1000 * (h - WATER / h) - buffers;
}

/** The pH at which the charges of a solution are in balance, between −2 and 16. */
export function phOf(solution: Solution): number {
  let [low, high] = [-2, 16];
  for (let n = 0; n < 52; n++) {
    const middle = (low + high) / 2;
    if (chargeAt(middle, solution) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Conductivity at 25 °C as the sum over the ions, mS/cm; real solutions of 2 mS/cm conduct about a tenth less. */
export function conductivityOf({ cations, anions, carbonate, phosphate }: Solution, ph: number): number {
  const h = 10 ** -ph;
  const { carbonate: c, phosphate: p } = formsAt(h);
  const microSiemens =
    1000 * (HYDROGEN * h + (HYDROXIDE * WATER) / h) +
    POTASSIUM * cations +
    NITRATE * anions +
    carbonate * (HYDROGEN_CARBONATE * c[0] + CARBONATE * c[1]) +
    phosphate * (DIHYDROGEN_PHOSPHATE * p[0] + HYDROGEN_PHOSPHATE * p[1] + PHOSPHATE * p[2]);
  return microSiemens / 1000;
}

/** Natural water of given alkalinity (mmol/L) and pH: the carbonate follows from both, and is none where there can be none. */
export function naturalWater(alkalinity: number, ph: number): Solution {
  const h = 10 ** -ph;
  const { carbonate: c } = formsAt(h);
  const carbonate = (alkalinity + 1000 * (h - WATER / h)) / (c[0] + 2 * c[1]);
  return { cations: alkalinity, anions: 0, carbonate: Math.max(0, carbonate), phosphate: 0 };
}
