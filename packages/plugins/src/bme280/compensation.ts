import type { Calibration, HumidityCalibration } from './calibration.js';

/** What one measurement gives. `null`: not measured, or not a value this chip can have measured. */
export interface Air {
  /** °C. */
  readonly temperature: number | null;
  /** %RH. */
  readonly humidity: number | null;
  /** hPa. */
  readonly pressure: number | null;
}

/** Data registers of a measurement that was skipped or never made (BST-BME280-DS002 §5.4.7 to §5.4.9). */
const SKIPPED_20_BIT = 0x80000;
const SKIPPED_16_BIT = 0x8000;

/** The operating range (§1.1 and §1.3) with a margin: what lies beyond comes from a broken chip or line, not from the air. */
const TEMPERATURE_RANGE = [-45, 90] as const;
const PRESSURE_RANGE = [250, 1150] as const;

const NOTHING: Air = Object.freeze({ temperature: null, humidity: null, pressure: null });

/**
 * Turns the data registers into physical values (BST-BME280-DS002 §8.1, floating point).
 *
 * The value of a skipped measurement is also one a measurement can give by chance; it is taken for skipped all the same, which
 * costs a reading now and then and never passes off a reset chip's registers as air.
 *
 * @param data registers 0xf7 to 0xfe (8 bytes), or to 0xfc (6 bytes) of a BMP280
 * @returns °C, %RH within 0 to 100, and hPa; always finite or `null`. Without a temperature nothing else is known.
 */
export function compensate(data: Uint8Array, calibration: Calibration): Air {
  const rawPressure = word20(data, 0);
  const rawTemperature = word20(data, 3);
  if (rawTemperature === undefined || rawTemperature === SKIPPED_20_BIT) return NOTHING;

  const fine = fineTemperature(rawTemperature, calibration);
  const temperature = within(fine / 5120, TEMPERATURE_RANGE);
  if (temperature === null) return NOTHING;

  const measured = rawPressure !== undefined && rawPressure !== SKIPPED_20_BIT;
  return {
    temperature,
    humidity: calibration.humidity ? humidityOf(data, fine, calibration.humidity) : null,
    pressure: measured ? within(pascal(rawPressure, fine, calibration) / 100, PRESSURE_RANGE) : null,
  };
}

function word20(data: Uint8Array, at: number): number | undefined {
  const [msb, lsb, xlsb] = [data[at], data[at + 1], data[at + 2]];
  if (msb === undefined || lsb === undefined || xlsb === undefined) return undefined;
  return (msb << 12) | (lsb << 4) | (xlsb >> 4);
}

/** NaN and infinity, which a zero divisor gives (§8.1 warns of it), are within nothing. */
function within(value: number, [least, most]: readonly [number, number]): number | null {
  return value >= least && value <= most ? value : null;
}

/** Temperature in 1/5120 °C, which the other two need as well. */
function fineTemperature(raw: number, { t1, t2, t3 }: Calibration): number {
  return (raw / 16384 - t1 / 1024) * t2 + (raw / 131072 - t1 / 8192) ** 2 * t3;
}

function pascal(raw: number, fine: number, c: Calibration): number {
  const half = fine / 2 - 64000;
  const offset = ((half * half * c.p6) / 32768 + half * c.p5 * 2) / 4 + c.p4 * 65536;
  const slope = (1 + ((c.p3 * half * half) / 524288 + c.p2 * half) / 524288 / 32768) * c.p1;
  const base = ((1048576 - raw - offset / 4096) * 6250) / slope;
  return base + ((c.p9 * base * base) / 2147483648 + (base * c.p8) / 32768 + c.p7) / 16;
}

function humidityOf(data: Uint8Array, fine: number, c: HumidityCalibration): number | null {
  const [msb, lsb] = [data[6], data[7]];
  if (msb === undefined || lsb === undefined) return null;
  const raw = (msb << 8) | lsb;
  if (raw === SKIPPED_16_BIT) return null;
  const above = fine - 76800;
  const scale = (c.h2 / 65536) * (1 + (c.h6 / 67108864) * above * (1 + (c.h3 / 67108864) * above));
  const linear = (raw - (c.h4 * 64 + (c.h5 / 16384) * above)) * scale;
  return Math.min(100, Math.max(0, linear * (1 - (c.h1 * linear) / 524288)));
}
