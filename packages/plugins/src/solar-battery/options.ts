import type { FromSchema, JsonSchema } from '@hyphae/core';

const number = (fallback: number, minimum: number, maximum: number, description: string) =>
  ({ type: 'number', default: fallback, minimum, maximum, description }) as const satisfies JsonSchema;

/** Options of battery and panel. The defaults are a node in a field: 50 W of panel and a 12 V battery of 20 A·h, near Berlin. */
export const solarBatteryOptions = {
  type: 'object',
  additionalProperties: false,
  properties: {
    latitude: number(52.5, -90, 90, 'Degrees, north positive.'),
    longitude: number(13.4, -180, 180, 'Degrees, east positive.'),
    panel: number(50, 0, 1e9, 'Power of the level panel under 1000 W/m², W.'),
    clouds: number(0.3, 0, 1, 'Share of a clear day’s sunlight that clouds keep away. 0: always clear.'),

    capacity: number(240, 0.001, 1e9, 'Energy of the full battery, W.h.'),
    startCharge: number(80, 0, 100, 'Share of it that is there at the start, %.'),
    efficiency: number(0.9, 0.01, 1, 'Share of the energy put into the battery that it gives back.'),
    emptyVoltage: number(11.6, 0, 1e6, 'Voltage of the empty battery, V.'),
    fullVoltage: number(12.8, 0, 1e6, 'Voltage of the full battery, V.'),

    load: number(10, 0, 1e9, 'Power the load takes at full drive, W.'),
    standby: number(1, 0, 1e9, 'Power that is taken all the time, W.'),
  },
} as const satisfies JsonSchema;

/** Validated options, defaults filled in. */
export type SolarBatteryOptions = FromSchema<typeof solarBatteryOptions>;
