import { definePlant } from '@hyphae/hal/sim';
import { GreenhouseModel } from './greenhouse-model.js';
import { greenhouseOptions } from './options.js';

/**
 * A heated and planted greenhouse: temperature, humidity, CO2 and light of its air, temperature and moisture of its soil, under
 * sun and weather of place, time and seed. Heater, fan, lamp and irrigation act on it.
 */
export const greenhouse = definePlant({
  id: 'greenhouse',
  description: 'A greenhouse with heater, fan, lamp and irrigation, under sun and weather',
  variables: {
    'air/temperature': 'Cel',
    'air/humidity': '%',
    'air/pressure': 'hPa',
    'air/co2': '[ppm]',
    'air/light': 'lx',
    'soil/temperature': 'Cel',
    'soil/moisture': '%',
    'outside/temperature': 'Cel',
  },
  actuators: ['heater', 'fan', 'lamp', 'irrigation'],
  options: greenhouseOptions,
  create: ({ options, random, start }) => new GreenhouseModel(options, random, start),
});
