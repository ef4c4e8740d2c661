import { fineTemperature, humidityAt, pressureAt } from './integer-compensation.js';
import type { Trimming } from './trimming.js';

/**
 * A real chip's noise makes the value that also means "skipped" pass by; this one has no noise and steps aside by the smallest
 * difference it can show.
 */
export function aside(raw: number, reserved: number, step: number): number {
  return raw === reserved ? raw + step : raw;
}

/** The 20-bit reading of a temperature in °C. */
export function rawTemperature(celsius: number, trimming: Trimming): number {
  return nearest(20, celsius * 5120, (raw) => fineTemperature(raw, trimming));
}

/** The 20-bit reading of a pressure in hPa at a temperature in 1/5120 °C. */
export function rawPressure(hectopascal: number, fine: number, trimming: Trimming): number {
  const at = pressureAt(fine, trimming);
  return nearest(20, -hectopascal * 100 * 256, (raw) => -at(raw)); // a higher reading is a lower pressure
}

/** The 16-bit reading of a relative humidity in % at a temperature in 1/5120 °C. */
export function rawHumidity(percent: number, fine: number, trimming: Trimming): number {
  return nearest(16, percent * 2 ** 22, humidityAt(fine, trimming.humidity));
}

/** The reading of so many bits for which a rising function comes nearest to `wanted`. */
function nearest(bits: number, wanted: number, rising: (raw: number) => number): number {
  let below = 0;
  for (let bit = 2 ** (bits - 1); bit >= 1; bit /= 2) {
    if (rising(below + bit) <= wanted) below += bit;
  }
  const above = Math.min(below + 1, 2 ** bits - 1);
  return wanted - rising(below) <= rising(above) - wanted ? below : above;
}
