import test from 'ava';
import { VirtualClock } from '@hyphae/core/testing';
import { hasCode } from '@hyphae/core';
import { Patience } from './patience.js';

test('declared I/O that never ends is named, with the timers that wait', async (t) => {
  const [clock, real] = [new VirtualClock(), new VirtualClock()];
  const patience = new Patience(clock, real, '8 s');
  clock.timer('next reading', '1 s', () => {});
  void clock.io(new Promise(() => {}), 'weather service');
  const failure = t.throwsAsync(patience.during(clock.advance('1 h')));
  await real.advance('7 s');
  t.deepEqual(real.waiting, ['patience'], 'it is not over yet');
  await real.advance('3 s');
  const error = await failure;
  t.true(hasCode(error, 'HYP_VIRTUAL_TIME'));
  t.regex(
    error?.message ?? '',
    /declared I\/O has not ended in 8 s of real time: weather service\. Waiting: next reading/,
  );
  t.deepEqual(real.waiting, []);
  await t.throwsAsync(patience.during(clock.advance('1 h')), { is: error }, 'nobody waits a second time');
});

test('much I/O, each piece of which ends, is no standstill, however long all of it takes', async (t) => {
  const [clock, real] = [new VirtualClock(), new VirtualClock()];
  const patience = new Patience(clock, real, '8 s');
  const ended = patience.during(
    clock.run(
      (async () => {
        for (let i = 0; i < 20; i++) await clock.io(real.sleep('5 s'));
        return 'done';
      })(),
    ),
  );
  for (let i = 0; i < 20; i++) await real.advance('5 s');
  t.is(await ended, 'done');
  t.deepEqual(real.waiting, [], 'and nothing is left behind');
});

test('what the work throws is passed on', async (t) => {
  const [clock, real] = [new VirtualClock(), new VirtualClock()];
  await t.throwsAsync(new Patience(clock, real, '8 s').during(Promise.reject(new Error('boom'))), { message: 'boom' });
  t.deepEqual(real.waiting, []);
});
