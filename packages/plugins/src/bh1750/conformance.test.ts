import { sensorConformance } from '@hyphae/core/testing';
import { simBoard } from '@hyphae/hal/sim';
import test from 'ava';
import { bh1750 } from './index.js';
import { Bh1750Sim } from './sim.js';

sensorConformance(test, bh1750, {
  world: (failsFrom) => {
    const chip = new Bh1750Sim({ light: 0 });
    const board = simBoard({ i2c: { 0x23: chip } });
    if (Number.isFinite(failsFrom)) board.busFaults().from('nack', failsFrom + 1);
    return {
      board,
      show: ({ light = 0 }) => (chip.surroundings = { light }),
      operations: () => board.busFaults().transfers,
    };
  },
  truths: [{ light: 0 }, { light: 12 }, { light: 800 }, { light: 54_000 }],
  accuracy: { light: 0.84 },
});
