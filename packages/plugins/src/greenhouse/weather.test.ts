import { SeededRandom } from '@hyphae/core';
import test from 'ava';
import fc from 'fast-check';
import { SmoothNoise } from './smooth-noise.js';
import { type Climate, Weather } from './weather.js';

const climate: Climate = {
  latitude: 52.5,
  longitude: 13.4,
  outsideMean: 6,
  outsideSeasonal: 8,
  outsideDaily: 5,
  outsideWeather: 4,
  cloudiness: 0.5,
  pressure: 1013,
};
const HOUR = 3_600_000;
const YEAR_2030 = Date.parse('2030-01-01T00:00:00Z');

test('noise is a function of time, whatever was asked before', (t) => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.integer({ min: -1e12, max: 4e12 }), { minLength: 1 }), (seed, times) => {
      const used = new SmoothNoise(new SeededRandom(seed), HOUR);
      const values = times.map((time) => used.at(time));
      const last = times.at(-1) ?? 0;
      return (
        values.every((value) => value >= -1 && value <= 1) &&
        values.at(-1) === new SmoothNoise(new SeededRandom(seed), HOUR).at(last)
      );
    }),
  );
  t.pass();
});

test('noise has no jumps, and moves', (t) => {
  const noise = new SmoothNoise(new SeededRandom(3), HOUR);
  let last = noise.at(0);
  let moved = 0;
  for (let time = 0; time < 100 * HOUR; time += HOUR / 100) {
    const now = noise.at(time);
    t.true(Math.abs(now - last) <= 0.031); // 2 · 1.5 / 100, the steepest a smooth step of height 2 can be
    moved += Math.abs(now - last);
    last = now;
  }
  t.true(moved > 10);
});

test('afternoons are warmer than early mornings, summers than winters, also in the south', (t) => {
  const still = new Weather({ ...climate, outsideWeather: 0 }, new SeededRandom(1));
  t.true(still.temperature(YEAR_2030 + 14 * HOUR) - still.temperature(YEAR_2030 + 2 * HOUR) > 9.9);
  t.true(
    still.temperature(Date.parse('2030-07-20T12:00Z')) - still.temperature(Date.parse('2030-01-20T12:00Z')) > 15.9,
  );
  const south = new Weather({ ...climate, latitude: -35, outsideWeather: 0 }, new SeededRandom(1));
  t.true(south.temperature(Date.parse('2030-01-20T12:00Z')) > south.temperature(Date.parse('2030-07-20T12:00Z')));
});

test('nights are dark, days are not, and clouds only take', (t) => {
  const clear = new Weather({ ...climate, cloudiness: 0 }, new SeededRandom(1));
  const cloudy = new Weather(climate, new SeededRandom(1));
  t.is(clear.radiation(Date.parse('2030-06-21T23:00Z')), 0);
  t.true(clear.radiation(Date.parse('2030-06-21T11:00Z')) > 800);
  for (let hour = 0; hour < 24 * 14; hour++) {
    const at = YEAR_2030 + hour * HOUR;
    t.true(cloudy.radiation(at) <= clear.radiation(at) && cloudy.radiation(at) >= 0.25 * clear.radiation(at) - 1e-9);
  }
});

test('another seed is another weather', (t) => {
  const at = YEAR_2030 + 12 * HOUR;
  t.not(
    new Weather(climate, new SeededRandom(1)).temperature(at),
    new Weather(climate, new SeededRandom(2)).temperature(at),
  );
});
