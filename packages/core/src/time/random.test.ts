import test from 'ava';
import fc from 'fast-check';
import { SeededRandom } from './random.js';

test('seed 42 gives the published sequence of mulberry32', (t) => {
  const random = new SeededRandom(42);
  t.deepEqual(
    [random.next(), random.next(), random.next()],
    [0.6011037519201636, 0.44829055899754167, 0.8524657934904099],
  );
});

test('one seed gives one sequence, and seeds are 32 bits', (t) => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const [a, b] = [new SeededRandom(seed), new SeededRandom(seed >>> 0)];
      return a.next() === b.next() && a.normal() === b.normal() && a.next() === b.next();
    }),
  );
  t.pass();
});

test('numbers lie in [0, 1) and spread evenly', (t) => {
  const random = new SeededRandom(7);
  const bins = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) {
    const value = random.next();
    if (!(value >= 0 && value < 1)) t.fail(`${value} is outside`);
    const bin = Math.floor(value * 10);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  for (const count of bins)
    t.true(Math.abs(count - 10_000) < 400, `${count} of 10000 in a bin, 4 standard deviations allowed`);
});

test('normal numbers have mean 0 and standard deviation 1', (t) => {
  const random = new SeededRandom(7);
  let [sum, squares] = [0, 0];
  for (let i = 0; i < 100_000; i++) {
    const value = random.normal();
    sum += value;
    squares += value * value;
  }
  t.true(Math.abs(sum / 100_000) < 0.013);
  t.true(Math.abs(squares / 100_000 - 1) < 0.018);
});

test('a fork depends on the seed and its name, not on how far its parent has come', (t) => {
  const [fresh, used] = [new SeededRandom(42), new SeededRandom(42)];
  for (let i = 0; i < 10; i++) used.next();
  t.is(fresh.fork('air').next(), used.fork('air').next());
  t.is(fresh.fork('air').next(), 0.4959815645124763);
  t.not(fresh.fork('air').next(), fresh.fork('soil').next());
  t.not(fresh.fork('air').next(), new SeededRandom(43).fork('air').next());
});

test('forking does not disturb the parent', (t) => {
  const [plain, forked] = [new SeededRandom(42), new SeededRandom(42)];
  for (const name of ['a', 'b', 'c']) forked.fork(name).next();
  t.is(plain.next(), forked.next());
});

test('forks of like names are not alike', (t) => {
  const first = Array.from({ length: 1000 }, (_, i) => new SeededRandom(1).fork(`gh1/sensor${i}`).next());
  t.is(new Set(first).size, 1000);
  const mean = first.reduce((sum, value) => sum + value, 0) / 1000;
  t.true(Math.abs(mean - 0.5) < 0.04, `mean ${mean}, 4 standard deviations allowed`);
});
