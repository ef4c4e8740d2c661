import { SeededRandom } from '@hyphae/core';
import { bench } from '@hyphae/core/testing';
import test from 'ava';
import fc from 'fast-check';
import { dummySensor } from './index.js';
import { type Shape, waveform } from './waveform.js';

const shapes: readonly Shape[] = ['constant', 'sine', 'random-walk', 'noise'];

test('a sine goes through its mean and its amplitude', (t) => {
  const value = waveform({ shape: 'sine', mean: 20, amplitude: 5, periodMs: 1000 }, new SeededRandom(1));
  for (const [at, expected] of [
    [0, 20],
    [250, 25],
    [500, 20],
    [750, 15],
  ] as const) {
    t.true(Math.abs(value(at) - expected) < 1e-9, `${at}: ${value(at)}`);
  }
});

test('a constant is its mean, 0 included', (t) => {
  t.is(waveform({ shape: 'constant', mean: 0, amplitude: 9, periodMs: 1 }, new SeededRandom(1))(123), 0);
});

test('noise has the mean and the deviation asked for', (t) => {
  const value = waveform({ shape: 'noise', mean: 3, amplitude: 0.5, periodMs: 1 }, new SeededRandom(7));
  const values = Array.from({ length: 20_000 }, (_, i) => value(i));
  const mean = values.reduce((a, b) => a + b) / values.length;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  t.true(Math.abs(mean - 3) < 0.02, String(mean));
  t.true(Math.abs(deviation - 0.5) < 0.02, String(deviation));
});

test('a random walk never strays beyond its amplitude, and moves', (t) => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.array(fc.integer({ min: 0, max: 1e7 }), { minLength: 1, maxLength: 50 }),
      (seed, amplitude, steps) => {
        const value = waveform({ shape: 'random-walk', mean: 10, amplitude, periodMs: 60_000 }, new SeededRandom(seed));
        let at = 0;
        return steps.every((step) => Math.abs(value((at += step)) - 10) <= amplitude * (1 + 1e-9) + 1e-9);
      },
    ),
  );
  const walk = waveform({ shape: 'random-walk', mean: 0, amplitude: 1, periodMs: 60_000 }, new SeededRandom(1));
  t.not(walk(1000), walk(2000));
});

test('a random walk strays no further for being looked at more often', (t) => {
  const spread = (stepMs: number) => {
    const ends = Array.from({ length: 2000 }, (_, seed) => {
      // A hundredth of its period: too short to come near the ends.
      const value = waveform(
        { shape: 'random-walk', mean: 0, amplitude: 1, periodMs: 100_000 },
        new SeededRandom(seed),
      );
      let end = 0;
      for (let at = 0; at <= 1000; at += stepMs) end = value(at);
      return end;
    });
    return Math.sqrt(ends.reduce((sum, end) => sum + end ** 2, 0) / ends.length);
  };
  t.true(Math.abs(spread(1000) - 0.1) < 0.01, String(spread(1000)));
  t.true(Math.abs(spread(50) - 0.1) < 0.01, String(spread(50)));
});

test('one seed gives one sequence, another seed another', (t) => {
  for (const shape of shapes) {
    const sequence = (seed: number) => {
      const value = waveform({ shape, mean: 1, amplitude: 1, periodMs: 5000 }, new SeededRandom(seed));
      return Array.from({ length: 20 }, (_, i) => value(i * 1000));
    };
    t.deepEqual(sequence(1), sequence(1), shape);
    if (shape === 'noise' || shape === 'random-walk') t.notDeepEqual(sequence(1), sequence(2), shape);
  }
});

test('reports once a period, finite, for every shape', async (t) => {
  for (const shape of shapes) {
    await using rig = await bench(dummySensor, { period: '1 min', options: { shape, latency: '20 ms' } });
    const samples = await rig.periods(5);
    t.is(samples.length, 5, shape);
    for (const { value } of samples) t.true(Number.isFinite(value), shape);
  }
});

test('two runs with one seed publish the same readings', async (t) => {
  const run = async () => {
    await using rig = await bench(dummySensor, { period: '1 s', seed: 42, options: { shape: 'random-walk' } });
    await rig.periods(20);
    return rig.readings.map(({ at, value }) => [at, value]);
  };
  const first = await run();
  t.true(first.length >= 20);
  t.deepEqual(await run(), first);
});

test('an option that is none is refused', async (t) => {
  await using rig = await bench(dummySensor, { options: { shape: 'square' } });
  t.is(rig.fault?.code, 'HYP_OPTIONS_INVALID');
});
