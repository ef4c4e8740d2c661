import test from 'ava';
import fc from 'fast-check';
import type { Point } from './point.js';
import { Tail, type TailChannel } from './tail.js';

const channel = (): TailChannel => ({ firstInTail: 0, lastInTail: 0 });
/** More points than one chunk holds, so that chunks come and go. */
const MANY = 50_000;

test('a tail gives each channel its points in order of commit, whatever is taken away between', (t) => {
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ push: fc.integer({ min: 0, max: 2 }), times: fc.integer({ min: 1, max: 9_000 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ drop: fc.integer({ min: 0, max: 2 }), limit: fc.integer({ min: 1, max: 12_000 }) }),
    },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 2 ** 40 }), (steps, start) => {
      const tail = new Tail();
      const channels = [channel(), channel(), channel()];
      const model: Point[][] = [[], [], []];
      let q = start;
      for (const each of steps) {
        if ('push' in each) {
          for (let i = 0; i < each.times; i++, q++) {
            const value = q % 5 === 0 ? null : q / 4;
            tail.push(channels[each.push]!, q, q * 1_000, value ?? NaN, q % 8);
            model[each.push]!.push({ q, at: q * 1_000, value, code: q % 8 });
          }
        } else {
          const taken = tail.take(channels[each.drop]!, q, each.limit);
          const expected = model[each.drop]!.splice(0, each.limit);
          t.deepEqual(
            taken.q,
            expected.map((point) => point.q),
          );
          t.deepEqual(
            taken.value,
            expected.map(({ value }) => value ?? NaN),
          );
          if (taken.q.length > 0) tail.drop(channels[each.drop]!, taken.q);
        }
      }
      channels.forEach((each, i) => t.deepEqual(tail.between(each, -Infinity, Infinity), model[i]!));
      t.is(tail.length, model.flat().length);
    }),
    { numRuns: 40 },
  );
});

test('only numbers up to the given one are taken, and only times within the range are shown', (t) => {
  const tail = new Tail();
  const [a, b] = [channel(), channel()];
  for (let q = 1; q <= MANY; q++) tail.push(q % 2 === 0 ? a : b, q, q, q, 0);
  t.deepEqual(tail.take(a, 6, Infinity).q, [2, 4, 6]);
  t.deepEqual(tail.take(a, 1, Infinity).q, []);
  t.deepEqual(
    tail.between(b, 40_000, 40_004).map(({ q }) => q),
    [40_001, 40_003],
  );
});

test('a channel without points has none, also after its last one is gone', (t) => {
  const tail = new Tail();
  const [a, b] = [channel(), channel()];
  t.deepEqual(tail.take(a, Infinity, 10).q, []);
  tail.push(a, 7, 0, 1, 0);
  tail.drop(a, [7]);
  t.deepEqual(tail.between(a, -Infinity, Infinity), []);
  tail.push(b, 8, 0, 2, 0);
  tail.push(a, 9, 0, 3, 0);
  t.deepEqual(tail.take(a, Infinity, 10).value, [3]);
  t.is(tail.length, 2);
});

test('memory goes with the points, down to the piece that is being filled', (t) => {
  const tail = new Tail();
  const [a, b] = [channel(), channel()];
  for (let q = 1; q <= MANY; q++) tail.push(q % 2 === 0 ? a : b, q, q, q, 0);
  t.is(tail.chunks, 4);
  tail.drop(a, tail.take(a, Infinity, MANY).q);
  t.is(tail.chunks, 4, 'the other channel is in each of them');
  tail.drop(b, tail.take(b, Infinity, MANY / 4).q);
  t.is(tail.chunks, 3);
  tail.drop(b, tail.take(b, Infinity, MANY).q);
  t.is(tail.chunks, 1);
});
