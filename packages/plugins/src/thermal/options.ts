import type { FromSchema, JsonSchema } from '@hyphae/core';

const number = (fallback: number, minimum: number, maximum: number, description: string) =>
  ({ type: 'number', default: fallback, minimum, maximum, description }) as const satisfies JsonSchema;

/** Options of the thermal mass. The defaults are a bath of 5 L of water with an immersion heater, in a room. */
export const thermalOptions = {
  type: 'object',
  additionalProperties: false,
  properties: {
    heatCapacity: number(21, 0.001, 1e9, 'Heat capacity of the body, kJ/K: 4.2 for each litre of water.'),
    loss: number(5, 0, 1e9, 'Heat transfer from the body to the surroundings, W/K. 0: perfectly insulated.'),
    heater: number(500, 0, 1e9, 'Heating power at full drive, W.'),
    cooler: number(200, 0, 1e9, 'Heat that the cooler takes from the body at full drive, W.'),
    deadTime: number(0, 0, 86_400, 'Time between a change of heater or cooler and its effect, s.'),

    elementHeatCapacity: number(
      0,
      0,
      1e9,
      'Heat capacity of the heating element, kJ/K. 0: what is heated answers in first order, else in second.',
    ),
    elementCoupling: number(25, 0.001, 1e9, 'Heat transfer from the heating element to the body, W/K.'),

    ambient: number(20, -200, 1000, 'Mean temperature of the surroundings, Cel.'),
    ambientDaily: number(0, 0, 200, 'Warmest above mean hour of the day, K. 0: constant.'),
    ambientWarmest: number(15, 0, 24, 'Hour of the day (UTC) at which the surroundings are warmest, h.'),

    startTemperature: number(20, -200, 1000, 'Temperature of body and element at the start, Cel.'),
  },
} as const satisfies JsonSchema;

/** Validated options, defaults filled in. */
export type ThermalOptions = FromSchema<typeof thermalOptions>;
