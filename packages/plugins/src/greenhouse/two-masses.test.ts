import test from 'ava';
import fc from 'fast-check';
import { stepTwoMasses, type TwoMasses } from './two-masses.js';

test('uncoupled, each follows its own exponential', (t) => {
  const masses: TwoMasses = { capacity: [1000, 5000], coupling: 0, loss: [10, 2] };
  const [first, second] = stepTwoMasses(masses, [20, 10], [10 * 5, 2 * 30], 100);
  t.true(Math.abs(first - (5 + 15 * Math.exp(-1))) < 1e-9);
  t.true(Math.abs(second - (30 - 20 * Math.exp(-0.04))) < 1e-9);
});

test('after a long time each is where its heat flows balance', (t) => {
  const masses: TwoMasses = { capacity: [2e5, 6e6], coupling: 72, loss: [120, 12] };
  const [a, b] = stepTwoMasses(masses, [-10, 40], [120 * 3 + 2000, 12 * 10], 1e9);
  t.true(Math.abs(120 * (3 - a) + 2000 + 72 * (b - a)) < 1e-6);
  t.true(Math.abs(12 * (10 - b) + 72 * (a - b)) < 1e-6);
});

const masses = fc.record({
  capacity: fc.tuple(fc.double({ min: 10, max: 1e8, noNaN: true }), fc.double({ min: 10, max: 1e8, noNaN: true })),
  coupling: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e4, noNaN: true })),
  loss: fc.tuple(fc.double({ min: 0.01, max: 1e4, noNaN: true }), fc.double({ min: 0.01, max: 1e4, noNaN: true })),
});
const temperature = fc.double({ min: -50, max: 80, noNaN: true });

test('two steps in a row are one step of their sum', (t) => {
  fc.assert(
    fc.property(
      masses,
      temperature,
      temperature,
      temperature,
      fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
      (m, a, b, o, s) => {
        const drives = [m.loss[0] * o, m.loss[1] * o] as const;
        const whole = stepTwoMasses(m, [a, b], drives, s);
        const halves = stepTwoMasses(m, stepTwoMasses(m, [a, b], drives, s * 0.4), drives, s * 0.6);
        return whole.every((value, i) => Math.abs(value - (halves[i] ?? NaN)) < 1e-6);
      },
    ),
  );
  t.pass();
});

test('without heating no step, however long, leaves the range of what was there', (t) => {
  fc.assert(
    fc.property(
      masses,
      temperature,
      temperature,
      temperature,
      fc.double({ min: 0, max: 1e7, noNaN: true }),
      (m, a, b, o, s) => {
        const [low, high] = [Math.min(a, b, o) - 1e-6, Math.max(a, b, o) + 1e-6];
        return stepTwoMasses(m, [a, b], [m.loss[0] * o, m.loss[1] * o], s).every(
          (value) => value >= low && value <= high,
        );
      },
    ),
  );
  t.pass();
});

test('agrees with a fine numerical integration', (t) => {
  const m: TwoMasses = { capacity: [2e5, 1e6], coupling: 70, loss: [150, 15] };
  const drives = [150 * 2 + 3000, 15 * 10] as const;
  let [a, b] = [12, 15];
  const h = 0.01;
  for (let i = 0; i < 100_000; i++) {
    const da = (drives[0] - m.loss[0] * a + m.coupling * (b - a)) / m.capacity[0];
    const db = (drives[1] - m.loss[1] * b + m.coupling * (a - b)) / m.capacity[1];
    a += h * da;
    b += h * db;
  }
  const exact = stepTwoMasses(m, [12, 15], drives, 1000);
  t.true(Math.abs(exact[0] - a) < 1e-3, `${exact[0]} and ${a}`);
  t.true(Math.abs(exact[1] - b) < 1e-3, `${exact[1]} and ${b}`);
});
