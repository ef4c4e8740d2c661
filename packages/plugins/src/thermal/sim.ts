import { definePlant } from '@hyphae/hal/sim';
import { thermalOptions } from './options.js';
import { ThermalModel } from './thermal-model.js';

/** A body with a heater and a cooler in surroundings of constant or daily changing temperature: first or second order, with dead time. */
export const thermal = definePlant({
  id: 'thermal',
  description: 'A thermal mass with heater and cooler, of first or second order, with dead time',
  variables: {
    'body/temperature': 'Cel',
    'element/temperature': 'Cel',
    'ambient/temperature': 'Cel',
  },
  actuators: ['heater', 'cooler'],
  options: thermalOptions,
  create: ({ options, start }) => new ThermalModel(options, start),
});
