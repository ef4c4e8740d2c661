import { SeededRandom } from '@hyphae/core';
import test from 'ava';
import fc from 'fast-check';
import { saturatedVapour } from './moist-air.js';
import { greenhouseOptions, type GreenhouseOptions } from './options.js';
import { greenhouse } from './sim.js';

const START = Date.parse('2030-01-01T00:00:00Z');
const DAY_S = 86_400;

/** The options with their defaults, as the host fills them in. */
function optionsWith(given: Partial<GreenhouseOptions>): GreenhouseOptions {
  const defaults: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(greenhouseOptions.properties)) defaults[name] = schema.default;
  return { ...(defaults as GreenhouseOptions), ...given }; // every option has a default
}

/** A greenhouse and the time it has. */
function build(given: Partial<GreenhouseOptions> = {}, { seed = 1, start = START } = {}) {
  const plant = greenhouse.create({ options: optionsWith(given), random: new SeededRandom(seed), start });
  let at = start;
  return {
    plant,
    /** Lets seconds pass, in steps of at most `step`. */
    pass: (seconds: number, step = seconds) => {
      for (let left = seconds; left > 1e-9; left -= step) {
        const dt = Math.min(step, left) * 1000;
        at += dt;
        plant.advance(dt, at);
      }
    },
    state: () => Object.keys(greenhouse.variables).map((variable) => plant.read(variable)),
    get now() {
      return at;
    },
  };
}

/** One mass of air in a steady 5 °C: no sun, no soil, no plants, no draught. */
const BOX: Partial<GreenhouseOptions> = {
  transmittance: 0,
  soilCoupling: 0,
  plants: 0,
  infiltration: 0,
  outsideMean: 5,
  outsideDaily: 0,
  outsideWeather: 0,
  startTemperature: 5,
};

test('heated, an empty box warms along the analytic step response within 1 %', (t) => {
  const { floor, height, insulation, furnishing, heater } = optionsWith(BOX);
  const loss = insulation * (4 * Math.sqrt(floor) * height + 1.1 * floor); // W/K
  const timeConstant = (floor * height * 1.2 * 1005 * (1 + furnishing)) / loss; // s
  const { plant, pass } = build(BOX);
  plant.drive('heater', 1);
  for (let n = 1; n <= 20; n++) {
    pass(timeConstant / 4);
    const expected = (heater / loss) * (1 - Math.exp(-n / 4));
    const found = plant.read('air/temperature') - 5;
    t.true(Math.abs(found / expected - 1) < 0.01, `after ${n}/4 time constants: ${found} K, expected ${expected} K`);
  }
});

test('half the heat gives half the rise', (t) => {
  const rise = (power: number) => {
    const { plant, pass } = build(BOX);
    plant.drive('heater', power);
    pass(3600);
    return plant.read('air/temperature') - 5;
  };
  t.true(Math.abs(rise(0.5) / rise(1) - 0.5) < 1e-6);
});

test('with the fan on, CO2 falls towards that outside along an exponential', (t) => {
  const { plant, pass } = build({ ...BOX, plants: 1 });
  pass(12 * 3600); // in the dark of a closed box plants breathe
  const start = plant.read('air/co2');
  t.true(start > 600, String(start));
  plant.drive('fan', 1);
  pass(75); // 0.4 m³/s renew 30 m³ once
  const after = plant.read('air/co2');
  pass(75);
  const later = plant.read('air/co2');
  t.true(Math.abs((after - later) / (start - after) / Math.exp(-1) - 1) < 0.01);
  pass(3600);
  t.true(Math.abs(plant.read('air/co2') - 420) < 2);
});

const CLOSED: Partial<GreenhouseOptions> = { infiltration: 0, startMoisture: 40, startHumidity: 50 };
for (const [title, given] of [
  ['in a closed greenhouse', CLOSED],
  [
    'where warm air cools fast and rains',
    { ...CLOSED, startHumidity: 100, startTemperature: 40, outsideMean: -30, insulation: 20, furnishing: 0 },
  ],
] as const) {
  test(`${title} no water is made or lost`, (t) => {
    const { floor, height, soilDepth } = optionsWith(given);
    const { plant, pass } = build(given);
    // 400 kg of water fill the pores of 1 m³ of soil.
    const water = () =>
      (plant.read('soil/moisture') / 100) * floor * soilDepth * 400 +
      (plant.read('air/humidity') / 100) * saturatedVapour(plant.read('air/temperature')) * floor * height;
    const before = water();
    const moisture = plant.read('soil/moisture');
    for (let hour = 0; hour < 7 * 24; hour++) {
      plant.drive('heater', hour % 3 === 0 ? 1 : 0);
      pass(3600);
      t.true(Math.abs(water() - before) < 1e-6, `hour ${hour}: ${water() - before} kg`);
    }
    t.not(plant.read('soil/moisture'), moisture);
  });
}

test('in a closed and lit greenhouse CO2 falls, and not below what plants can use', (t) => {
  const { plant, pass } = build({ infiltration: 0, lamp: 5_000, insulation: 20 });
  plant.drive('lamp', 1);
  pass(2 * DAY_S);
  t.true(plant.read('air/co2') < 200, String(plant.read('air/co2')));
  t.true(plant.read('air/co2') > 50);
});

test('irrigation wets the soil by what it gives, and a full soil drains', (t) => {
  const { plant, pass } = build({ ...BOX, startMoisture: 40 });
  plant.drive('irrigation', 1);
  pass(600);
  t.true(Math.abs(plant.read('soil/moisture') - (40 + (100 * 40) / 1200)) < 0.01); // 10 min of 4 L/min into 1200 L of pores
  pass(DAY_S);
  t.true(plant.read('soil/moisture') > 90);
  plant.drive('irrigation', 0);
  pass(2 * DAY_S);
  t.true(Math.abs(plant.read('soil/moisture') - 70) < 1);
});

test('plants take up CO2 by day and give it off by night', (t) => {
  const { plant, pass } = build({ cloudiness: 0 }, { start: Date.parse('2030-05-01T00:00:00Z') });
  pass(3 * 3600);
  t.true(plant.read('air/co2') > 430);
  pass(9 * 3600);
  t.true(plant.read('air/co2') < 400);
});

test('the lamp lights, warms and feeds the plants; the fan cools; the heater dries the air', (t) => {
  const after = (...actuators: readonly string[]) => {
    const { plant, pass } = build();
    for (const actuator of actuators) plant.drive(actuator, 1);
    pass(2 * 3600);
    return { read: (variable: string) => plant.read(variable) };
  };
  const [nothing, lamp, fan, heater] = [after(), after('lamp'), after('fan'), after('heater')];
  t.is(nothing.read('air/light'), 0);
  t.is(lamp.read('air/light'), 7500);
  t.true(lamp.read('air/temperature') > nothing.read('air/temperature') + 1);
  t.true(lamp.read('air/co2') < nothing.read('air/co2'));
  t.true(fan.read('air/temperature') < nothing.read('air/temperature') - 1);
  t.true(heater.read('air/humidity') < nothing.read('air/humidity') - 10);
});

test('actuators take what lies between 0 and 1, and nothing else has an effect', (t) => {
  const light = (value: number) => {
    const { plant } = build();
    plant.drive('lamp', value);
    return plant.read('air/light');
  };
  t.deepEqual([-1, 0, 0.5, 1, 7, Number.NaN].map(light), [0, 0, 3750, 7500, 7500, 0]);
});

test('a variable or an actuator it has not got is refused by name', (t) => {
  const { plant } = build();
  t.throws(() => plant.read('air/radon'), { code: 'HYP_PLUGIN_INVALID', message: /air\/radon/ });
  t.throws(() => plant.drive('toString', 1), { code: 'HYP_PLUGIN_INVALID', message: /toString/ });
});

test('time that does not pass changes nothing', (t) => {
  const { plant, state, now } = build();
  const before = state();
  for (const dt of [0, -5, Number.NaN]) plant.advance(dt, now);
  t.deepEqual(state(), before);
});

test('one seed is one week, bit by bit; another seed is another', (t) => {
  const week = (seed: number) => {
    const { pass, state } = build({}, { seed });
    pass(7 * DAY_S, 600);
    return state();
  };
  t.deepEqual(week(5), week(5));
  t.notDeepEqual(week(5), week(6));
});

test('looking more often does not change what happens', (t) => {
  // 37 s does not divide the model's own steps.
  const [once, often] = [build(), build()];
  for (let hour = 0; hour < 48; hour++) {
    for (const { plant } of [once, often]) {
      plant.drive('heater', hour % 2);
      plant.drive('fan', hour % 5 === 0 ? 1 : 0);
      plant.drive('lamp', hour % 7 === 0 ? 1 : 0);
    }
    once.pass(3600);
    often.pass(3600, 37);
    for (const [variable, allowed] of [
      ['air/temperature', 0.05],
      ['soil/temperature', 0.05],
      ['air/humidity', 0.5],
      ['air/co2', 1],
      ['soil/moisture', 0.01],
      ['air/light', 1e-6],
      ['outside/temperature', 1e-6],
    ] as const) {
      const difference = Math.abs(once.plant.read(variable) - often.plant.read(variable));
      t.true(difference <= allowed, `hour ${hour}: ${variable} differs by ${difference}`);
    }
  }
});

test('steps of 1 ms and steps of a day end alike', (t) => {
  const [fine, coarse] = [build(BOX), build(BOX)];
  for (const { plant } of [fine, coarse]) plant.drive('heater', 1);
  fine.pass(20, 0.001);
  coarse.pass(20);
  t.true(Math.abs(fine.plant.read('air/temperature') - coarse.plant.read('air/temperature')) < 1e-6);
});

const sizes = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  floor: fc.double({ min: 0.1, max: 10_000, noNaN: true }),
  height: fc.double({ min: 0.1, max: 20, noNaN: true }),
  insulation: fc.double({ min: 0.05, max: 20, noNaN: true }),
  infiltration: fc.double({ min: 0, max: 20, noNaN: true }),
  furnishing: fc.double({ min: 0, max: 100, noNaN: true }),
  soilDepth: fc.double({ min: 0.01, max: 1, noNaN: true }),
  plants: fc.double({ min: 0, max: 5, noNaN: true }),
  outsideMean: fc.double({ min: -40, max: 40, noNaN: true }),
  startHumidity: fc.double({ min: 0, max: 100, noNaN: true }),
  startMoisture: fc.double({ min: 0, max: 100, noNaN: true }),
});
const level = fc.constantFrom(0, 0.3, 1);
const acts = fc.record({
  seconds: fc.constantFrom(0.001, 0.5, 10, 600, 7200, 40_000, DAY_S),
  heater: level,
  fan: level,
  lamp: level,
  irrigation: level,
});

test('of whatever size, driven however, it keeps to what is physically possible', (t) => {
  fc.assert(
    fc.property(sizes, fc.array(acts, { minLength: 1, maxLength: 8 }), fc.integer(), (given, moments, seed) => {
      const { plant, pass } = build(given, { seed });
      return moments.every(({ seconds, ...actuators }) => {
        for (const [name, value] of Object.entries(actuators)) plant.drive(name, value);
        pass(seconds);
        const read = (variable: string) => plant.read(variable);
        return (
          Number.isFinite(read('air/temperature')) &&
          Number.isFinite(read('soil/temperature')) &&
          read('air/temperature') > -90 &&
          read('air/humidity') >= 0 &&
          read('air/humidity') <= 100 &&
          read('soil/moisture') >= 0 &&
          read('soil/moisture') <= 100 &&
          read('air/co2') > 0 &&
          read('air/light') >= 0 &&
          read('air/pressure') > 900 &&
          read('air/pressure') < 1100
        );
      });
    }),
    { numRuns: 60 },
  );
  t.pass();
});

test('its heater holds 21 ± 0.5 °C through a week of cold nights, also with the limits of a relay', (t) => {
  // A two-position rule of 0.5 K, 2 min of rest and 30 min of work at most, every 10 s.
  const { plant, pass } = build({ outsideMean: -3 });
  let [on, sinceS, outside, coldest] = [false, -1e9, 0, Infinity];
  const steps = (7 * DAY_S) / 10;
  for (let step = 1; step <= steps; step++) {
    pass(10);
    const air = plant.read('air/temperature');
    const wanted = air < 20.75 || (on && air <= 21.25);
    const forSeconds = step * 10 - sinceS;
    const next = on ? wanted && forSeconds < 1800 : wanted && forSeconds >= 120;
    if (next !== on) [on, sinceS] = [next, step * 10];
    plant.drive('heater', on ? 1 : 0);
    coldest = Math.min(coldest, plant.read('outside/temperature'));
    if (step > 360 && Math.abs(air - 21) > 0.5) outside++;
  }
  t.true(coldest < -7, `the coldest night had ${coldest} °C`);
  t.true(outside / (steps - 360) < 0.01, `${outside} of ${steps - 360} readings outside`);
});
