import { sensorConformance } from '@hyphae/core/testing';
import { simBoard } from '@hyphae/hal/sim';
import test from 'ava';
import { sht3x } from './index.js';
import { Sht3xSim } from './sim.js';

sensorConformance(test, sht3x, {
  world: (failsFrom) => {
    const chip = new Sht3xSim({ temperature: 20, humidity: 50 });
    const board = simBoard({ i2c: { 0x44: chip } });
    if (Number.isFinite(failsFrom)) board.busFaults().from('nack', failsFrom + 1);
    return {
      board,
      show: (truth) => (chip.air = { ...chip.air, ...truth }),
      operations: () => board.busFaults().transfers,
    };
  },
  truths: [
    { temperature: -20, humidity: 95 },
    { temperature: 0, humidity: 0 },
    { temperature: 21.5, humidity: 48 },
    { temperature: 60, humidity: 100 },
  ],
  accuracy: { temperature: 0.002, humidity: 0.001 },
});
