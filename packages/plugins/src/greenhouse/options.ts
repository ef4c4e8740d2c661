import type { FromSchema, JsonSchema } from '@hyphae/core';

const number = (fallback: number, minimum: number, maximum: number, description: string) =>
  ({ type: 'number', default: fallback, minimum, maximum, description }) as const satisfies JsonSchema;

/** Options of the greenhouse. The defaults are a hobby greenhouse of 3 m × 4 m in central Europe, in the cool season all year. */
export const greenhouseOptions = {
  type: 'object',
  additionalProperties: false,
  properties: {
    latitude: number(52.5, -90, 90, 'Degrees, north positive.'),
    longitude: number(13.4, -180, 180, 'Degrees, east positive.'),

    floor: number(12, 0.1, 100_000, 'Floor area, m².'),
    height: number(2.5, 0.1, 20, 'Mean height, m.'),
    insulation: number(2.5, 0.05, 20, 'U value of the cover, W/(m²·K): 2.5 twin-wall sheet, 5.5 single glass.'),
    transmittance: number(0.7, 0, 1, 'Share of sunlight that the cover lets through.'),
    infiltration: number(0.5, 0, 20, 'Air changes per hour through gaps, with the fan off.'),
    furnishing: number(
      20,
      0,
      1000,
      'Heat capacity of what follows the air (benches, pots, plants, structure), as a multiple of the air’s own.',
    ),

    heater: number(5000, 0, 10_000_000, 'Heating power, W.'),
    fan: number(0.4, 0, 1000, 'Air the fan exchanges with the outside, m³/s.'),
    lamp: number(600, 0, 10_000_000, 'Electric power of the LED lamps, W.'),
    irrigation: number(4, 0, 100_000, 'Water, L/min.'),

    soilDepth: number(0.25, 0.01, 10, 'Depth of soil that holds heat and water, m.'),
    soilCoupling: number(6, 0, 100, 'Heat transfer between soil and air, W/(m²·K).'),
    groundTemperature: number(10, -30, 40, 'Temperature below the soil, Cel.'),
    plants: number(1, 0, 5, 'How much grows: 0 bare, 1 a full stand.'),

    outsideMean: number(6, -40, 40, 'Mean outside temperature, Cel.'),
    outsideSeasonal: number(
      0,
      0,
      40,
      'Warmest above mean season, K. 0: the same all year, which keeps runs comparable.',
    ),
    outsideDaily: number(5, 0, 30, 'Warmest above mean hour of the day, K.'),
    outsideWeather: number(4, 0, 30, 'How far the weather of a day goes from the mean, K.'),
    cloudiness: number(0.5, 0, 1, 'Mean cloud cover. 0: always clear.'),
    outsideCo2: number(420, 1, 10_000, 'CO2 outside, [ppm].'),
    pressure: number(1013, 300, 1100, 'Mean air pressure, hPa.'),

    startTemperature: number(15, -40, 60, 'Air and soil at the start, Cel.'),
    startHumidity: number(70, 0, 100, 'Air humidity at the start, %.'),
    startMoisture: number(55, 0, 100, 'Soil moisture at the start, %.'),
  },
} as const satisfies JsonSchema;

/** Validated options, defaults filled in. */
export type GreenhouseOptions = FromSchema<typeof greenhouseOptions>;
