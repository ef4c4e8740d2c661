import { SeededRandom } from '@hyphae/core';
import { greenhouse } from '@hyphae/plugins/greenhouse/sim';
import { thermostat } from '@hyphae/plugins/thermostat';
import test from 'ava';

const START = Date.parse('2030-01-01T00:00:00Z');
const defaults = Object.fromEntries(
  Object.entries(greenhouse.options.properties).map(([name, { default: value }]) => [name, value]),
);

/** Runs thermostat and plant for a week, a step every 10 s, and counts what lies outside setpoint ± band after the first hour. */
function week(options, seed) {
  const [setpoint, band, stepMs] = [21, 0.5, 10_000];
  const plant = greenhouse.create({
    options: { ...defaults, ...options },
    random: new SeededRandom(seed),
    start: START,
  });
  let state = thermostat.initial;
  const seen = { readings: 0, outside: 0, coldest: Infinity };
  for (let at = START + stepMs; at <= START + 7 * 86_400_000; at += stepMs) {
    plant.advance(stepMs, at);
    const value = plant.read('air/temperature');
    const step = { inputs: { air: { value, at } }, options: { setpoint, band, mode: 'heat' }, at, elapsedMs: stepMs };
    const result = thermostat.step(state, step);
    state = result.state;
    plant.drive('heater', result.outputs.heater);
    seen.coldest = Math.min(seen.coldest, plant.read('outside/temperature'));
    if (at <= START + 3_600_000) continue;
    seen.readings++;
    if (Math.abs(value - setpoint) > band) seen.outside++;
  }
  return seen;
}

for (const outsideMean of [6, 0, -3]) {
  test(`the thermostat holds 21 ± 0.5 °C in the default greenhouse for a week at ${outsideMean} °C outside`, (t) => {
    for (let seed = 1; seed <= 3; seed++) {
      const { readings, outside, coldest } = week({ outsideMean }, seed);
      t.log(
        `seed ${seed}: ${outside} of ${readings} readings outside the band, coldest night ${coldest.toFixed(1)} °C`,
      );
      t.true(outside / readings < 0.01);
    }
  });
}
