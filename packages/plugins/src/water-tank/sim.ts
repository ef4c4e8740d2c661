import { definePlant } from '@hyphae/hal/sim';
import { waterTankOptions } from './options.js';
import { WaterTankModel } from './water-tank-model.js';

/** A tank that a pump fills and a valve empties by gravity, with a constant demand, an overflow and flow meters. */
export const waterTank = definePlant({
  id: 'water-tank',
  description: 'A water tank with pump, valve, demand, overflow and flow meters',
  variables: {
    'tank/volume': 'L',
    'tank/level': 'm',
    'tank/fill': '%',
    'inflow/flow': 'L/min',
    'outflow/flow': 'L/min',
    'overflow/flow': 'L/min',
    'inflow/volume': 'L',
    'outflow/volume': 'L',
    'overflow/volume': 'L',
  },
  actuators: ['pump', 'valve'],
  options: waterTankOptions,
  create: ({ options }) => new WaterTankModel(options),
});
