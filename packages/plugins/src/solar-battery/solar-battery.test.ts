import { SeededRandom } from '@hyphae/core';
import test from 'ava';
import fc from 'fast-check';
import { solarBatteryOptions, type SolarBatteryOptions } from './options.js';
import { solarBattery } from './sim.js';
import { clearSunlight } from './sunlight.js';

const SUMMER = Date.parse('2030-06-21T00:00:00Z');
const HOUR_S = 3600;

/** A battery and the time it has; options not given have their defaults, as the host fills them in. */
function build(given: Partial<SolarBatteryOptions> = {}, start = SUMMER) {
  const defaults: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(solarBatteryOptions.properties)) defaults[name] = schema.default;
  const options = { ...(defaults as SolarBatteryOptions), ...given }; // every option has a default
  const plant = solarBattery.create({ options, random: new SeededRandom(1), start });
  let at = start;
  return {
    plant,
    options,
    read: (variable: keyof typeof solarBattery.variables) => plant.read(variable),
    /** Lets seconds pass, in steps of at most `step`. */
    pass: (seconds: number, step = seconds) => {
      for (let left = seconds; left > 1e-9; left -= step) {
        const dt = Math.min(step, left) * 1000;
        at += dt;
        plant.advance(dt, at);
      }
    },
    state: () => Object.keys(solarBattery.variables).map((variable) => plant.read(variable)),
  };
}

const near = (found: number, expected: number, allowed = 1e-9) =>
  Math.abs(found - expected) <= allowed * Math.max(1, Math.abs(expected));

test('without sun the load empties it evenly, and then gets nothing', (t) => {
  const { plant, pass, read } = build({ panel: 0, capacity: 100, startCharge: 50, load: 9, standby: 1 });
  plant.drive('load', 1);
  pass(2 * HOUR_S);
  t.true(near(read('battery/charge'), 30));
  t.true(near(read('battery/voltage'), 11.6 + 0.3 * 1.2));
  t.is(read('load/power'), 10);
  pass(10 * HOUR_S);
  t.is(read('battery/energy'), 0);
  t.is(read('load/power'), 0);
  t.true(near(read('load/energy'), 50));
});

test('a clear day gives the energy of its sunlight within 0.1 %', (t) => {
  const { pass, read } = build({ clouds: 0, panel: 1000, capacity: 1e6, startCharge: 0, standby: 0, efficiency: 1 });
  let expected = 0; // W·h of a panel of 1 kW
  for (let second = 0.5; second < 24 * HOUR_S; second += 10) {
    expected += (clearSunlight(SUMMER + second * 1000, 52.5, 13.4) * 10) / 3600;
  }
  pass(24 * HOUR_S);
  t.true(near(read('battery/energy'), expected, 1e-3), `${read('battery/energy')}, expected ${expected}`);
});

test('the battery loses what its efficiency says, and a full one leaves the rest unused', (t) => {
  const day = (capacity: number) => {
    const { pass, read } = build({ capacity, startCharge: 0, standby: 0, efficiency: 0.8 });
    pass(24 * HOUR_S);
    return read;
  };
  const [large, small] = [day(1e6), day(40)];
  t.true(near(large('battery/energy'), 0.8 * large('panel/energy')));
  t.is(large('panel/unused'), 0);
  t.is(small('battery/charge'), 100);
  t.true(near(small('panel/energy'), 50));
  t.true(near(small('loss/energy'), 10));
  t.true(near(small('panel/unused'), large('panel/energy') - 50));
});

test('clouds keep their share away, and winter gives less than summer', (t) => {
  const noon = (clouds: number, day: string) =>
    build({ clouds }, Date.parse(`2030-${day}T11:00:00Z`)).read('panel/power');
  t.true(near(noon(0.3, '06-21'), 0.7 * noon(0, '06-21')));
  t.true(noon(0, '12-21') < 0.3 * noon(0, '06-21'));
});

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const options = fc.record({
  latitude: between(-90, 90),
  panel: fc.oneof(fc.constant(0), between(0, 500)),
  capacity: between(1, 1000),
  startCharge: between(0, 100),
  efficiency: between(0.01, 1),
  load: between(0, 100),
  standby: between(0, 5),
});
const acts = fc.array(fc.record({ seconds: between(0.01, 40_000), load: fc.constantFrom(0, 0.3, 1) }), {
  minLength: 1,
  maxLength: 8,
});

test('no energy is made or lost', (t) => {
  fc.assert(
    fc.property(options, acts, (given, moments) => {
      const { plant, pass, read } = build(given);
      const start = read('battery/energy');
      return moments.every(({ seconds, load }) => {
        plant.drive('load', load);
        pass(seconds);
        const came = start + read('panel/energy');
        const went = read('battery/energy') + read('load/energy') + read('loss/energy');
        const charge = read('battery/charge');
        return near(went, came) && charge >= 0 && charge <= 100 + 1e-9 && read('loss/energy') >= 0;
      });
    }),
  );
  t.pass();
});

test('one long step and many short ones end alike', (t) => {
  fc.assert(
    fc.property(options, acts, between(7, 400), (given, moments, step) => {
      const [once, often] = [build(given), build(given)];
      for (const { seconds, load } of moments) {
        for (const { plant } of [once, often]) plant.drive('load', load);
        once.pass(seconds);
        often.pass(seconds, step);
      }
      const energies = ['battery/energy', 'panel/energy', 'panel/unused', 'load/energy', 'loss/energy'] as const;
      return energies.every((variable) => near(once.read(variable), often.read(variable), 1e-6));
    }),
  );
  t.pass();
});

test('options at their ends give finite values', (t) => {
  const entries = Object.entries(solarBatteryOptions.properties);
  const extreme = fc.record(
    Object.fromEntries(
      entries.map(([name, schema]) => [name, fc.constantFrom(schema.minimum, schema.default, schema.maximum)]),
    ),
  );
  fc.assert(
    fc.property(extreme, fc.array(fc.constantFrom(1e-3, 600, 86_400)), (given, moments) => {
      const { plant, pass, state } = build(given);
      return moments.every((seconds, n) => {
        plant.drive('load', n % 2);
        pass(seconds);
        return state().every((value) => Number.isFinite(value) && value >= 0);
      });
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('the load takes what lies between 0 and 1, and nothing else has an effect', (t) => {
  const power = (value: number) => {
    const { plant, read } = build({ standby: 0, load: 10 });
    plant.drive('load', value);
    return read('load/power');
  };
  t.deepEqual([-1, 0, 0.5, 1, 7, Number.NaN].map(power), [0, 0, 5, 10, 10, 0]);
});

test('a variable or an actuator it has not got is refused by name', (t) => {
  const { plant } = build();
  t.throws(() => plant.read('air/radon'), { code: 'HYP_PLUGIN_INVALID', message: /air\/radon/ });
  t.throws(() => plant.drive('toString', 1), { code: 'HYP_PLUGIN_INVALID', message: /toString/ });
});

test('time that does not pass changes nothing', (t) => {
  const { plant, state } = build({}, SUMMER + 12 * HOUR_S * 1000);
  const before = state();
  for (const dt of [0, -5, Number.NaN]) plant.advance(dt, SUMMER + 12 * HOUR_S * 1000);
  t.deepEqual(state(), before);
});
