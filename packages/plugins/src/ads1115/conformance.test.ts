import { sensorConformance, type SensorWorld } from '@hyphae/core/testing';
import { simBoard } from '@hyphae/hal/sim';
import test from 'ava';
import { ads1015, ads1115 } from './index.js';
import { Ads1015Sim, Ads1115Sim } from './sim.js';

function world(chip: Ads1115Sim, failsFrom: number): SensorWorld {
  const board = simBoard({ i2c: { 0x48: chip } });
  if (Number.isFinite(failsFrom)) board.busFaults().from('nack', failsFrom + 1);
  return {
    board,
    show: (truth) => (chip.inputs = { ...truth }),
    operations: () => board.busFaults().transfers,
  };
}

const truths = [
  { a0: 0, a1: 1, a2: 2, a3: 3.3 },
  { a0: 3.3, a1: 2.5, a2: 0, a3: -0.2 },
  { a0: 1.65, a1: 0.001, a2: 4, a3: 0.5 },
];

sensorConformance(test, ads1115, {
  world: (failsFrom) => world(new Ads1115Sim({}), failsFrom),
  truths,
  accuracy: { a0: 7e-5, a1: 7e-5, a2: 7e-5, a3: 7e-5 },
});

sensorConformance(test, ads1015, {
  world: (failsFrom) => world(new Ads1015Sim({}), failsFrom),
  truths,
  accuracy: { a0: 0.0011, a1: 0.0011, a2: 0.0011, a3: 0.0011 },
});
