import test from 'ava';
import { hasCode } from '../errors/hyphae-error.js';
import { Lifetime } from '../lifetime/lifetime.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { acquire } from './acquire.js';
import { within } from './within.js';

test('work that ends in time gives its value or its failure, and leaves no timer', async (t) => {
  const clock = new VirtualClock();
  t.is(await within(clock, 'a', '1 s', () => 7), 7);
  const failure = new Error('no');
  t.is(await t.throwsAsync(within(clock, 'a', '1 s', () => Promise.reject(failure))), failure);
  t.deepEqual(clock.waiting, []);
});

test('what comes after the deadline is handed over to be put away, once', async (t) => {
  const clock = new VirtualClock();
  const late: string[] = [];
  const slow = within(
    clock,
    'a door',
    '1 s',
    () => clock.sleep('3 s').then(() => 'door'),
    (value) => late.push(value),
  );
  t.true(hasCode(await t.throwsAsync(clock.run(slow)), 'HYP_DEADLINE'));
  t.deepEqual(late, []);
  await clock.advance('5 s');
  t.deepEqual(late, ['door']);
});

test('a failure after the deadline, or while putting away, disturbs nobody', async (t) => {
  const clock = new VirtualClock();
  const failing = () => clock.sleep('2 s').then(() => Promise.reject(new Error('late')));
  await t.throwsAsync(clock.run(within(clock, 'a', '1 s', failing)));
  const clumsy = within(
    clock,
    'b',
    '1 s',
    () => clock.sleep('2 s'),
    () => Promise.reject(new Error('dropped')),
  );
  await t.throwsAsync(clock.run(clumsy));
  await clock.advance('5 s'); // an unhandled rejection would fail the run
  t.pass();
});

test('the end of a lifetime ends the wait at once, with its reason, and what comes later is put away', async (t) => {
  const clock = new VirtualClock();
  const life = new Lifetime('over');
  const late: number[] = [];
  const slow = within(
    clock,
    'a',
    '1 min',
    () => clock.sleep('3 s').then(() => 7),
    (value) => late.push(value),
    life,
  );
  await life[Symbol.asyncDispose]();
  t.true(hasCode(await t.throwsAsync(slow), 'HYP_DISPOSED'));
  t.is(clock.monotonic(), 0);
  await clock.advance('5 s');
  t.deepEqual(late, [7]);
  let ran = false;
  await t.throwsAsync(
    within(clock, 'a', '1 s', () => (ran = true), undefined, life),
    { code: 'HYP_DISPOSED' },
  );
  t.false(ran, 'nothing is begun after the end');
});

test('something acquired for a lifetime that ends meanwhile is kept before the end or put away, never neither', async (t) => {
  let refusals = 0;
  for (let turns = 0; turns < 10; turns++) {
    const clock = new VirtualClock();
    const life = new Lifetime('a');
    const kept: boolean[] = [];
    const away: number[] = [];
    let open: (value: number) => void = () => {};
    const acquiring = acquire(clock, life, {
      what: 'a',
      deadline: '10 s',
      work: () => new Promise<number>((resolve) => (open = resolve)),
      keep: () => kept.push(life.ended),
      putAway: (value) => away.push(value),
    });
    const outcome = acquiring.catch((error: unknown) => hasCode(error, 'HYP_DISPOSED') && 'refused');
    await clock.advance('1 s');
    // The end comes so many steps of a promise after the value.
    open(7);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    void life[Symbol.asyncDispose]();
    await clock.advance('2 s');
    const refused = (await outcome) === 'refused';
    t.deepEqual({ kept, away }, refused ? { kept: [], away: [7] } : { kept: [false], away: [] }, `${turns} turns`);
    if (refused) refusals++;
    t.deepEqual(clock.waiting, []);
  }
  t.true(refusals > 0 && refusals < 10);
});
