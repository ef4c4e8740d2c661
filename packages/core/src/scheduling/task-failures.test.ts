import test from 'ava';
import { hasCode } from '../errors/hyphae-error.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { ClockScheduler } from './clock-scheduler.js';

const bench = (lateness = 0) => {
  const clock = new VirtualClock({ lateness });
  return { clock, scheduler: new ClockScheduler(clock) };
};
const never = () => new Promise<void>(() => {});

test('a run past its deadline is aborted, counted and told; the next slot runs again', async (t) => {
  const { clock, scheduler } = bench();
  const told: unknown[] = [];
  const reasons: unknown[] = [];
  const task = scheduler.every(
    '1 s',
    async ({ signal }) => {
      await clock.sleep('1 h', { signal }).catch((reason: unknown) => {
        reasons.push(reason);
        throw reason;
      });
    },
    { name: 'gh1/air', phase: 0, deadline: '200 ms', onError: (error) => told.push(error) },
  );
  await clock.advance('2.5 s');
  t.is(task.metrics.runs, 2);
  t.is(task.metrics.failures, 2);
  t.is(task.metrics.overruns, 0);
  t.is(task.metrics.lastRunMs, 200);
  t.deepEqual(told, reasons);
  t.true(told.every((error) => hasCode(error, 'HYP_DEADLINE')));
  t.is((told[0] as Error).message, 'gh1/air did not end within 200 ms');
  t.deepEqual(clock.waiting, ['scheduler: gh1/air']);
});

test('work that ignores its deadline stays running and blocks nobody else', async (t) => {
  const { clock, scheduler } = bench();
  let others = 0;
  const stuck = scheduler.every('1 s', never, { name: 'stuck', phase: 0, deadline: '100 ms' });
  scheduler.every('1 s', () => others++, { name: 'other', phase: 0 });
  await clock.advance('10 s');
  t.is(others, 10);
  t.like(stuck.metrics, { runs: 1, failures: 1, overruns: 9 });
  t.is(scheduler.metrics.running, 1);
});

test('a run that ends in time leaves no deadline behind, and its signal does not abort', async (t) => {
  const { clock, scheduler } = bench();
  const signals: AbortSignal[] = [];
  const task = scheduler.every(
    '1 s',
    async ({ signal }) => {
      signals.push(signal);
      await clock.sleep('10 ms', { signal });
    },
    { name: 'quick', phase: 0, deadline: '500 ms' },
  );
  await clock.advance('5 s');
  await clock.run(task.idle());
  t.is(task.metrics.failures, 0);
  t.is(clock.waiting.length, 1);
  t.false(signals.some((signal) => signal.aborted));
});

test('a signal first looked at after the deadline is aborted already', async (t) => {
  const { clock, scheduler } = bench();
  const seen: unknown[] = [];
  scheduler.every(
    '1 s',
    async (tick) => {
      await clock.sleep('300 ms');
      seen.push(tick.signal.aborted, hasCode(tick.signal.reason, 'HYP_DEADLINE'), tick.signal === tick.signal);
    },
    { name: 'late look', phase: 0, deadline: '100 ms' },
  );
  await clock.advance('1.5 s');
  t.deepEqual(seen, [true, true, true]);
});

test('after a deadline the next run has a fresh signal', async (t) => {
  const { clock, scheduler } = bench();
  const aborted: boolean[] = [];
  let delay = 300;
  scheduler.every(
    '1 s',
    async ({ signal }) => {
      aborted.push(signal.aborted);
      await clock.sleep(delay);
      delay = 10;
    },
    { name: 'recovering', phase: 0, deadline: '100 ms' },
  );
  await clock.advance('3 s');
  t.deepEqual(aborted, [false, false, false]);
});

test('failures are told, counted and do not end the task, whether thrown or rejected', async (t) => {
  const { clock, scheduler } = bench();
  const told: unknown[] = [];
  const onError = (error: unknown) => {
    told.push((error as Error).message);
    throw new Error('swallowed');
  };
  const thrower = scheduler.every(
    '1 s',
    () => {
      throw new Error('thrown');
    },
    { name: 'thrower', phase: 0, onError },
  );
  const rejecter = scheduler.every('1 s', () => Promise.reject(new Error('rejected')), {
    name: 'rejecter',
    phase: 0,
    onError,
  });
  const foreign = { then: (_: unknown, reject: (error: unknown) => void) => reject(new Error('foreign')) };
  const thenable = scheduler.every('1 s', () => foreign, { name: 'thenable', phase: 0, onError });
  await clock.advance('2 s');
  t.deepEqual(told, ['thrown', 'rejected', 'foreign', 'thrown', 'rejected', 'foreign']);
  for (const task of [thrower, rejecter, thenable]) t.like(task.metrics, { runs: 2, failures: 2, overruns: 0 });
  t.is(scheduler.metrics.failures, 6);
  t.is(scheduler.metrics.running, 0);
});

test('after failures the grid is thinned up to its limit, and is full again after a success', async (t) => {
  const { clock, scheduler } = bench();
  const due: number[] = [];
  let broken = true;
  const task = scheduler.every(
    '1 s',
    ({ dueMs }) => {
      due.push(dueMs / 1000);
      if (broken) throw new Error('broken');
    },
    { name: 'flaky', phase: 0, backoff: { max: '10 s' } },
  );
  await clock.advance('40 s');
  t.deepEqual(due, [1, 3, 7, 15, 25, 35], 'every 2nd, 4th, 8th, then every 10th slot');
  t.is(task.metrics.backedOff, 34);
  t.is(task.metrics.runs + task.metrics.backedOff, 40);
  broken = false;
  await clock.advance('8 s');
  t.deepEqual(due.slice(6), [45, 46, 47, 48]);
  t.is(task.metrics.overruns, 0);
  t.is(task.metrics.backedOff, 40 + 8 - 10);
});

test('back-off begins at the slot of the run that failed, even when it failed late', async (t) => {
  const { clock, scheduler } = bench();
  const due: number[] = [];
  scheduler.every(
    '1 s',
    async ({ dueMs }) => {
      due.push(dueMs / 1000);
      await clock.sleep('1500 ms');
      throw new Error('slow and broken');
    },
    { name: 'slow', phase: 0, backoff: { max: '1 min' } },
  );
  await clock.advance('12 s');
  t.deepEqual(due, [1, 3, 7]);
});

test('a back-off shorter than two periods is none', async (t) => {
  const { clock, scheduler } = bench();
  let runs = 0;
  const task = scheduler.every('1 s', () => Promise.reject(new Error(`broken ${runs++}`)), {
    name: 'stubborn',
    phase: 0,
    backoff: { max: '1.9 s' },
  });
  await clock.advance('10 s');
  t.is(runs, 10);
  t.is(task.metrics.backedOff, 0);
});

test('running now is outside the grid and does not move it', async (t) => {
  const { clock, scheduler } = bench();
  const due: number[] = [];
  const task = scheduler.every('1 s', ({ dueMs }) => due.push(dueMs), { name: 'task', phase: 0 });
  await clock.advance(1300);
  await task.runNow();
  await clock.advance(1000);
  t.deepEqual(due, [1000, 1300, 2000]);
  t.is(task.metrics.runs, 3);
});

test('running now joins a run in progress and shares its failure', async (t) => {
  const { clock, scheduler } = bench();
  let runs = 0;
  const task = scheduler.every(
    '1 s',
    async () => {
      runs++;
      await clock.sleep(500);
      throw new Error('broken');
    },
    { name: 'task', phase: 0 },
  );
  await clock.advance(1200);
  const results = await clock.run(Promise.allSettled([task.runNow(), task.runNow()]));
  t.is(runs, 1);
  t.deepEqual(
    results.map((result) => result.status),
    ['rejected', 'rejected'],
  );
  await t.throwsAsync(clock.run(task.runNow()), { message: 'broken' });
  t.is(runs, 2);
  t.is(task.metrics.failures, 2);
});

test('running now rejects at the deadline, though the work goes on', async (t) => {
  const { clock, scheduler } = bench();
  const task = scheduler.every('1 h', never, { name: 'task', phase: 0, deadline: '100 ms' });
  const error = await t.throwsAsync(clock.run(task.runNow()));
  t.true(hasCode(error, 'HYP_DEADLINE'));
  t.is(clock.monotonic(), 100);
  t.true(hasCode(await t.throwsAsync(task.runNow()), 'HYP_DEADLINE'), 'the run in progress has failed already');
});

test('a success out of turn ends the back-off', async (t) => {
  const { clock, scheduler } = bench();
  const due: number[] = [];
  let broken = true;
  const task = scheduler.every(
    '1 s',
    ({ dueMs }) => {
      due.push(dueMs / 1000);
      if (broken) throw new Error('broken');
    },
    { name: 'flaky', phase: 0, backoff: { max: '1 h' } },
  );
  await clock.advance('8.5 s'); // ran at 1, 3 and 7; the next would be at 15
  broken = false;
  await task.runNow();
  await clock.advance('2 s');
  t.deepEqual(due, [1, 3, 7, 8.5, 9, 10]);
  t.is(task.metrics.backedOff, 5, '2, 4, 5, 6 and 8');
});

test('a signal first looked at after disposal is aborted already', async (t) => {
  const { clock, scheduler } = bench();
  let aborted: boolean | undefined;
  const task = scheduler.every(
    '1 s',
    async (tick) => {
      await clock.sleep('500 ms');
      aborted = tick.signal.aborted && hasCode(tick.signal.reason, 'HYP_DISPOSED');
    },
    { name: 'task', phase: 0 },
  );
  await clock.advance(1200);
  await clock.run(task[Symbol.asyncDispose]());
  t.true(aborted);
});
