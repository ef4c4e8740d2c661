import test from 'ava';
import fc from 'fast-check';
import { decodeBlock, encodeBlock, type PointColumns } from './block-codec.js';
import type { Point } from './point.js';

function columns(points: readonly Point[]): PointColumns {
  return {
    q: points.map(({ q }) => q),
    at: points.map(({ at }) => at),
    value: points.map(({ value }) => value ?? NaN),
    code: points.map(({ code }) => code),
  };
}

const encode = (points: readonly Point[]) => encodeBlock(columns(points), 0, points.length);

const decimal = fc
  .tuple(fc.integer({ min: -1e7, max: 1e7 }), fc.integer({ min: 0, max: 6 }))
  .map(([n, k]) => n / 10 ** k);
const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true });
const value = fc
  .oneof(decimal, anyDouble, fc.constantFrom(0, 5e-324, 1e308, -1e308, 2 ** 53, 2 ** 51, 0.1))
  .map((v) => v + 0);
const point = (v: fc.Arbitrary<number>) =>
  fc.record({
    gap: fc.integer({ min: 1, max: 1e6 }),
    at: fc.oneof(fc.integer({ min: 1.8e12, max: 1.9e12 }), fc.integer({ min: -(2 ** 51), max: 2 ** 51 })),
    value: fc.option(v, { freq: 8 }),
    code: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 7 })),
  });
const points = fc
  .oneof(fc.array(point(value), { minLength: 1 }), fc.array(point(decimal), { minLength: 1 }))
  .map((list) => {
    let q = 0;
    return list.map(({ gap, ...rest }) => ({ q: (q += gap), ...rest }));
  });

test('whatever is encoded is decoded to the same points, bit for bit', (t) => {
  fc.assert(
    fc.property(points, (list) => {
      t.deepEqual(decodeBlock(encode(list)), list);
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('the statistics are those of the points that are not bad', (t) => {
  fc.assert(
    fc.property(points, (list) => {
      const block = encode(list);
      const good = list.flatMap(({ value: v, code }) => (v === null || (code & 3) === 3 ? [] : [v]));
      t.is(block.n, list.length);
      t.is(block.valid, good.length);
      t.is(block.min, good.length > 0 ? Math.min(...good) : null);
      t.is(block.max, good.length > 0 ? Math.max(...good) : null);
      t.is(block.fromAt, Math.min(...list.map(({ at }) => at)));
      t.is(block.toAt, Math.max(...list.map(({ at }) => at)));
      t.is(block.qFrom, list[0]!.q);
      t.is(block.qTo, list.at(-1)!.q);
      t.true(Number.isFinite(block.sum));
    }),
  );
  t.pass();
});

test('a sensor of two decimals, once a second among ten, takes less than seven characters a reading', (t) => {
  const list = Array.from({ length: 1024 }, (_, i) => ({
    q: 5 + i * 10,
    at: 1.9e12 + i * 1000 + (i % 3),
    value: Math.round(2000 + 300 * Math.sin(i / 50)) / 100,
    code: 0,
  }));
  const { data, scale, quality, qStep, atStep } = encode(list);
  t.deepEqual([scale, quality, qStep, atStep], [100, 0, 10, 1000]);
  t.true(data.length < 7 * list.length, `${data.length / list.length}`);
});

test('a value that no power of ten makes whole keeps the block in plain numbers', (t) => {
  t.is(encode([{ q: 1, at: 0, value: 1 / 3, code: 0 }]).scale, null);
  t.is(encode([{ q: 1, at: 0, value: 1e300, code: 0 }]).scale, null);
  t.is(encode([{ q: 1, at: 0, value: 21, code: 0 }]).scale, 1);
  t.is(encode([{ q: 1, at: 0, value: null, code: 3 }]).scale, 1);
});

test('quality is stored by point only where it differs', (t) => {
  const list = [0, 6, 0].map((code, i) => ({ q: i + 1, at: i, value: i, code }));
  const block = encode(list);
  t.is(block.quality, null);
  t.deepEqual(decodeBlock(block), list);
  t.is(encode(list.map((p) => ({ ...p, code: 4 }))).quality, 4);
});
