import { definePlant } from '@hyphae/hal/sim';
import { solarBatteryOptions } from './options.js';
import { SolarBatteryModel } from './solar-battery-model.js';

/** A battery that a solar panel charges, by latitude and date, and a load empties. */
export const solarBattery = definePlant({
  id: 'solar-battery',
  description: 'A battery with a solar panel, by latitude and date, and a load',
  variables: {
    'battery/charge': '%',
    'battery/voltage': 'V',
    'battery/energy': 'W.h',
    'panel/power': 'W',
    'panel/energy': 'W.h',
    'panel/unused': 'W.h',
    'load/power': 'W',
    'load/energy': 'W.h',
    'loss/energy': 'W.h',
  },
  actuators: ['load'],
  options: solarBatteryOptions,
  create: ({ options, start }) => new SolarBatteryModel(options, start),
});
