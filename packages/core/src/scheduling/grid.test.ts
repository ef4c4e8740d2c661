import test from 'ava';
import fc from 'fast-check';
import { Grid } from './grid.js';

test('the first slot is the first one after the beginning', (t) => {
  t.is(new Grid(0, 1000, 0).due, 1000, 'a slot at the very beginning is not after it');
  t.is(new Grid(300, 1000, 0).due, 300);
  t.is(new Grid(300, 1000, 300).due, 1300);
  t.is(new Grid(300, 1000, 5000).due, 5300);
});

test('a step past missed slots tells how many there were', (t) => {
  const grid = new Grid(0, 1000, 0);
  t.is(grid.step(1000), 0);
  t.is(grid.due, 2000);
  t.is(grid.step(5400), 3, '3000, 4000 and 5000');
  t.is(grid.due, 6000);
  t.is(grid.step(7000), 0, 'a slot due this very moment is not missed');
  t.is(grid.due, 7000);
});

test('thinning leaves slots out, and counts them as they pass', (t) => {
  const grid = new Grid(0, 1000, 0);
  grid.step(1000);
  t.true(grid.thin(4));
  t.false(grid.thin(4));
  t.is(grid.due, 4000);
  t.is(grid.leftOut(1999), 0);
  t.is(grid.leftOut(2000), 1);
  t.is(grid.leftOut(3999), 2);
  grid.step(4000);
  t.is(grid.leftOut(4000), 2);
  t.is(grid.due, 5000);
});

test('restoring goes back to the next slot of the full grid', (t) => {
  const grid = new Grid(0, 1000, 0);
  t.false(grid.restore(0));
  grid.step(1000);
  grid.thin(9);
  t.true(grid.restore(3500));
  t.is(grid.due, 4000);
  t.is(grid.leftOut(3500), 2);
  t.is(grid.index, 4);
});

test('a hundred million slots later the grid has not drifted', (t) => {
  const grid = new Grid(0.3, 0.1, 0);
  grid.step(10_000_000);
  t.true(Math.abs(grid.due - 10_000_000) <= 0.1 + 1e-6);
  t.is(grid.due, 0.3 + grid.index * 0.1);
});

test('every slot is either stepped on, missed or left out, whatever happens', (t) => {
  const action = fc.record({ wait: fc.nat(5000), thin: fc.option(fc.nat(6)), restore: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 900 }), fc.nat(2000), fc.array(action), (period, base, actions) => {
      let now = 0;
      const grid = new Grid(base, period, now);
      const first = grid.index;
      let [stepped, missed] = [0, 0];
      for (const { wait, thin, restore } of actions) {
        now = Math.max(now + wait, grid.due);
        if (grid.due > now) throw new Error('stepped too early');
        stepped++;
        missed += grid.step(now);
        if (grid.due < now) throw new Error('the next slot is past');
        if (thin !== null) grid.thin(grid.index + thin);
        if (restore) grid.restore(now);
      }
      grid.restore(now);
      return grid.index - first === stepped + missed + grid.leftOut(now);
    }),
  );
  t.pass();
});
