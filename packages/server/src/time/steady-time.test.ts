import test from 'ava';
import { VirtualClock } from '@hyphae/core/testing';
import { SteadyTime } from './steady-time.js';

const HOUR = 3_600_000;

test('a clock that only runs, or is slewed, is believed', async (t) => {
  const clock = new VirtualClock();
  const time = new SteadyTime(clock);
  await clock.advance('30 d');
  t.is(time.now(), clock.now());
  clock.setWallClock(clock.now() + 1_000);
  t.is(time.now(), clock.now());
});

test('a step forward is not believed before it has stood for a day', async (t) => {
  const clock = new VirtualClock();
  const start = clock.now();
  const time = new SteadyTime(clock);
  clock.setWallClock(start + 10 * 365 * 24 * HOUR);
  t.is(time.now(), start);
  t.true(time.doubtful);
  await clock.advance('23 h');
  t.is(time.now(), start + 23 * HOUR);
  await clock.advance('1 h');
  t.is(time.now(), clock.now());
  t.false(time.doubtful);
});

test('a step that is taken back leaves nothing', async (t) => {
  const clock = new VirtualClock();
  const start = clock.now();
  const time = new SteadyTime(clock);
  clock.setWallClock(start + 48 * HOUR);
  time.now();
  await clock.advance('1 h');
  clock.setWallClock(start + HOUR);
  t.is(time.now(), start + HOUR);
  clock.setWallClock(start + 48 * HOUR);
  time.now();
  await clock.advance('23 h');
  t.is(time.now(), start + 24 * HOUR, 'the day begins anew');
});

test('a step back counts at once', (t) => {
  const clock = new VirtualClock();
  const time = new SteadyTime(clock);
  clock.setWallClock(clock.now() - 48 * HOUR);
  t.is(time.now(), clock.now());
});
