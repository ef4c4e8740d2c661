import test from 'ava';
import { hasCode } from '../errors/hyphae-error.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { SeededRandom } from '../time/random.js';
import { ClockScheduler } from './clock-scheduler.js';
import type { Tick } from './scheduler.js';

const bench = (lateness = 0) => {
  const clock = new VirtualClock({ lateness });
  return { clock, scheduler: new ClockScheduler(clock) };
};

test('a task runs at whole periods, first one period from now when aligned', async (t) => {
  const { clock, scheduler } = bench();
  await clock.advance(250);
  const runs: Pick<Tick, 'at' | 'dueMs'>[] = [];
  scheduler.every('1 s', ({ at, dueMs }) => runs.push({ at: at - clock.now(), dueMs }), {
    name: 'steady',
    phase: 'aligned',
  });
  await clock.advance('3.5 s');
  t.deepEqual(
    runs,
    [1250, 2250, 3250].map((dueMs) => ({ at: 0, dueMs })),
  );
});

test('a phase is an offset from the scheduler’s start', async (t) => {
  const { clock, scheduler } = bench();
  await clock.advance('10 s');
  const due: number[] = [];
  scheduler.every('1 s', ({ dueMs }) => due.push(dueMs), { name: 'a', phase: '300 ms' });
  scheduler.every('1 s', ({ dueMs }) => due.push(dueMs), { name: 'b', phase: '2.7 s' });
  await clock.advance('2 s');
  t.deepEqual(due, [10_300, 10_700, 11_300, 11_700]);
});

test('phases spread by name are always the same and fill the period evenly', async (t) => {
  const spread = async (random?: SeededRandom) => {
    const clock = new VirtualClock();
    const scheduler = new ClockScheduler(clock, random ? { random } : {});
    const due: number[] = [];
    for (let i = 0; i < 10_000; i++) scheduler.every('1 s', ({ dueMs }) => due.push(dueMs), { name: `gh1/sensor${i}` });
    await clock.advance(1000);
    return due;
  };
  const due = await spread();
  t.is(due.length, 10_000);
  const perMs = new Map<number, number>();
  for (const at of due) perMs.set(at, (perMs.get(at) ?? 0) + 1);
  t.true(perMs.size > 990, `${perMs.size} of 1000 milliseconds used`);
  t.true(Math.max(...perMs.values()) < 30, 'ten are due in a millisecond on average, never thirty');
  t.deepEqual(await spread(), due);
  t.notDeepEqual(await spread(new SeededRandom(1)), due, 'another seed spreads differently');
});

test('a task does not drift, however late its timers are', async (t) => {
  const { clock, scheduler } = bench(5);
  const due: number[] = [];
  const task = scheduler.every('1 s', ({ dueMs }) => due.push(clock.monotonic() - dueMs), { name: 'steady', phase: 0 });
  await clock.advance('86400.5 s');
  t.is(due.length, 86_400);
  t.true(due.every((late) => late === 5));
  t.is(task.metrics.lastLatenessMs, 5);
  t.is(scheduler.metrics.latenessMs.p99, 5);
});

test('a run that takes too long costs slots, which are counted; runs never overlap or queue', async (t) => {
  const { clock, scheduler } = bench();
  const due: number[] = [];
  const task = scheduler.every(
    '1 s',
    async ({ dueMs }) => {
      due.push(dueMs);
      await clock.sleep('2500 ms');
    },
    { name: 'slow', phase: 0 },
  );
  await clock.advance('10 s');
  t.deepEqual(due, [1_000, 4_000, 7_000, 10_000]);
  t.is(task.metrics.overruns, 6);
  t.is(scheduler.metrics.overruns, 6);
  t.is(scheduler.metrics.running, 1);
  await clock.run(task.idle());
  t.is(scheduler.metrics.running, 0);
  t.is(task.metrics.lastRunMs, 2500);
  t.is(task.metrics.totalRunMs, 10_000);
});

test('a process that was held up runs each task once, and counts the slots it was too late for', async (t) => {
  const { clock, scheduler } = bench();
  let [runs, held] = [0, false];
  const task = scheduler.every('1 s', () => runs++, { name: 'fast', phase: 0 });
  const late = new VirtualClock({ lateness: () => (held ? 3500 : 0) });
  const lateScheduler = new ClockScheduler(late);
  let lateRuns = 0;
  const lateTask = lateScheduler.every('1 s', () => lateRuns++, { name: 'late', phase: 0 });
  await clock.advance('10 s');
  t.is(runs, 10);
  t.is(task.metrics.overruns, 0);
  await late.advance('1500 ms');
  held = true;
  await late.advance('1 s'); // armed for 3000 at 2000, 3.5 s late
  held = false;
  await late.advance('7500 ms');
  t.is(lateTask.metrics.runs + lateTask.metrics.overruns, 10);
  t.is(lateTask.metrics.overruns, 3, 'due 3000, woken at 6500: 4000, 5000 and 6000 are past');
  t.is(lateTask.metrics.maxLatenessMs, 3500);
  t.is(lateRuns, 7);
});

test('a step of the wall clock moves timestamps but not the grid', async (t) => {
  const { clock, scheduler } = bench();
  const at: number[] = [];
  scheduler.every('1 min', (tick) => at.push(tick.at), { name: 'count', phase: 0 });
  await clock.advance('5 min');
  clock.setWallClock('2001-01-01T00:00:00Z');
  await clock.advance('5 min');
  t.is(at.length, 10);
  t.is(new Date(at[9] ?? 0).toISOString(), '2001-01-01T00:05:00.000Z');
});

test('in one millisecond the higher priority goes first, then the older task', async (t) => {
  const { clock, scheduler } = bench();
  const order: string[] = [];
  for (const [name, priority] of [
    ['low', -1],
    ['first', 0],
    ['high', 5],
    ['second', 0],
  ] as const) {
    scheduler.every('1 s', () => order.push(name), { name, priority, phase: 0 });
  }
  await clock.advance('2 s');
  t.deepEqual(order, ['high', 'first', 'second', 'low', 'high', 'first', 'second', 'low']);
});

test('disposing a task cancels what is due, aborts its run and waits for it', async (t) => {
  const { clock, scheduler } = bench();
  const log: string[] = [];
  const task = scheduler.every(
    '1 s',
    async ({ signal }) => {
      try {
        await clock.sleep('1 h', { signal });
      } catch (reason) {
        log.push(hasCode(reason, 'HYP_DISPOSED') ? 'told to stop' : 'something else');
        await clock.sleep('300 ms');
        log.push('stopped');
        throw reason;
      }
    },
    { name: 'task', phase: 0, onError: () => log.push('failure') },
  );
  await clock.advance(1500);
  const ending = task[Symbol.asyncDispose]();
  t.is(task[Symbol.asyncDispose](), ending, 'ending twice is ending once');
  await clock.run(ending);
  t.deepEqual(log, ['told to stop', 'stopped']);
  t.is(clock.monotonic(), 1800);
  t.is(task.metrics.failures, 0, 'what fails because it was told to stop has not failed');
  t.is(scheduler.metrics.tasks, 0);
  t.deepEqual(clock.waiting, []);
  t.true(hasCode(await t.throwsAsync(task.runNow()), 'HYP_DISPOSED'));
});

test('a task may be disposed by one that runs in the same millisecond', async (t) => {
  const { clock, scheduler } = bench();
  const log: string[] = [];
  scheduler.every('1 s', () => (log.push('a'), void b[Symbol.asyncDispose]()), { name: 'a', phase: 0 });
  const b = scheduler.every('1 s', () => log.push('b'), { name: 'b', phase: 0 });
  await clock.advance('2 s');
  t.deepEqual(log, ['a', 'a']);
});

test('disposing the scheduler ends all tasks and takes no new ones', async (t) => {
  const { clock, scheduler } = bench();
  let ended = 0;
  for (let i = 0; i < 10; i++) {
    scheduler.every('1 s', () => clock.sleep(500 + i).then(() => ended++), { name: `task ${i}`, phase: 0 });
  }
  await clock.advance(1100);
  await clock.run(scheduler[Symbol.asyncDispose]());
  t.is(ended, 10);
  t.deepEqual(clock.waiting, []);
  t.true(
    hasCode(
      t.throws(() => scheduler.every('1 s', () => {}, { name: 'late' })),
      'HYP_DISPOSED',
    ),
  );
});

test('all tasks stand on one timer of the clock', async (t) => {
  const { clock, scheduler } = bench();
  for (let i = 0; i < 1000; i++) scheduler.every('1 s', () => {}, { name: `task ${i}`, deadline: '100 ms' });
  t.is(clock.waiting.length, 1);
  await clock.advance('2 s');
  t.is(clock.waiting.length, 1);
});

test('a period of no length, of next to none, or none at all, is refused', (t) => {
  const { clock, scheduler } = bench();
  for (const period of [0, 5e-324, 1e-9, -1, NaN]) {
    t.true(
      hasCode(
        t.throws(() => scheduler.every(period, () => {}, { name: 'bad' })),
        'HYP_DURATION',
      ),
    );
  }
  t.is(scheduler.metrics.tasks, 0);
  t.deepEqual(clock.waiting, []);
});

test('a scheduler that is behind lets others go on between two batches of runs', async (t) => {
  let spent = 0;
  class BusyClock extends VirtualClock {
    override monotonic(): number {
      return super.monotonic() + spent;
    }
  }
  const clock = new BusyClock();
  const scheduler = new ClockScheduler(clock);
  const log: string[] = [];
  for (let i = 0; i < 6; i++) {
    scheduler.every(
      '1 h',
      () => {
        if (i === 0) clock.timer('other', 0, () => log.push('other'));
        log.push(`${i}`);
        spent += 2;
      },
      { name: `task ${i}`, phase: '1 s' },
    );
  }
  await clock.advance('1 s');
  t.deepEqual(log, ['0', '1', '2', 'other', '3', '4', '5']);
});

test('tasks made and ended from within a run take effect', async (t) => {
  const { clock, scheduler } = bench();
  const due: number[] = [];
  const outer = scheduler.every(
    '1 s',
    () => {
      scheduler.every('100 ms', ({ dueMs }) => due.push(dueMs), { name: 'inner', phase: 'aligned' });
      void outer[Symbol.asyncDispose]();
    },
    { name: 'outer', phase: 0 },
  );
  await clock.advance('1.3 s');
  t.deepEqual(due, [1100, 1200, 1300]);
});

test('a period below a millisecond runs once a millisecond and counts the rest', async (t) => {
  const { clock, scheduler } = bench();
  const task = scheduler.every(0.25, () => {}, { name: 'eager', phase: 0 });
  await clock.advance(100);
  const { runs, overruns } = task.metrics;
  t.true(runs >= 100 && runs <= 200, `${runs} runs`);
  t.true(Math.abs(runs + overruns - 400) <= 1);
});
