import { defineFunction, type JsonSchema } from '@hyphae/core';

/** Options of {@link thermostat}. */
export const thermostatOptions = {
  type: 'object',
  additionalProperties: false,
  required: ['setpoint'],
  properties: {
    setpoint: { type: 'number', description: 'Temperature to hold, Cel.' },
    band: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 1,
      description:
        'Total width of the band around the setpoint, K. Heating starts below setpoint − band/2 and ends above setpoint + band/2.',
    },
    mode: {
      enum: ['heat', 'cool'],
      default: 'heat',
      description: '`heat` moves the heater, `cool` the cooler; the other one is kept off.',
    },
  },
} as const satisfies JsonSchema;

/**
 * Two-position control of temperature with hysteresis. Inside the band, and exactly on its edges, it goes on with what it was
 * doing; the first step inside the band starts with off. Without a good measurement the host sets the outputs to safe.
 *
 * Input `air` in Cel; outputs `heater` and `cooler`, both switches, at least the one of the mode connected.
 */
export const thermostat = defineFunction({
  id: 'thermostat',
  description: 'Holds a temperature by switching a heater or a cooler, with hysteresis',
  inputs: { air: { unit: 'Cel' } },
  outputs: { heater: { mode: 'switch', optional: true }, cooler: { mode: 'switch', optional: true } },
  options: thermostatOptions,
  onLoss: 'safe',
  initial: { on: false },

  step({ on }, { inputs: { air }, options: { setpoint, band, mode } }) {
    // How far the air is on the side that wants action: colder when heating, warmer when cooling.
    const lack = mode === 'heat' ? setpoint - air.value : air.value - setpoint;
    const next = on ? lack >= -band / 2 : lack > band / 2;
    const active = next ? 1 : 0;
    return {
      state: { on: next },
      outputs: mode === 'heat' ? { heater: active, cooler: 0 } : { heater: 0, cooler: active },
    };
  },
});
