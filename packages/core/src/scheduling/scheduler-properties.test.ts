import test from 'ava';
import fc from 'fast-check';
import { VirtualClock } from '../testing/virtual-clock.js';
import { SeededRandom } from '../time/random.js';
import { ClockScheduler } from './clock-scheduler.js';

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
