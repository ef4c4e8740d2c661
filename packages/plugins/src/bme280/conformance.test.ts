import { sensorConformance, type SensorWorld } from '@hyphae/core/testing';
import { simBoard } from '@hyphae/hal/sim';
import test from 'ava';
import { bme280, bmp280 } from './index.js';
import { Bme280Sim, Bmp280Sim } from './sim.js';

const air = { temperature: 20, humidity: 50, pressure: 1000 };

function world(chip: Bme280Sim, failsFrom: number): SensorWorld {
  const board = simBoard({ i2c: { 0x77: chip } });
  if (Number.isFinite(failsFrom)) board.busFaults().from('nack', failsFrom + 1);
  return {
    board,
    show: (truth) => (chip.air = { ...chip.air, ...truth }),
    operations: () => board.busFaults().transfers,
  };
}

// What the registers can tell apart at ×1, and what floating point and integers differ by.
const accuracy = { temperature: 0.01, humidity: 0.05, pressure: 0.05 };

sensorConformance(test, bme280, {
  world: (failsFrom) => world(new Bme280Sim(air), failsFrom),
  truths: [
    { temperature: -20, humidity: 95, pressure: 870 },
    { temperature: 0, humidity: 0, pressure: 1013.25 },
    { temperature: 21.5, humidity: 48, pressure: 1013.2 },
    { temperature: 60, humidity: 5, pressure: 1085 },
  ],
  accuracy,
});

sensorConformance(test, bmp280, {
  world: (failsFrom) => world(new Bmp280Sim(air), failsFrom),
  truths: [
    { temperature: -20, pressure: 870 },
    { temperature: 0, pressure: 1013.25 },
    { temperature: 60, pressure: 1085 },
  ],
  accuracy,
});
