import { definePlant } from '@hyphae/hal/sim';
import { phTankOptions } from './options.js';
import { PhTankModel } from './ph-tank-model.js';

/** A tank of nutrient solution with dosing pumps for acid, base and nutrients, and fresh water: pH, conductivity and volume. */
export const phTank = definePlant({
  id: 'ph-tank',
  description: 'A nutrient tank with dosing pumps for acid, base and nutrients: pH, conductivity and volume',
  variables: {
    'tank/volume': 'L',
    'tank/fill': '%',
    'tank/ph': '[pH]',
    'tank/conductivity': 'mS/cm',
    'overflow/volume': 'L',
  },
  actuators: ['acid', 'base', 'nutrient', 'water'],
  options: phTankOptions,
  create: ({ options }) => new PhTankModel(options),
});
