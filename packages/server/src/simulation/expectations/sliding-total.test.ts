import test from 'ava';
import fc from 'fast-check';
import { SlidingTotal } from './sliding-total.js';

/** When the total of the last `window` ms rises above `limit`, by adding it up anew for every millisecond. */
function bruteForce(states: readonly boolean[], window: number, limit: number): number[] {
  const times: number[] = [];
  let wasOver = false;
  for (let end = 1; end <= states.length; end++) {
    const total = states.slice(Math.max(end - window, 0), end).filter(Boolean).length;
    const isOver = total > limit;
    // Whole milliseconds: what is over by one at the end of this one was at the limit at its beginning.
    if (isOver && !wasOver) times.push(end - 1);
    wasOver = isOver;
  }
  return times;
}

const states = fc
  .array(fc.record({ on: fc.boolean(), length: fc.integer({ min: 1, max: 12 }) }), { maxLength: 40 })
  .map((runs) => runs.flatMap(({ on, length }) => Array.from({ length }, () => on)));

test('the total goes over the limit when adding it up for every moment says so', (t) => {
  fc.assert(
    fc.property(
      states,
      fc.integer({ min: 2, max: 40 }),
      fc.nat(),
      fc.array(fc.nat(400), { maxLength: 20 }),
      (states, window, rest, cuts) => {
        const limit = rest % window;
        const times: number[] = [];
        const total = new SlidingTotal(window, limit, (at) => times.push(at));
        // Pieces end where the state changes, and anywhere in between.
        let from = 0;
        for (let to = 1; to <= states.length; to++) {
          if (to < states.length && states[to] === states[to - 1] && !cuts.includes(to)) continue;
          total.piece(from, to, states[from] === true);
          from = to;
        }
        t.deepEqual(times, bruteForce(states, window, limit));
      },
    ),
    { numRuns: 500 },
  );
});

test('what is past the window is forgotten', (t) => {
  const total = new SlidingTotal(100, 99, () => t.fail());
  for (let at = 0; at < 100_000; at += 10) {
    total.piece(at, at + 4, true);
    total.piece(at + 4, at + 10, false);
    t.true(total.intervals <= 11);
  }
});

test('however many pieces it is on without a break, that is one interval', (t) => {
  const total = new SlidingTotal(1_000, 100, () => {});
  for (let at = 0; at < 900; at++) total.piece(at, at + 1, true);
  t.is(total.intervals, 1);
});

test('too many intervals become fewer ones of the same total', (t) => {
  const times: number[] = [];
  const total = new SlidingTotal(1_000_000, 500, (at) => times.push(at), 8);
  for (let at = 0; at < 20_000; at += 10) {
    total.piece(at, at + 1, true);
    total.piece(at + 1, at + 10, false);
    t.true(total.intervals <= 8);
  }
  t.deepEqual(times, [5_000]);
});

test('of intervals that become one, only what is still within the window counts', (t) => {
  const times: number[] = [];
  const total = new SlidingTotal(100, 20, (at) => times.push(at), 2);
  total.piece(0, 10, true);
  total.piece(10, 90, false);
  total.piece(90, 95, true);
  total.piece(95, 105, false);
  total.piece(105, 106, true); // three intervals, and half of the first is past
  total.piece(106, 200, false); // both are past
  total.piece(200, 240, true);
  t.deepEqual(times, [220]);
});
