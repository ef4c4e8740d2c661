import { SeededRandom } from '@hyphae/core';
import test from 'ava';
import fc from 'fast-check';
import { waterTankOptions, type WaterTankOptions } from './options.js';
import { waterTank } from './sim.js';

/** A tank and the time it has; options not given have their defaults, as the host fills them in. */
function build(given: Partial<WaterTankOptions> = {}) {
  const defaults: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(waterTankOptions.properties)) defaults[name] = schema.default;
  const options = { ...(defaults as WaterTankOptions), ...given }; // every option has a default
  const plant = waterTank.create({ options, random: new SeededRandom(1), start: 0 });
  let at = 0;
  return {
    plant,
    options,
    read: (variable: keyof typeof waterTank.variables) => plant.read(variable),
    /** Lets seconds pass, in steps of at most `step`. */
    pass: (seconds: number, step = seconds) => {
      for (let left = seconds; left > 1e-9; left -= step) {
        const dt = Math.min(step, left) * 1000;
        at += dt;
        plant.advance(dt, at);
      }
    },
    state: () => Object.keys(waterTank.variables).map((variable) => plant.read(variable)),
  };
}

const near = (found: number, expected: number, allowed = 1e-9) =>
  Math.abs(found - expected) <= allowed * Math.max(1, Math.abs(expected));

test('the pump fills it evenly, then the rest runs over', (t) => {
  const { plant, pass, read } = build({ capacity: 100, startLevel: 50, pump: 10 });
  plant.drive('pump', 1);
  pass(180);
  t.true(near(read('tank/volume'), 80));
  t.true(near(read('tank/fill'), 80));
  t.true(near(read('tank/level'), 0.64));
  t.is(read('overflow/flow'), 0);
  pass(600);
  t.is(read('tank/volume'), 100);
  t.is(read('overflow/flow'), 10);
  t.true(near(read('overflow/volume'), 80));
  t.true(near(read('inflow/volume'), 130));
});

test('through the open valve its level falls as a parabola, and it is empty after twice the time of the first rate', (t) => {
  // V = V₀·(1 − t/T)², T = 2·capacity/valve for a full tank
  const { plant, pass, read } = build({ capacity: 100, startLevel: 100, valve: 20 });
  plant.drive('valve', 1);
  for (let n = 1; n <= 9; n++) {
    pass(60);
    t.true(near(read('tank/volume'), 100 * (1 - n / 10) ** 2), `after ${n} min: ${read('tank/volume')}`);
    t.true(near(read('outflow/flow'), 20 * (1 - n / 10)));
  }
  pass(61);
  t.is(read('tank/volume'), 0);
  t.is(read('outflow/flow'), 0);
  t.true(near(read('outflow/volume'), 100));
});

test('with pump and valve open the level comes to rest where both flows are equal', (t) => {
  for (const startLevel of [0, 5, 25, 60, 100]) {
    const { plant, pass, read } = build({ startLevel, pump: 10, valve: 20 });
    plant.drive('pump', 1);
    plant.drive('valve', 1);
    pass(86_400);
    t.true(near(read('tank/fill'), 25), `from ${startLevel} %: ${read('tank/fill')}`); // (10 / 20)²
    t.true(near(read('outflow/flow'), 10));
  }
});

test('on its way it agrees with a fine numerical integration', (t) => {
  for (const [startLevel, pump, demand] of [
    [10, 8, 0],
    [90, 8, 0],
    [90, 1, 4],
    [30, 40, 1],
  ] as const) {
    const { plant, pass, read } = build({ startLevel, pump, demand, valve: 20, capacity: 100 });
    plant.drive('pump', 1);
    plant.drive('valve', 0.5);
    const slope = (volume: number) => (pump - demand - 10 * Math.sqrt(volume / 100)) / 60;
    let volume = startLevel;
    const h = 0.05;
    for (let step = 0; step < 60 / h; step++) {
      const s1 = slope(volume);
      const s2 = slope(volume + (h / 2) * s1);
      const s3 = slope(volume + (h / 2) * s2);
      const s4 = slope(volume + h * s3);
      volume += (h / 6) * (s1 + 2 * s2 + 2 * s3 + s4);
    }
    pass(60);
    t.true(near(read('tank/volume'), volume, 1e-10), `${read('tank/volume')} and ${volume}`);
  }
});

test('a full tank spills what the valve does not take', (t) => {
  const { plant, pass, read } = build({ startLevel: 100, pump: 10, valve: 4 });
  plant.drive('pump', 1);
  plant.drive('valve', 1);
  pass(600);
  t.is(read('overflow/flow'), 6);
  t.true(near(read('overflow/volume'), 60));
  t.true(near(read('outflow/volume'), 40));
});

test('a valve that hardly opens is as one that is closed', (t) => {
  for (const valve of [1e-8, 1.1e-9]) {
    const { plant, pass, read } = build({ startLevel: 50, pump: 10, valve });
    plant.drive('pump', 1);
    plant.drive('valve', 1);
    pass(60);
    t.true(near(read('tank/volume'), 60), `${valve} L/min: ${read('tank/volume')}`);
  }
});

test('an empty tank passes on what comes in, and a demand beyond that goes without', (t) => {
  const { plant, pass, read } = build({ startLevel: 10, demand: 4, pump: 3, capacity: 100 });
  plant.drive('valve', 1);
  pass(3600);
  t.is(read('tank/volume'), 0);
  t.is(read('outflow/flow'), 0);
  plant.drive('pump', 1);
  pass(600);
  t.is(read('tank/volume'), 0);
  t.is(read('outflow/flow'), 3);
  t.true(near(read('outflow/volume'), 10 + 30));
});

test('a tank that begins full spills at once, whatever its capacity', (t) => {
  // A hundred percent of this is more than this, by rounding.
  const { plant, pass, read } = build({ capacity: 7.920663002589486, startLevel: 100, pump: 6, valve: 0 });
  plant.drive('pump', 1);
  pass(10);
  t.true(near(read('overflow/volume'), 1));
  t.is(read('outflow/volume'), 0);
});

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const orZero = (max: number) => fc.oneof(fc.constant(0), between(0.001, max));
const options = fc.record({
  capacity: between(0.1, 1e4),
  startLevel: fc.oneof(fc.constantFrom(0, 100), between(0, 100)),
  pump: orZero(1000),
  valve: orZero(1000),
  demand: orZero(100),
});
const drive = fc.oneof(fc.constantFrom(0, 1), between(0.001, 1));
const acts = fc.array(fc.record({ seconds: between(0.01, 5000), pump: drive, valve: drive }), {
  minLength: 1,
  maxLength: 10,
});

test('no water is made or lost, and none is where it cannot be', (t) => {
  fc.assert(
    fc.property(options, acts, (given, moments) => {
      const { plant, pass, read, options: o } = build(given);
      const start = read('tank/volume');
      let pumped = 0;
      let [drawn, spilled] = [0, 0];
      return moments.every(({ seconds, pump, valve }) => {
        plant.drive('pump', pump);
        plant.drive('valve', valve);
        pass(seconds);
        pumped += (pump * o.pump * seconds) / 60;
        const [out, over] = [read('outflow/volume'), read('overflow/volume')];
        const most = drawn + ((o.demand + o.valve) * seconds) / 60;
        const sane = out >= drawn && out <= most + 1e-9 * (1 + pumped) && over >= spilled;
        [drawn, spilled] = [out, over];
        const volume = read('tank/volume');
        return (
          sane &&
          near(read('inflow/volume'), pumped) &&
          volume >= 0 &&
          volume <= o.capacity &&
          Math.abs(start + pumped - out - over - volume) <= 1e-9 * (1 + start + pumped)
        );
      });
    }),
  );
  t.pass();
});

test('one long step and many short ones end alike', (t) => {
  fc.assert(
    fc.property(options, acts, between(3, 400), (given, moments, step) => {
      const [once, often] = [build(given), build(given)];
      for (const { seconds, pump, valve } of moments) {
        for (const { plant } of [once, often]) {
          plant.drive('pump', pump);
          plant.drive('valve', valve);
        }
        once.pass(seconds);
        often.pass(seconds, step);
      }
      const allowed = 1e-9 * (1 + once.options.capacity + once.read('inflow/volume'));
      return (['tank/volume', 'inflow/volume', 'outflow/volume', 'overflow/volume'] as const).every(
        (variable) => Math.abs(once.read(variable) - often.read(variable)) <= allowed,
      );
    }),
  );
  t.pass();
});

test('options at their ends and steps of any length give finite values', (t) => {
  const entries = Object.entries(waterTankOptions.properties);
  const extreme = fc.record(
    Object.fromEntries(
      entries.map(([name, schema]) => [name, fc.constantFrom(schema.minimum, schema.default, schema.maximum)]),
    ),
  );
  const act = fc.record({
    seconds: fc.constantFrom(1e-3, 1, 600, 86_400, 1e9),
    pump: fc.constantFrom(0, 1e-300, 0.5, 1),
    valve: fc.constantFrom(0, 1e-300, 1e-9, 1),
  });
  fc.assert(
    fc.property(extreme, fc.array(act, { minLength: 1, maxLength: 5 }), (given, moments) => {
      const { plant, pass, state } = build(given);
      return moments.every(({ seconds, pump, valve }) => {
        plant.drive('pump', pump);
        plant.drive('valve', valve);
        pass(seconds);
        return state().every((value) => Number.isFinite(value) && value >= 0);
      });
    }),
    { numRuns: 1000 },
  );
  t.pass();
});

test('actuators take what lies between 0 and 1, and nothing else has an effect', (t) => {
  const flow = (value: number) => {
    const { plant, read } = build();
    plant.drive('pump', value);
    return read('inflow/flow');
  };
  t.deepEqual([-1, 0, 0.5, 1, 7, Number.NaN].map(flow), [0, 0, 5, 10, 10, 0]);
});

test('a variable or an actuator it has not got is refused by name', (t) => {
  const { plant } = build();
  t.throws(() => plant.read('air/radon'), { code: 'HYP_PLUGIN_INVALID', message: /air\/radon/ });
  t.throws(() => plant.drive('toString', 1), { code: 'HYP_PLUGIN_INVALID', message: /toString/ });
});

test('time that does not pass changes nothing', (t) => {
  const { plant, state } = build({ demand: 1 });
  plant.drive('valve', 1);
  const before = state();
  for (const dt of [0, -5, Number.NaN]) plant.advance(dt, 0);
  t.deepEqual(state(), before);
});
