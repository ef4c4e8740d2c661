import { UnitMismatchError, UnitUnknownError } from '../errors/catalogue.js';

/** One row of the unit table. A value in this unit times `factor` plus `offset` is the value in the quantity's base unit. */
export interface UnitInfo {
  readonly symbol: string;
  readonly quantity: string;
  readonly factor: number;
  readonly offset: number;
}

const row = (symbol: string, quantity: string, factor = 1, offset = 0): UnitInfo => ({
  symbol,
  quantity,
  factor,
  offset,
});

/** Units by UCUM code (ucum.org, case sensitive), with symbol, quantity kind and conversion to the quantity's base unit. */
export const UNITS = {
  '1': row('', 'number'),
  '%': row('%', 'ratio', 0.01),
  Cel: row('°C', 'temperature', 1, 273.15),
  '[degF]': row('°F', 'temperature', 5 / 9, 273.15 - (32 * 5) / 9),
  K: row('K', 'temperature'),
  Pa: row('Pa', 'pressure'),
  hPa: row('hPa', 'pressure', 100),
  kPa: row('kPa', 'pressure', 1_000),
  bar: row('bar', 'pressure', 100_000),
  lx: row('lx', 'illuminance'),
  'umol/m2/s': row('µmol/m²/s', 'photon flux density'),
  '[ppm]': row('ppm', 'mole fraction'),
  '[ppb]': row('ppb', 'mole fraction', 0.001),
  V: row('V', 'voltage'),
  mV: row('mV', 'voltage', 0.001),
  A: row('A', 'current'),
  mA: row('mA', 'current', 0.001),
  W: row('W', 'power'),
  kW: row('kW', 'power', 1_000),
  'W.h': row('Wh', 'energy'),
  'kW.h': row('kWh', 'energy', 1_000),
  Ohm: row('Ω', 'resistance'),
  Hz: row('Hz', 'frequency'),
  '[pH]': row('pH', 'acidity'),
  'uS/cm': row('µS/cm', 'conductivity'),
  'mS/cm': row('mS/cm', 'conductivity', 1_000),
  L: row('L', 'volume'),
  mL: row('mL', 'volume', 0.001),
  'L/min': row('L/min', 'flow'),
  m: row('m', 'length'),
  mm: row('mm', 'length', 0.001),
  'g/m3': row('g/m³', 'mass concentration'),
  ms: row('ms', 'time', 0.001),
  s: row('s', 'time'),
  min: row('min', 'time', 60),
  h: row('h', 'time', 3_600),
  By: row('B', 'information'),
  MBy: row('MB', 'information', 1_000_000),
} as const satisfies Record<string, UnitInfo>;

/** A UCUM code of the table. */
export type Unit = keyof typeof UNITS;

/** True for a code of the table. */
export function isUnit(code: string): code is Unit {
  return Object.hasOwn(UNITS, code);
}

/** @throws HYP_UNIT_UNKNOWN */
export function unitInfo(code: string): UnitInfo {
  if (!isUnit(code)) throw new UnitUnknownError({ unit: code });
  return UNITS[code];
}

/**
 * Converts a value between units of one quantity.
 *
 * @throws HYP_UNIT_UNKNOWN, HYP_UNIT_MISMATCH
 */
export function convert(value: number, from: string, to: string): number {
  if (from === to) return value;
  const [a, b] = [unitInfo(from), unitInfo(to)];
  if (a.quantity !== b.quantity) throw new UnitMismatchError({ from, to });
  return (value * a.factor + a.offset - b.offset) / b.factor;
}
