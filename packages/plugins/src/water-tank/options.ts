import type { FromSchema, JsonSchema } from '@hyphae/core';

const number = (fallback: number, minimum: number, maximum: number, description: string) =>
  ({ type: 'number', default: fallback, minimum, maximum, description }) as const satisfies JsonSchema;

/** Options of the water tank. The defaults are a barrel of 100 L with a small pump and a garden tap. */
export const waterTankOptions = {
  type: 'object',
  additionalProperties: false,
  properties: {
    capacity: number(100, 0.001, 1e9, 'Water at which the tank overflows, L.'),
    height: number(0.8, 0.001, 1000, 'Level of the full tank above its outlet, m.'),
    startLevel: number(50, 0, 100, 'Share of the capacity that is there at the start, %.'),

    pump: number(10, 0, 1e9, 'Inflow with the pump at full drive, L/min.'),
    valve: number(20, 0, 1e9, 'Outflow of a full tank through the open valve, L/min; less with the root of the level.'),
    demand: number(0, 0, 1e9, 'Outflow that is drawn all the time, whatever the level, L/min.'),
  },
} as const satisfies JsonSchema;

/** Validated options, defaults filled in. */
export type WaterTankOptions = FromSchema<typeof waterTankOptions>;
