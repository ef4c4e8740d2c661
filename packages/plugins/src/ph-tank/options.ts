import type { FromSchema, JsonSchema } from '@hyphae/core';

const number = (fallback: number, minimum: number, maximum: number, description: string) =>
  ({ type: 'number', default: fallback, minimum, maximum, description }) as const satisfies JsonSchema;

/** Options of the nutrient tank. The defaults are 100 L of a hydroponic system on tap water of medium hardness. */
export const phTankOptions = {
  type: 'object',
  additionalProperties: false,
  properties: {
    capacity: number(100, 0.01, 1e6, 'Solution at which the tank overflows, L.'),
    startLevel: number(80, 0, 100, 'Share of the capacity that is there at the start, %.'),
    startNutrient: number(10, 0, 1000, 'Nutrient stock in the water at the start, mL for each litre.'),
    uptake: number(0, 0, 1e6, 'Water that plants and air take and leave the salts behind, L/h.'),
    mixingTime: number(60, 0, 86_400, 'Time constant with which what is dosed spreads through the tank, s.'),

    acid: number(20, 0, 1e6, 'Acid at full drive of its pump, mL/min.'),
    base: number(20, 0, 1e6, 'Base at full drive of its pump, mL/min.'),
    nutrient: number(100, 0, 1e6, 'Nutrient stock at full drive of its pump, mL/min.'),
    water: number(5, 0, 1e6, 'Fresh water at full drive of its valve, L/min.'),

    acidStrength: number(500, 0, 15_000, 'Nitric acid in the acid, mmol/L.'),
    baseStrength: number(500, 0, 15_000, 'Potassium hydroxide in the base, mmol/L.'),
    nutrientSalt: number(1200, 0, 10_000, 'Neutral salt in the nutrient stock, as potassium nitrate, mmol/L.'),
    nutrientPhosphate: number(150, 0, 5000, 'Potassium dihydrogen phosphate in the nutrient stock, mmol/L.'),
    waterAlkalinity: number(2, 0, 20, 'Alkalinity of the fresh water (hydrogen carbonate), mmol/L.'),
    waterPh: number(7.5, 5, 10, 'pH of the fresh water.'),
  },
} as const satisfies JsonSchema;

/** Validated options, defaults filled in. */
export type PhTankOptions = FromSchema<typeof phTankOptions>;
