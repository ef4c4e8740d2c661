import { SeededRandom } from '@hyphae/core';
import test from 'ava';
import fc from 'fast-check';
import { phTankOptions, type PhTankOptions } from './options.js';
import { PhTankModel } from './ph-tank-model.js';
import { phTank } from './sim.js';

const DAY_S = 86_400;
const KINDS = ['cations', 'anions', 'carbonate', 'phosphate'] as const;

/** The options with their defaults, as the host fills them in. */
function optionsWith(given: Partial<PhTankOptions>): PhTankOptions {
  const defaults: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(phTankOptions.properties)) defaults[name] = schema.default;
  return { ...(defaults as PhTankOptions), ...given }; // every option has a default
}

/** A tank and the time it has. */
function build(given: Partial<PhTankOptions> = {}) {
  const options = optionsWith(given);
  const plant = new PhTankModel(options);
  let at = 0;
  return {
    plant,
    options,
    read: (variable: keyof typeof phTank.variables) => plant.read(variable),
    /** Lets seconds pass, in steps of at most `step`. */
    pass: (seconds: number, step = seconds) => {
      for (let left = seconds; left > 1e-9; left -= step) {
        const dt = Math.min(step, left) * 1000;
        at += dt;
        plant.advance(dt, at);
      }
    },
    state: () => Object.keys(phTank.variables).map((variable) => plant.read(variable)),
  };
}

const near = (found: number, expected: number, allowed = 1e-9) =>
  Math.abs(found - expected) <= allowed * Math.max(1, Math.abs(expected));

/** Pure water, and nothing dosed but acid and base. */
const PURE: Partial<PhTankOptions> = { waterAlkalinity: 0, waterPh: 7, startNutrient: 0, mixingTime: 0 };

test('by its defaults it is a nutrient solution of about 2 mS/cm, a little too basic', (t) => {
  const { read } = build();
  t.true(near(read('tank/conductivity'), 2.1, 0.1), String(read('tank/conductivity')));
  t.true(read('tank/ph') > 6.3 && read('tank/ph') < 7.5, String(read('tank/ph')));
  t.is(read('tank/volume'), 80);
});

test('acid in pure water has the pH of its concentration, and as much base neutralises it', (t) => {
  const { plant, pass, read } = build({ ...PURE, capacity: 200, startLevel: 50, acid: 20, acidStrength: 500 });
  plant.drive('acid', 1);
  pass(600); // 0.2 L of 500 mmol/L into 100 L
  t.true(near(read('tank/volume'), 100.2));
  t.true(near(read('tank/ph'), -Math.log10(0.1 / 100.2), 1e-6), String(read('tank/ph')));
  plant.drive('acid', 0);
  plant.drive('base', 1);
  pass(600);
  t.true(near(read('tank/ph'), 7, 1e-6), String(read('tank/ph')));
});

test('a buffer holds the pH against acid that would sour pure water', (t) => {
  const dosed = (given: Partial<PhTankOptions>) => {
    const { plant, pass, read } = build({ mixingTime: 0, ...given });
    const before = read('tank/ph');
    plant.drive('acid', 1);
    pass(120);
    return before - read('tank/ph');
  };
  t.true(dosed(PURE) > 3);
  t.true(dosed({}) > 0.02);
  t.true(dosed({}) < 0.5);
});

test('what is dosed shows with the mixing time: after once that, 63.2 % of a short dose', (t) => {
  const { plant, pass, read } = build({ ...PURE, mixingTime: 300, nutrientPhosphate: 0, nutrient: 6000 });
  plant.drive('nutrient', 1);
  pass(0.01);
  plant.drive('nutrient', 0);
  const water = read('tank/conductivity');
  pass(300);
  const once = read('tank/conductivity') - water;
  pass(DAY_S);
  const all = read('tank/conductivity') - water;
  t.true(near(once / all, 1 - Math.exp(-1), 1e-4), String(once / all));
});

test('fresh water thins a full tank along an exponential, and what is gone went over the edge', (t) => {
  const { plant, pass, read } = build({ ...PURE, capacity: 100, startLevel: 100, startNutrient: 10, water: 5 });
  const start = plant.amounts.anions.total;
  plant.drive('water', 1);
  for (let n = 1; n <= 5; n++) {
    pass(1200); // 5 L/min renew 100 L in 20 min
    t.true(near(plant.amounts.anions.total, start * Math.exp(-n)));
    t.true(near(plant.amounts.anions.spilled, start * (1 - Math.exp(-n))));
  }
  t.is(read('tank/volume'), 100);
  t.true(near(read('overflow/volume'), 500));
});

test('what runs over takes its share of what has not mixed yet', (t) => {
  const { plant, pass } = build({ capacity: 100, startLevel: 100, water: 60, mixingTime: 100, waterAlkalinity: 2 });
  plant.drive('water', 1);
  pass(DAY_S);
  // 2 mmol/s come in; of what is unmixed a hundredth mixes each second, and a hundredth runs over.
  t.true(near(plant.amounts.cations.unmixed, 100), String(plant.amounts.cations.unmixed));
});

test('plants drink the water and leave the salts', (t) => {
  const { plant, pass, read } = build({ uptake: 2, startLevel: 100 });
  const { anions } = plant.amounts;
  const before = read('tank/conductivity');
  pass(25 * 3600);
  t.true(near(read('tank/volume'), 50));
  t.true(near(plant.amounts.anions.total, anions.total));
  t.true(near(read('tank/conductivity') / before, 2, 0.01));
  pass(10 * DAY_S);
  t.true(near(read('tank/volume'), 1), 'a hundredth of the capacity is out of reach');
});

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const options = fc.record({
  capacity: between(1, 1000),
  startLevel: between(0, 100),
  startNutrient: between(0, 30),
  uptake: fc.oneof(fc.constant(0), between(0, 20)),
  mixingTime: fc.oneof(fc.constant(0), between(0.1, 1000)),
  water: between(0, 20),
  waterAlkalinity: between(0, 5),
});
const drive = fc.constantFrom(0, 0, 0.4, 1);
const acts = fc.array(
  fc.record({ seconds: between(0.01, 3000), acid: drive, base: drive, nutrient: drive, water: drive }),
  { minLength: 1, maxLength: 8 },
);

test('nothing that is dissolved is made or lost', (t) => {
  fc.assert(
    fc.property(options, acts, (given, moments) => {
      const { plant, pass, options: o } = build(given);
      const start = { ...plant.amounts };
      const dosed = { cations: 0, anions: 0, carbonate: 0, phosphate: 0 };
      let fresh = 0; // L
      for (const { seconds, ...drives } of moments) {
        for (const [name, value] of Object.entries(drives)) plant.drive(name, value);
        pass(seconds);
        const stock = (drives.nutrient * o.nutrient * seconds) / 60_000;
        dosed.cations += stock * (o.nutrientSalt + o.nutrientPhosphate);
        dosed.cations += ((drives.base * o.base * seconds) / 60_000) * o.baseStrength;
        dosed.anions += stock * o.nutrientSalt;
        dosed.anions += ((drives.acid * o.acid * seconds) / 60_000) * o.acidStrength;
        dosed.phosphate += stock * o.nutrientPhosphate;
        fresh += (drives.water * o.water * seconds) / 60;
      }
      dosed.cations += fresh * o.waterAlkalinity;
      const carbonateIn = start.carbonate.total + (fresh * start.carbonate.total) / build(given).read('tank/volume');
      return KINDS.every((kind) => {
        const { total, spilled, unmixed } = plant.amounts[kind];
        const came = kind === 'carbonate' ? carbonateIn : start[kind].total + dosed[kind];
        return near(total + spilled, came) && unmixed >= 0 && unmixed <= total && spilled >= 0;
      });
    }),
  );
  t.pass();
});

test('one long step and many short ones end alike', (t) => {
  fc.assert(
    fc.property(options, acts, between(7, 400), (given, moments, step) => {
      const [once, often] = [build(given), build(given)];
      for (const { seconds, ...drives } of moments) {
        for (const { plant } of [once, often]) {
          for (const [name, value] of Object.entries(drives)) plant.drive(name, value);
        }
        once.pass(seconds);
        often.pass(seconds, step);
      }
      return (
        KINDS.every((kind) => {
          const [a, b] = [once.plant.amounts[kind], often.plant.amounts[kind]];
          return near(a.total, b.total) && near(a.unmixed, b.unmixed) && near(a.spilled, b.spilled, 1e-8);
        }) && near(once.read('tank/volume'), often.read('tank/volume'))
      );
    }),
  );
  t.pass();
});

test('options at their ends and steps of any length give finite values', (t) => {
  const entries = Object.entries(phTankOptions.properties);
  const extreme = fc.record(
    Object.fromEntries(
      entries.map(([name, schema]) => [name, fc.constantFrom(schema.minimum, schema.default, schema.maximum)]),
    ),
  );
  const seconds = fc.constantFrom(1e-3, 1, 600, DAY_S, 1e9);
  const act = fc.record({ seconds, acid: drive, base: drive, nutrient: drive, water: drive });
  fc.assert(
    fc.property(extreme, fc.array(act, { minLength: 1, maxLength: 5 }), (given, moments) => {
      const { plant, pass, state, read } = build(given);
      return moments.every(({ seconds: time, ...drives }) => {
        for (const [name, value] of Object.entries(drives)) plant.drive(name, value);
        pass(time);
        return state().every(Number.isFinite) && read('tank/volume') > 0 && read('tank/conductivity') > 0;
      });
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('actuators take what lies between 0 and 1, and nothing else has an effect', (t) => {
  const added = (value: number) => {
    const { plant, pass, read } = build();
    plant.drive('water', value);
    pass(60);
    return Math.round((read('tank/volume') - 80) * 1e6) / 1e6;
  };
  t.deepEqual([-1, 0, 0.5, 1, 7, Number.NaN].map(added), [0, 0, 2.5, 5, 5, 0]);
});

test('a variable or an actuator it has not got is refused by name', (t) => {
  const plant = phTank.create({ options: optionsWith({}), random: new SeededRandom(1), start: 0 });
  t.throws(() => plant.read('air/radon'), { code: 'HYP_PLUGIN_INVALID', message: /air\/radon/ });
  t.throws(() => plant.drive('toString', 1), { code: 'HYP_PLUGIN_INVALID', message: /toString/ });
});

test('time that does not pass changes nothing', (t) => {
  const { plant, state } = build({ uptake: 3 });
  plant.drive('acid', 1);
  const before = state();
  for (const dt of [0, -5, Number.NaN]) plant.advance(dt, 0);
  t.deepEqual(state(), before);
});
