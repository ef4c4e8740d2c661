import { defineFunction, type JsonSchema } from '@hyphae/core';
import { dewPoint, vapourPressure, vapourPressureDeficit } from './vapour-pressure.js';

export { dewPoint, saturationVapourPressure, vapourPressure, vapourPressureDeficit } from './vapour-pressure.js';

/** Options of {@link vpd}. */
export const vpdOptions = {
  type: 'object',
  additionalProperties: false,
  properties: {
    leafOffset: {
      type: 'number',
      minimum: -20,
      maximum: 20,
      default: 0,
      description: 'Leaf minus air temperature, K. Leaves under LED light are usually 1 to 3 K cooler than the air.',
    },
  },
} as const satisfies JsonSchema;

/**
 * Vapour pressure deficit and dew point from temperature and relative humidity.
 *
 * Inputs `temperature` in Cel and `humidity` in %; channels `vpd` in kPa and `dewPoint` in Cel (`null` at 0 % humidity, where
 * there is none).
 */
export const vpd = defineFunction({
  id: 'vpd',
  description: 'Vapour pressure deficit and dew point from temperature and humidity',
  inputs: { temperature: { unit: 'Cel' }, humidity: { unit: '%' } },
  channels: { vpd: 'kPa', dewPoint: 'Cel' },
  options: vpdOptions,
  initial: null,

  step(state, { inputs: { temperature, humidity }, options }) {
    return {
      state,
      values: {
        vpd: vapourPressureDeficit(temperature.value, humidity.value, options.leafOffset),
        dewPoint: dewPoint(vapourPressure(temperature.value, humidity.value)),
      },
    };
  },
});
