import test from 'ava';
import fc from 'fast-check';
import { firstOrder } from './first-order.js';

const near = (a: number, b: number, scale = 1) => Math.abs(a - b) <= 1e-9 * Math.max(1, scale);

test('a store that leaks loses 63.2 % in one time constant', (t) => {
  t.true(near(firstOrder(1, 0, 1 / 300, 300).end, Math.exp(-1)));
});

test('without a leak it grows by its gain', (t) => {
  t.deepEqual(firstOrder(5, 2, 0, 10), { end: 25, mean: 15 });
});

const anyNumber = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const anyRate = fc.oneof(fc.constant(0), fc.double({ min: 1e-14, max: 10, noNaN: true }));

test('two steps in a row are one step of their sum', (t) => {
  fc.assert(
    fc.property(anyNumber, anyNumber, anyRate, fc.double({ min: 0, max: 1e5, noNaN: true }), (start, gain, rate, s) => {
      const whole = firstOrder(start, gain, rate, s);
      const first = firstOrder(start, gain, rate, s * 0.3);
      const second = firstOrder(first.end, gain, rate, s * 0.7);
      const scale = Math.abs(whole.end) + Math.abs(gain) * s;
      return near(second.end, whole.end, scale) && near(0.3 * first.mean + 0.7 * second.mean, whole.mean, 100 * scale);
    }),
  );
  t.pass();
});

test('what came in less what leaked is the change', (t) => {
  fc.assert(
    fc.property(
      anyNumber,
      anyNumber,
      anyRate,
      fc.double({ min: 1e-3, max: 1e4, noNaN: true }),
      (start, gain, rate, s) => {
        const { end, mean } = firstOrder(start, gain, rate, s);
        const flow = Math.abs(gain * s) + Math.abs(rate * mean * s) + Math.abs(start);
        return near(gain * s - rate * mean * s, end - start, 100 * flow);
      },
    ),
  );
  t.pass();
});
