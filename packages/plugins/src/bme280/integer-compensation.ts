import type { Calibration, HumidityCalibration } from './calibration.js';

// The datasheet gives its compensation twice, as integers (BST-BME280-DS002 §4.2.3) and in floating point (§8.1). The driver uses
// the second, the simulated chip the first, so that a slip in either shows as a difference between them.

/** Temperature in 1/5120 °C, `t_fine` of the datasheet, of a 20-bit reading. */
export function fineTemperature(raw: number, { t1, t2, t3 }: Calibration): number {
  const coarse = (((raw >> 3) - (t1 << 1)) * t2) >> 11;
  const deviation = (raw >> 4) - t1;
  return coarse + ((((deviation * deviation) >> 12) * t3) >> 14);
}

/** Temperature in 0.01 °C. */
export function centiCelsius(fine: number): number {
  return (fine * 5 + 128) >> 8;
}

/** Pressure in 1/256 Pa of a 20-bit reading, as a function for one temperature. 64-bit integers, as in the datasheet. */
export function pressureAt(fine: number, c: Calibration): (raw: number) => number {
  const [p1, p2, p3, p4, p5, p6, p7, p8, p9] = [c.p1, c.p2, c.p3, c.p4, c.p5, c.p6, c.p7, c.p8, c.p9].map(
    BigInt,
  ) as Nine;
  const t = BigInt(fine) - 128000n;
  const offset = t * t * p6 + ((t * p5) << 17n) + (p4 << 35n);
  const slope = (((1n << 47n) + ((t * t * p3) >> 8n) + ((t * p2) << 12n)) * p1) >> 33n;
  return (raw) => {
    if (slope === 0n) return 0;
    const base = (((BigInt(1048576 - raw) << 31n) - offset) * 3125n) / slope;
    const high = base >> 13n;
    return Number(((base + ((p9 * high * high) >> 25n) + ((p8 * base) >> 19n)) >> 8n) + (p7 << 4n));
  };
}

/** `map` keeps the length of what it maps; TypeScript does not know that. */
type Nine = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

/** Relative humidity in 1/2^22 %, not yet limited to 0 to 100 %, of a 16-bit reading, as a function for one temperature. */
export function humidityAt(fine: number, { h1, h2, h3, h4, h5, h6 }: HumidityCalibration): (raw: number) => number {
  const t = fine - 76800;
  const zero = h4 * 1048576 + h5 * t;
  const scale = ((((((t * h6) >> 10) * (((t * h3) >> 11) + 32768)) >> 10) + 2097152) * h2 + 8192) >> 14;
  return (raw) => {
    const linear = ((raw * 16384 - zero + 16384) >> 15) * scale;
    const high = linear >> 15;
    return linear - ((((high * high) >> 7) * h1) >> 4);
  };
}

/** Relative humidity in 1/1024 %, limited as the datasheet limits it. */
export function limitHumidity(unlimited: number): number {
  return Math.min(Math.max(unlimited, 0), 419430400) >> 12;
}
