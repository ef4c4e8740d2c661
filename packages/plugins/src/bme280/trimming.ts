import type { Calibration, HumidityCalibration } from './calibration.js';

/** Trimming values of a simulated chip: what Bosch would have burnt into it. */
export type Trimming = Calibration & { readonly humidity: HumidityCalibration };

/**
 * A chip as they come: temperature and pressure are those of Bosch's worked example (BST-BMP280-DS001 §3.12), humidity is of the
 * size real chips have.
 */
export const TYPICAL_TRIMMING: Trimming = {
  t1: 27504,
  t2: 26435,
  t3: -1000,
  p1: 36477,
  p2: -10685,
  p3: 3024,
  p4: 2855,
  p5: 140,
  p6: -7,
  p7: 15500,
  p8: -14600,
  p9: 6000,
  humidity: { h1: 75, h2: 362, h3: 0, h4: 313, h5: 50, h6: 30 },
};

/** Registers 0x88 to 0xa1 (BST-BME280-DS002 table 16). */
export function lowRegisters({ t1, t2, t3, p1, p2, p3, p4, p5, p6, p7, p8, p9, humidity }: Trimming): Uint8Array {
  const bytes = [t1, t2, t3, p1, p2, p3, p4, p5, p6, p7, p8, p9].flatMap((word) => [word & 0xff, (word >> 8) & 0xff]);
  return Uint8Array.of(...bytes, 0, humidity.h1);
}

/** Registers 0xe1 to 0xe7 (BST-BME280-DS002 table 16): H4 and H5 have 12 bits each and share 0xe5. */
export function highRegisters({ humidity: { h2, h3, h4, h5, h6 } }: Trimming): Uint8Array {
  return Uint8Array.of(h2, h2 >> 8, h3, h4 >> 4, ((h5 & 0x0f) << 4) | (h4 & 0x0f), h5 >> 4, h6);
}
