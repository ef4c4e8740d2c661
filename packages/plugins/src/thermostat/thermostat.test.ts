import test from 'ava';
import fc from 'fast-check';
import { thermostat } from './index.js';

type Mode = 'heat' | 'cool';

/** Steps through the temperatures and returns what heater and cooler are told. */
function run(mode: Mode, temperatures: readonly number[], { setpoint = 21, band = 1 } = {}) {
  let state = thermostat.initial;
  return temperatures.map((value, i) => {
    const result = thermostat.step(state, {
      inputs: { air: { value, at: i } },
      options: { setpoint, band, mode },
      at: i,
      elapsedMs: 10_000,
    });
    state = result.state;
    return result.outputs;
  });
}

test('heating starts below the band and ends above it', (t) => {
  const heater = run('heat', [21, 20.6, 20.4, 20.6, 21.4, 21.6, 21.4, 20.6, 20.4]).map((o) => o?.heater);
  t.deepEqual(heater, [0, 0, 1, 1, 1, 0, 0, 0, 1]);
});

test('cooling starts above the band and ends below it', (t) => {
  const cooler = run('cool', [21, 21.4, 21.6, 21.4, 20.6, 20.4, 20.6, 21.4, 21.6]).map((o) => o?.cooler);
  t.deepEqual(cooler, [0, 0, 1, 1, 1, 0, 0, 0, 1]);
});

test('exactly on an edge it goes on with what it was doing', (t) => {
  t.deepEqual(
    run('heat', [20.5, 20.4, 21.5, 21.6, 20.5]).map((o) => o?.heater),
    [0, 1, 1, 0, 0],
  );
  t.deepEqual(
    run('cool', [21.5, 21.6, 20.5, 20.4, 21.5]).map((o) => o?.cooler),
    [0, 1, 1, 0, 0],
  );
});

test('the output of the other mode is kept off', (t) => {
  t.deepEqual(run('heat', [10, 30]), [
    { heater: 1, cooler: 0 },
    { heater: 0, cooler: 0 },
  ]);
  t.deepEqual(run('cool', [10, 30]), [
    { heater: 0, cooler: 0 },
    { heater: 0, cooler: 1 },
  ]);
});

test('0 °C is a temperature and a setpoint like any other', (t) => {
  t.deepEqual(
    run('heat', [0, -0.6, 0, 0.6], { setpoint: 0 }).map((o) => o?.heater),
    [0, 1, 1, 0],
  );
});

test('a step changes nothing but what it returns', (t) => {
  const state = Object.freeze({ on: false });
  const step = { inputs: { air: { value: 5, at: 0 } }, options: { setpoint: 21, band: 1, mode: 'heat' as const } };
  t.deepEqual(thermostat.step(state, { ...step, at: 0, elapsedMs: 0 }).state, { on: true });
  t.false(state.on);
});

test('whatever the temperatures, it heats below the band, is off above it, and switches only outside', (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom<Mode>('heat', 'cool'),
      fc.double({ min: -50, max: 100, noNaN: true }),
      fc.double({ min: 0.01, max: 20, noNaN: true }),
      fc.array(fc.double({ min: -60, max: 120, noNaN: true }), { minLength: 2, maxLength: 60 }),
      (mode, setpoint, band, temperatures) => {
        const active = run(mode, temperatures, { setpoint, band }).map(
          (o) => o?.[mode === 'heat' ? 'heater' : 'cooler'],
        );
        const sign = mode === 'heat' ? 1 : -1;
        return temperatures.every((value, i) => {
          const lack = sign * (setpoint - value);
          if (lack > band / 2) return active[i] === 1;
          if (lack < -band / 2) return active[i] === 0;
          return active[i] === (active[i - 1] ?? 0);
        });
      },
    ),
  );
  t.pass();
});
