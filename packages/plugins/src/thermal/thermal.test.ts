import { SeededRandom } from '@hyphae/core';
import test from 'ava';
import fc from 'fast-check';
import { thermalOptions, type ThermalOptions } from './options.js';
import { thermal } from './sim.js';

const START = Date.parse('2030-01-01T00:00:00Z');
const DAY_S = 86_400;

/** A body and the time it has; options not given have their defaults, as the host fills them in. */
function build(given: Partial<ThermalOptions> = {}) {
  const defaults: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(thermalOptions.properties)) defaults[name] = schema.default;
  const options = { ...(defaults as ThermalOptions), ...given }; // every option has a default
  const plant = thermal.create({ options, random: new SeededRandom(1), start: START });
  let at = START;
  return {
    plant,
    options,
    /** Lets seconds pass, in steps of at most `step`. */
    pass: (seconds: number, step = seconds) => {
      for (let left = seconds; left > 1e-9; left -= step) {
        const dt = Math.min(step, left) * 1000;
        at += dt;
        plant.advance(dt, at);
      }
    },
    body: () => plant.read('body/temperature'),
    element: () => plant.read('element/temperature'),
    state: () => Object.keys(thermal.variables).map((variable) => plant.read(variable)),
  };
}

const near = (found: number, expected: number, allowed = 1e-9) =>
  Math.abs(found - expected) <= allowed * Math.max(1, Math.abs(expected));

test('first order: heated, it warms by P/loss·(1 − e^(−t/τ))', (t) => {
  const { plant, pass, body } = build({ heatCapacity: 20, loss: 5, heater: 500, startTemperature: 20, ambient: 20 });
  plant.drive('heater', 1);
  for (let n = 1; n <= 20; n++) {
    pass(1000);
    t.true(near(body(), 20 + 100 * (1 - Math.exp(-n / 4))), `after ${n}/4 time constants: ${body()}`);
  }
});

test('first order: the cooler takes its power, and half a drive half of it', (t) => {
  const after = (drive: number) => {
    const { plant, pass, body } = build({ heatCapacity: 20, loss: 5, cooler: 200 });
    plant.drive('cooler', drive);
    pass(4000);
    return body() - 20;
  };
  t.true(near(after(1), -40 * (1 - Math.exp(-1))));
  t.true(near(after(0.5), after(1) / 2));
});

test('with a dead time the same happens later by exactly that much', (t) => {
  const { plant, pass, body } = build({ heatCapacity: 20, loss: 5, heater: 500, deadTime: 90 });
  plant.drive('heater', 1);
  pass(90);
  t.is(body(), 20);
  pass(1000);
  t.true(near(body(), 20 + 100 * (1 - Math.exp(-0.25))));
});

test('a pulse shorter than the dead time arrives whole', (t) => {
  const { plant, pass, body } = build({ heatCapacity: 20, loss: 0, heater: 500, deadTime: 60 });
  plant.drive('heater', 1);
  pass(10);
  plant.drive('heater', 0);
  pass(200);
  t.true(near(body(), 20 + (500 * 10) / 20_000));
});

test('second order: heated, it follows the step response of its two poles', (t) => {
  const [c1, c2, loss, k, power] = [20_000, 4_000, 5, 12, 300];
  const { plant, pass, body, element } = build({
    heatCapacity: c1 / 1000,
    elementHeatCapacity: c2 / 1000,
    loss,
    elementCoupling: k,
    heater: power,
    ambient: 0,
    startTemperature: 0,
  });
  // From heater to body: k / (c1·c2·s² + (c1·k + c2·(k + loss))·s + k·loss)
  const [a, b, c] = [c1 * c2, c1 * k + c2 * (k + loss), k * loss];
  const root = Math.sqrt(b * b - 4 * a * c);
  const [p, q] = [(b - root) / (2 * a), (b + root) / (2 * a)];
  plant.drive('heater', 1);
  for (let seconds = 100; seconds <= 20_000; seconds += 100) {
    pass(100);
    const [ep, eq] = [Math.exp(-p * seconds), Math.exp(-q * seconds)];
    const expected = (power / loss) * (1 - (q * ep - p * eq) / (q - p));
    t.true(near(body(), expected), `after ${seconds} s: ${body()}, expected ${expected}`);
    const slope = ((power / loss) * p * q * (ep - eq)) / (q - p);
    t.true(near(element(), expected + (c1 * slope + loss * expected) / k), `element after ${seconds} s: ${element()}`);
  }
});

test('an element of almost no heat capacity is as one of none', (t) => {
  const [none, little] = [build(), build({ elementHeatCapacity: 1e-5 })];
  for (const { plant, pass } of [none, little]) {
    plant.drive('heater', 1);
    pass(600);
  }
  t.true(near(none.element() - none.body(), 500 / 25));
  t.true(near(little.body(), none.body(), 1e-4));
  t.true(near(little.element(), none.element(), 1e-4));
});

test('surroundings are warmest at their hour, and coldest half a day from it', (t) => {
  const { plant, pass } = build({ ambient: 10, ambientDaily: 6, ambientWarmest: 15 });
  const ambient = () => plant.read('ambient/temperature');
  pass(3 * 3600);
  t.true(near(ambient(), 4));
  pass(6 * 3600);
  t.true(near(ambient(), 10));
  pass(6 * 3600);
  t.true(near(ambient(), 16));
});

test('a body follows the day weaker and later, by 1/√(1 + (ωτ)²) and atan(ωτ)', (t) => {
  const tau = 20_000; // s
  const { pass, body } = build({ heatCapacity: 100, loss: 5, ambient: 10, ambientDaily: 6, ambientWarmest: 0 });
  pass(40 * tau);
  const omega = (2 * Math.PI) / DAY_S;
  for (let seconds = 40 * tau; seconds < 40 * tau + DAY_S; seconds += 3600) {
    const swing = 6 / Math.sqrt(1 + (omega * tau) ** 2);
    const expected = 10 + swing * Math.cos(omega * seconds - Math.atan(omega * tau));
    t.true(near(body(), expected), `${body()}, expected ${expected}`);
    pass(3600);
  }
});

test('of second order under a daily sine, it agrees with a fine numerical integration', (t) => {
  const { plant, pass, body, element } = build({
    heatCapacity: 50,
    elementHeatCapacity: 30,
    elementCoupling: 2,
    loss: 5,
    ambient: 5,
    ambientDaily: 10,
    ambientWarmest: 15,
    heater: 100,
    cooler: 20,
  });
  plant.drive('heater', 0.5);
  plant.drive('cooler', 1);
  const slope = (seconds: number, [b, e]: readonly [number, number]) => {
    const ambient = 5 + 10 * Math.cos((2 * Math.PI * (seconds - 15 * 3600)) / DAY_S);
    return [(5 * (ambient - b) + 2 * (e - b) - 20) / 50_000, (2 * (b - e) + 50) / 30_000] as const;
  };
  let now: readonly [number, number] = [20, 20];
  const h = 10;
  const moved = ([b, e]: readonly [number, number], [db, de]: readonly [number, number], by: number) =>
    [b + db * by, e + de * by] as const;
  for (let seconds = 0; seconds < 2 * DAY_S; seconds += h) {
    const s1 = slope(seconds, now);
    const s2 = slope(seconds + h / 2, moved(now, s1, h / 2));
    const s3 = slope(seconds + h / 2, moved(now, s2, h / 2));
    const s4 = slope(seconds + h, moved(now, s3, h));
    now = moved(moved(moved(moved(now, s1, h / 6), s2, h / 3), s3, h / 3), s4, h / 6);
  }
  pass(2 * DAY_S);
  t.true(near(body(), now[0], 1e-8), `body ${body()} and ${now[0]}`);
  t.true(near(element(), now[1], 1e-8), `element ${element()} and ${now[1]}`);
});

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
/** Coolers too weak to come near absolute zero, where equations end. */
const options = fc.record({
  heatCapacity: between(10, 1000),
  loss: fc.oneof(fc.constant(0), between(0, 100)),
  heater: between(0, 5000),
  cooler: between(0, 20),
  deadTime: fc.oneof(fc.constant(0), between(0, 1000)),
  elementHeatCapacity: fc.oneof(fc.constant(0), between(0.01, 100)),
  elementCoupling: between(0.1, 200),
  ambient: between(-20, 40),
  ambientDaily: between(0, 15),
});
const acts = fc.array(
  fc.record({ seconds: between(0.01, 5000), heater: fc.constantFrom(0, 0.3, 1), cooler: fc.constantFrom(0, 1) }),
  { minLength: 1, maxLength: 10 },
);

test('one long step and many short ones end alike', (t) => {
  fc.assert(
    fc.property(options, acts, between(7, 400), (given, moments, step) => {
      const [once, often] = [build(given), build(given)];
      for (const { seconds, heater, cooler } of moments) {
        for (const { plant } of [once, often]) {
          plant.drive('heater', heater);
          plant.drive('cooler', cooler);
        }
        once.pass(seconds);
        often.pass(seconds, step);
      }
      const found = often.state();
      return once.state().every((value, n) => near(found[n] ?? NaN, value, 1e-7));
    }),
  );
  t.pass();
});

test('insulated, it holds exactly the heat that was put in less what was taken', (t) => {
  fc.assert(
    fc.property(options, acts, (given, moments) => {
      const { plant, pass, body, element, options: o } = build({ ...given, loss: 0 });
      let joules = 0;
      for (const { seconds, heater, cooler } of moments) {
        plant.drive('heater', heater);
        plant.drive('cooler', cooler);
        pass(seconds);
        joules += (heater * o.heater - cooler * o.cooler) * seconds;
      }
      plant.drive('heater', 0);
      plant.drive('cooler', 0);
      pass(o.deadTime + 1);
      const start = o.startTemperature;
      const held = 1000 * (o.heatCapacity * (body() - start) + o.elementHeatCapacity * (element() - start));
      return Math.abs(held - joules) <= 1e-6 * (1 + Math.abs(joules));
    }),
  );
  t.pass();
});

test('options at their ends and steps of any length give finite temperatures', (t) => {
  const entries = Object.entries(thermalOptions.properties);
  const extreme = fc.record(
    Object.fromEntries(entries.map(([name, schema]) => [name, fc.constantFrom(schema.minimum, schema.maximum)])),
  );
  const seconds = fc.constantFrom(1e-3, 1, 600, DAY_S, 1e9);
  fc.assert(
    fc.property(extreme, fc.array(seconds, { minLength: 1, maxLength: 5 }), (given, moments) => {
      const { plant, pass, state } = build(given);
      return moments.every((moment, n) => {
        plant.drive('heater', n % 2);
        plant.drive('cooler', 1 - (n % 2));
        pass(moment);
        return state().every((value) => Number.isFinite(value) && value >= -1200);
      });
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('no cooler goes below absolute zero', (t) => {
  const { plant, pass, body, element } = build({ loss: 0, elementHeatCapacity: 1 });
  plant.drive('cooler', 1);
  pass(DAY_S, 3600);
  t.is(body(), -273.15);
  t.true(element() >= -273.15);
});

test('actuators take what lies between 0 and 1, and nothing else has an effect', (t) => {
  const rise = (value: number) => {
    const { plant, pass, body } = build({ heatCapacity: 50, loss: 0 });
    plant.drive('heater', value);
    pass(100);
    return Math.round((body() - 20) * 1e6) / 1e6;
  };
  t.deepEqual([-1, 0, 0.5, 1, 7, Number.NaN].map(rise), [0, 0, 0.5, 1, 1, 0]);
});

test('a variable or an actuator it has not got is refused by name', (t) => {
  const { plant } = build();
  t.throws(() => plant.read('air/radon'), { code: 'HYP_PLUGIN_INVALID', message: /air\/radon/ });
  t.throws(() => plant.drive('toString', 1), { code: 'HYP_PLUGIN_INVALID', message: /toString/ });
});

test('time that does not pass changes nothing', (t) => {
  const { plant, state } = build({ elementHeatCapacity: 3, ambientDaily: 5 });
  plant.drive('heater', 1);
  const before = state();
  for (const dt of [0, -5, Number.NaN]) plant.advance(dt, START);
  t.deepEqual(state(), before);
});
