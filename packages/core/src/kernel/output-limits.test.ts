import test from 'ava';
import { LimitKeeper } from './output-limits.js';

const MINUTE = 60_000;

test('a rate counts switchings of the last hour, and the oldest makes room', (t) => {
  const limits = new LimitKeeper({ maxSwitchesPerHour: 2 });
  for (const at of [0, 10 * MINUTE]) {
    t.true(limits.turnOn(at).allowed);
    limits.switchedOn(at);
    limits.switchedOff(at + MINUTE, false);
  }
  t.deepEqual(limits.turnOn(20 * MINUTE), {
    allowed: false,
    why: 'it was switched 2 times within the hour',
    againInMs: 40 * MINUTE,
  });
  t.true(limits.turnOn(60 * MINUTE).allowed);
  limits.switchedOn(60 * MINUTE);
  limits.switchedOff(61 * MINUTE, false);
  t.false(limits.turnOn(62 * MINUTE).allowed);
});

test('after maxOn it rests for minOff, or for a minute where there is none', (t) => {
  for (const [minOff, restMs] of [
    [undefined, MINUTE],
    ['5 min', 5 * MINUTE],
  ] as const) {
    const limits = new LimitKeeper({ maxOn: '10 min', ...(minOff && { minOff }) });
    limits.switchedOn(0);
    t.deepEqual(limits.stayOn(9 * MINUTE), { allowed: true, againInMs: MINUTE });
    t.false(limits.stayOn(10 * MINUTE).allowed);
    limits.switchedOff(10 * MINUTE, true);
    t.is(limits.turnOn(10 * MINUTE).againInMs, restMs);
    t.false(limits.turnOn(10 * MINUTE + restMs - 1).allowed);
    t.true(limits.turnOn(10 * MINUTE + restMs).allowed);
  }
});

test('what has to be remembered outlives a restart of the process', (t) => {
  const limits = { maxOn: '10 min', minOff: '5 min', maxSwitchesPerHour: 1 } as const;
  const first = new LimitKeeper(limits);
  first.switchedOn(0);
  first.switchedOff(10 * MINUTE, true);
  const memory = first.remember(1_000_000);
  // The new process has another monotonic clock: it began 12 minutes later.
  const second = new LimitKeeper(limits);
  t.false(second.recall(memory, 0, 1_000_000 + 12 * MINUTE));
  t.regex(refusal(second, 0), /rests for 3 min/);
  t.regex(refusal(second, 3 * MINUTE), /switched 1 times within the hour/);
  t.true(second.turnOn(48 * MINUTE).allowed);
});

test('one that was on when the process ended may still be on: its time goes on', (t) => {
  const first = new LimitKeeper({ maxOn: '10 min', minOff: '1 min' });
  first.switchedOn(2 * MINUTE);
  const second = new LimitKeeper({ maxOn: '10 min', minOff: '1 min' });
  t.true(second.recall(first.remember(0), 0, 8 * MINUTE), 'on since 6 min before');
  t.deepEqual(second.stayOn(0), { allowed: true, againInMs: 4 * MINUTE });
  second.switchedOff(0, false);
  t.is(second.turnOn(0).againInMs, MINUTE);
});

test('a time in the future counts as now', (t) => {
  const first = new LimitKeeper({ minOff: '5 min', maxOn: '1 h', maxSwitchesPerHour: 1 });
  first.switchedOn(0);
  first.switchedOff(MINUTE, true);
  const second = new LimitKeeper({ minOff: '5 min', maxOn: '1 h', maxSwitchesPerHour: 1 });
  second.recall(first.remember(100 * MINUTE), 0, 0); // the wall clock was set back
  t.is(second.turnOn(0).againInMs, 5 * MINUTE);
  t.is(second.turnOn(5 * MINUTE).againInMs, 55 * MINUTE);
});

function refusal(limits: LimitKeeper, now: number): string {
  const verdict = limits.turnOn(now);
  return verdict.allowed ? 'allowed' : verdict.why;
}
