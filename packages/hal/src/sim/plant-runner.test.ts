import { VirtualClock } from '@hyphae/core/testing';
import test from 'ava';
import type { Plant } from './plant.js';
import { PlantRunner } from './plant-runner.js';

/** Notes what it is asked. */
class Notebook implements Plant {
  readonly notes: string[] = [];

  advance(dtMs: number, at: number): void {
    this.notes.push(`advance ${dtMs} to ${at}`);
  }

  read(variable: string): number {
    this.notes.push(`read ${variable}`);
    return 21;
  }

  drive(actuator: string, value: number): void {
    this.notes.push(`drive ${actuator} ${value}`);
  }
}

function rig(maxStep = 100_000) {
  const clock = new VirtualClock({ start: 1_000_000 });
  const plant = new Notebook();
  return { clock, plant, runner: new PlantRunner(plant, { clock, maxStep }) };
}

test('a plant advances only when somebody looks or acts, up to that moment', async (t) => {
  const { clock, plant, runner } = rig();
  await clock.advance(500);
  t.deepEqual(plant.notes, []);
  t.is(runner.read('air/temperature'), 21);
  runner.read('air/humidity');
  await clock.advance(250);
  runner.drive('heater', 1);
  t.deepEqual(plant.notes, [
    'advance 500 to 1000500',
    'read air/temperature',
    'read air/humidity',
    'advance 250 to 1000750',
    'drive heater 1',
  ]);
});

test('time before the plant came to be does not count', async (t) => {
  const clock = new VirtualClock({ start: 0 });
  await clock.advance('1 h');
  const plant = new Notebook();
  const runner = new PlantRunner(plant, { clock });
  runner.read('x');
  t.deepEqual(plant.notes, ['read x']);
});

test('a long time is cut into steps that add up and end now', async (t) => {
  const { clock, plant, runner } = rig(400);
  await clock.advance(1000);
  runner.advance();
  t.deepEqual(plant.notes, ['advance 400 to 1000400', 'advance 400 to 1000800', 'advance 200 to 1001000']);
});

test('a jump of the wall clock changes what time it is, not how much has passed', async (t) => {
  const { clock, plant, runner } = rig();
  await clock.advance(100);
  clock.setWallClock(5_000_000);
  runner.advance();
  t.deepEqual(plant.notes, ['advance 100 to 5000000']);
});

test('listeners hear that time has passed, until they leave', async (t) => {
  const { clock, runner } = rig(1);
  let heard = 0;
  const listening = runner.onAdvance(() => heard++);
  await clock.advance(10);
  runner.advance();
  runner.advance();
  listening[Symbol.dispose]();
  await clock.advance(10);
  runner.advance();
  t.is(heard, 1);
});
