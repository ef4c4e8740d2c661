import type { FromSchema, JsonSchema } from '@hyphae/core';

const oversampling = (what: string) =>
  ({
    enum: [1, 2, 4, 8, 16],
    default: 1,
    description: `Measurements averaged into one ${what} value: more is quieter and takes longer`,
  }) as const satisfies JsonSchema;

const filter = {
  enum: [0, 2, 4, 8, 16],
  default: 0,
  description: 'IIR filter over temperature and pressure, for draughts and slamming doors; 0 is off',
} as const satisfies JsonSchema;

/** Options of the BMP280. */
export const bmp280Options = {
  type: 'object',
  additionalProperties: false,
  properties: {
    oversampling: {
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: { temperature: oversampling('temperature'), pressure: oversampling('pressure') },
    },
    filter,
  },
} as const satisfies JsonSchema;

/** Options of the BME280. */
export const bme280Options = {
  type: 'object',
  additionalProperties: false,
  properties: {
    oversampling: {
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        temperature: oversampling('temperature'),
        humidity: oversampling('humidity'),
        pressure: oversampling('pressure'),
      },
    },
    filter,
  },
} as const satisfies JsonSchema;

/** Times a quantity is measured and averaged; 0 leaves it out. */
export type Oversampling = 0 | FromSchema<typeof bme280Options>['oversampling']['temperature'];
/** Coefficient of the IIR filter; 0 is off. */
export type Filter = FromSchema<typeof bme280Options>['filter'];

/** How often each quantity is measured for one reading. */
export interface OversamplingOf {
  readonly temperature: Oversampling;
  readonly humidity: Oversampling;
  readonly pressure: Oversampling;
}

/** Register values, and the time one measurement with them takes. */
export interface Settings {
  /** 0xf2: humidity oversampling (§5.4.3). */
  readonly ctrlHum: number;
  /** 0xf4: temperature and pressure oversampling with the mode "forced" (§5.4.5). */
  readonly ctrlMeas: number;
  /** 0xf5: the IIR filter (§5.4.6). */
  readonly config: number;
  readonly measurementMs: number;
}

const FORCED = 0b01;
const OVERSAMPLING_CODES = [0, 1, 2, 4, 8, 16] as const;
const FILTER_CODES = [0, 2, 4, 8, 16] as const;

/** Encodes settings as the control registers want them (BST-BME280-DS002 §5.4.3 to §5.4.6). */
export function encodeSettings(oversampling: OversamplingOf, filter: Filter): Settings {
  const code = (times: Oversampling) => OVERSAMPLING_CODES.indexOf(times);
  return {
    ctrlHum: code(oversampling.humidity),
    ctrlMeas: (code(oversampling.temperature) << 5) | (code(oversampling.pressure) << 2) | FORCED,
    config: FILTER_CODES.indexOf(filter) << 2,
    measurementMs: measurementMs(oversampling),
  };
}

/** The longest one measurement can take, in ms (BST-BME280-DS002 §9.1; the BMP280's table 13 follows the same formula). */
export function measurementMs({ temperature, humidity, pressure }: OversamplingOf): number {
  return (
    1.25 + 2.3 * temperature + (pressure > 0 ? 2.3 * pressure + 0.575 : 0) + (humidity > 0 ? 2.3 * humidity + 0.575 : 0)
  );
}
