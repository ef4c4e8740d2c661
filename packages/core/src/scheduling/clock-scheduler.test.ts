import test from 'ava';
import fc from 'fast-check';
import { hasCode } from '../errors/hyphae-error.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { SeededRandom } from '../time/random.js';
import { ClockScheduler } from './clock-scheduler.js';
import type { Tick } from './scheduler.js';

const bench = (lateness = 0) => {
  const clock = new VirtualClock({ lateness });
  return { clock, scheduler: new ClockScheduler(clock) };
};
const never = () => new Promise<void>(() => {});

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

test('a period of no length, or none at all, is refused', (t) => {
  const { clock, scheduler } = bench();
  for (const period of [0, -1, NaN]) {
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

test('no slot is lost, none runs early, twice or beside another, whatever the load', async (t) => {
  const taskShape = fc.record({
    period: fc.integer({ min: 5, max: 400 }),
    phase: fc.oneof(fc.constantFrom('spread' as const, 'aligned' as const), fc.nat(1000)),
    takes: fc.nat(700),
    failing: fc.boolean(),
    deadline: fc.option(fc.integer({ min: 1, max: 500 })),
    backoff: fc.option(fc.integer({ min: 1, max: 3000 })),
    priority: fc.integer({ min: -2, max: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(taskShape, { maxLength: 8 }), fc.nat(), async (shapes, seed) => {
      const random = new SeededRandom(seed);
      const clock = new VirtualClock({ lateness: () => Math.floor(random.next() * 20) });
      const scheduler = new ClockScheduler(clock, { random });
      const total = { runs: 0, failures: 0, overruns: 0 };
      const tasks = shapes.map((shape, i) => {
        let running = 0;
        const due: number[] = [];
        const task = scheduler.every(
          shape.period,
          async ({ dueMs, signal }) => {
            if (++running > 1) throw new Error('overlapped');
            if (clock.monotonic() < dueMs) throw new Error('early');
            due.push(dueMs);
            try {
              await clock.sleep(random.next() * shape.takes, { signal });
              if (shape.failing && random.next() < 0.5) throw new Error('failed');
            } finally {
              running--;
            }
          },
          {
            name: `task ${i}`,
            phase: shape.phase,
            priority: shape.priority,
            ...(shape.deadline === null ? {} : { deadline: shape.deadline }),
            ...(shape.backoff === null ? {} : { backoff: { max: shape.backoff } }),
            onError: (error) => {
              const { message } = error as Error;
              if (message === 'overlapped' || message === 'early') t.fail(message);
            },
          },
        );
        return { task, due, period: shape.period };
      });
      await clock.advance('5 s');
      for (const { task, due, period } of tasks) {
        const { runs, failures, overruns, backedOff } = task.metrics;
        t.is(due.length, runs);
        t.true(failures <= runs);
        const base = (due[0] ?? 0) % period;
        for (const [i, at] of due.entries()) {
          t.is(at % period, base, 'off the grid');
          t.true(i === 0 || at > (due[i - 1] ?? 0), 'a slot ran twice');
        }
        const passed = Math.floor((clock.monotonic() - base) / period) + (base === 0 ? 0 : 1);
        // A slot may be on its way: due, but its timer late.
        const accounted = runs + overruns + backedOff;
        t.true(
          Math.abs(passed - accounted) <= 1 + 20 / period + (runs === 0 ? Infinity : 0),
          `${passed} passed, ${accounted} accounted for`,
        );
        total.runs += runs;
        total.failures += failures;
        total.overruns += overruns;
      }
      t.like(scheduler.metrics, { tasks: shapes.length, ...total });
      await clock.run(scheduler[Symbol.asyncDispose]());
      t.is(scheduler.metrics.running, 0);
      t.deepEqual(clock.waiting, []);
    }),
    { numRuns: 40 },
  );
});
