import { readFile } from 'node:fs/promises';
import test from 'ava';
import fc from 'fast-check';
import { hasCode } from '../errors/hyphae-error.js';
import { SeededRandom } from '../time/random.js';
import { VirtualClock } from './virtual-clock.js';

test('time stands still until it is moved, and moves exactly as far', async (t) => {
  const clock = new VirtualClock();
  t.is(clock.monotonic(), 0);
  t.is(new Date(clock.now()).toISOString(), '2030-01-01T00:00:00.000Z');
  await clock.advance('90 s');
  t.is(clock.monotonic(), 90_000);
  t.is(new Date(clock.now()).toISOString(), '2030-01-01T00:01:30.000Z');
});

test('the wall clock may start anywhere, but not nowhere', (t) => {
  t.is(new VirtualClock({ start: 0 }).now(), 0);
  t.is(new VirtualClock({ start: '2026-03-29T00:59:59Z' }).now(), Date.UTC(2026, 2, 29, 0, 59, 59));
  t.true(
    hasCode(
      t.throws(() => new VirtualClock({ start: 'noon' })),
      'HYP_VIRTUAL_TIME',
    ),
  );
});

test('timers fire in the order they are due, then in the order they were made', async (t) => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  for (const [name, delay] of [
    ['c', 20],
    ['a', 10],
    ['d', 20],
    ['b', 10.5],
  ] as const) {
    clock.timer(name, delay, () => fired.push(`${name} at ${clock.monotonic()}`));
  }
  await clock.advance(20);
  t.deepEqual(fired, ['a at 10', 'b at 10.5', 'c at 20', 'd at 20']);
});

test('what is due exactly at the end fires, what is due after it does not', async (t) => {
  const clock = new VirtualClock();
  const fired: number[] = [];
  for (const delay of [99, 100, 101]) clock.timer(`${delay}`, delay, () => fired.push(delay));
  await clock.advance(100);
  t.deepEqual(fired, [99, 100]);
  t.deepEqual(clock.waiting, ['101']);
});

test('a long chain of promises settles before time moves on', async (t) => {
  const clock = new VirtualClock();
  let endedAt = -1;
  clock.timer('chain', 10, () => {
    void (async () => {
      for (let i = 0; i < 1000; i++) await Promise.resolve(i);
      for (let i = 0; i < 50; i++) await new Promise<void>((resolve) => process.nextTick(resolve));
      endedAt = clock.monotonic();
    })();
  });
  clock.timer('next', 10.001, () => {});
  await clock.advance(100);
  t.is(endedAt, 10);
});

test('what one timer causes settles before the next of the same instant fires', async (t) => {
  const clock = new VirtualClock();
  const log: string[] = [];
  for (const name of ['a', 'b']) {
    clock.timer(name, 10, () => {
      log.push(name);
      void (async () => {
        for (let i = 0; i < 10; i++) await Promise.resolve();
        log.push(`${name} settled`);
      })();
    });
  }
  await clock.advance(10);
  t.deepEqual(log, ['a', 'a settled', 'b', 'b settled']);
});

test('settling is as thorough after a hundred thousand instants as after one', async (t) => {
  const clock = new VirtualClock();
  let unsettled = 0;
  let settled = true;
  const again = (): void => {
    if (!settled) unsettled++;
    settled = false;
    process.nextTick(() => {
      void Promise.resolve().then(() => process.nextTick(() => void Promise.resolve().then(() => (settled = true))));
    });
    clock.timer('again', 1, again);
  };
  again();
  await clock.advance(100_000);
  t.is(unsettled, 0);
});

test('a sleeper that wakes sleeps on within one advance', async (t) => {
  const clock = new VirtualClock();
  const woke: number[] = [];
  const sleeper = (async () => {
    for (let i = 0; i < 5; i++) {
      await clock.sleep('2 s');
      woke.push(clock.monotonic());
    }
  })();
  await clock.advance('10 s');
  t.deepEqual(woke, [2000, 4000, 6000, 8000, 10000]);
  await sleeper;
});

test('a disposed timer does not fire, not even at the instant of its disposal', async (t) => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  clock.timer('a', 10, () => {
    fired.push('a');
    b[Symbol.dispose]();
  });
  const b = clock.timer('b', 10, () => fired.push('b'));
  await clock.advance(20);
  t.deepEqual(fired, ['a']);
});

test('run moves time as far as the work needs and gives its result', async (t) => {
  const clock = new VirtualClock();
  clock.timer('later', '1 h', () => {});
  t.is(await clock.run(clock.sleep('10 min').then(() => 'done')), 'done');
  t.is(clock.monotonic(), 600_000);
  const failure = new Error('failed');
  await t.throwsAsync(clock.run(clock.sleep(1).then(() => Promise.reject(failure))), { is: failure });
  t.is(await clock.run(Promise.resolve('at once')), 'at once');
});

test('run gives up at its limit and names what waits', async (t) => {
  const clock = new VirtualClock();
  const error = await t.throwsAsync(clock.run(clock.sleep('2 h', { name: 'conversion' })));
  t.true(hasCode(error, 'HYP_VIRTUAL_TIME'));
  t.regex(error.message, /conversion/);
  t.is(clock.monotonic(), 3_600_000);
  const longer = new VirtualClock();
  await longer.run(longer.sleep('2 h'), { limit: '3 h' });
  t.is(longer.monotonic(), 7_200_000);
});

test('virtual time that cannot move says so', async (t) => {
  const clock = new VirtualClock();
  const error = await t.throwsAsync(clock.run(new Promise(() => {})));
  t.true(hasCode(error, 'HYP_VIRTUAL_TIME'));
  t.regex(error.message, /nothing is scheduled/);
});

test('a timer that re-arms itself without letting time pass is named', async (t) => {
  const clock = new VirtualClock();
  const again = (): void => void clock.timer('eager', 0, again);
  again();
  const error = await t.throwsAsync(clock.advance(1));
  t.true(hasCode(error, 'HYP_VIRTUAL_TIME'));
  t.regex(error.message, /eager/);
  const sleeper = new VirtualClock();
  void (async () => {
    for (;;) await sleeper.sleep(0, { name: 'restless' });
  })();
  t.regex((await t.throwsAsync(sleeper.advance(1))).message, /restless/);
});

test('twenty thousand timers of one instant are not mistaken for one that re-arms itself', async (t) => {
  const clock = new VirtualClock();
  let fired = 0;
  for (let i = 0; i < 20_000; i++) clock.timer('many', 10, () => void clock.timer('once more', 0, () => fired++));
  await clock.advance(10);
  t.is(fired, 20_000);
});

test('an error names no more than a few of the timers that wait', async (t) => {
  const clock = new VirtualClock();
  for (let i = 0; i < 1000; i++) clock.timer(`sensor ${i}`, '1 d', () => {});
  const error = await t.throwsAsync(clock.run(new Promise(() => {}), { limit: '1 s' }));
  t.true(error.message.length < 500);
  t.regex(error.message, /sensor 0,.* and 984 more/);
});

test('virtual time waits for real I/O that was declared', async (t) => {
  const clock = new VirtualClock();
  const readAt: number[] = [];
  const again = (): void => {
    const at = clock.monotonic();
    void (async () => {
      for (let i = 0; i < 2; i++) await clock.io(readFile('/dev/null'));
      readAt.push(clock.monotonic() - at);
    })();
    if (at < 20_000) clock.timer('read', '1 s', again);
  };
  again();
  await clock.advance('30 s');
  t.deepEqual(readAt, new Array<number>(21).fill(0));
});

test('I/O that fails is waited for and fails for its caller only', async (t) => {
  const clock = new VirtualClock();
  const reading = clock.io(readFile('/nowhere/at/all'));
  const [result] = await Promise.allSettled([reading, clock.advance('1 s')]);
  t.is(result?.status, 'rejected');
});

test('I/O between two timers of one instant is waited for as well', async (t) => {
  const clock = new VirtualClock();
  const log: string[] = [];
  clock.timer('a', 10, () => void clock.io(readFile('/dev/null')).then(() => log.push('read')));
  clock.timer('b', 10, () => log.push('b'));
  await clock.advance(10);
  t.deepEqual(log, ['read', 'b']);
});

test('lateness makes every timer late by as much', async (t) => {
  const clock = new VirtualClock({ lateness: '5 ms' });
  await clock.run(clock.sleep('1 s'));
  t.is(clock.monotonic(), 1005);
  const random = new SeededRandom(1);
  const varied = new VirtualClock({ lateness: () => Math.floor(random.next() * 10) });
  const late: number[] = [];
  for (let i = 0; i < 100; i++) {
    const due = varied.monotonic() + 100;
    await varied.run(varied.sleep(100));
    late.push(varied.monotonic() - due);
  }
  t.true(Math.min(...late) === 0 && Math.max(...late) === 9);
});

test('a step of the wall clock moves timestamps but no timer', async (t) => {
  const clock = new VirtualClock();
  let fired = -1;
  clock.timer('hour', '1 h', () => (fired = clock.monotonic()));
  await clock.advance('30 min');
  clock.setWallClock('2031-06-01T00:00:00Z');
  t.is(clock.monotonic(), 1_800_000);
  await clock.advance('30 min');
  t.is(fired, 3_600_000);
  t.is(new Date(clock.now()).toISOString(), '2031-06-01T00:30:00.000Z');
  t.true(
    hasCode(
      t.throws(() => clock.setWallClock('never')),
      'HYP_VIRTUAL_TIME',
    ),
  );
});

test('what a callback throws fails the advance, and time can be moved on', async (t) => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  clock.timer('bad', 5, () => {
    throw new Error('boom');
  });
  clock.timer('good', 5, () => fired.push('good'));
  await t.throwsAsync(clock.advance(10), { message: 'boom' });
  t.is(clock.monotonic(), 5);
  await clock.advance(5);
  t.deepEqual(fired, ['good']);
});

test('a long advance tells how far it is, in order and up to its end', async (t) => {
  const clock = new VirtualClock();
  const again = (): void => void clock.timer('tick', '1 s', again);
  again();
  const progress: number[] = [];
  await clock.advance('1000 s', { onProgress: (done) => progress.push(done) });
  t.true(progress.length >= 100 && progress.length <= 102, `${progress.length} reports`);
  t.deepEqual(
    progress,
    [...progress].sort((a, b) => a - b),
  );
  t.is(progress.at(-1), 1);
  const none: number[] = [];
  await clock.advance(0, { onProgress: (done) => none.push(done) });
  t.deepEqual(none, [1]);
});

test('an advance stops at its signal where it got to', async (t) => {
  const clock = new VirtualClock();
  const abort = new AbortController();
  clock.timer('stop', '5 s', () => abort.abort(new Error('interrupted')));
  clock.timer('after', '6 s', () => t.fail('fired after the signal'));
  await t.throwsAsync(clock.advance('10 s', { signal: abort.signal }), { message: 'interrupted' });
  t.is(clock.monotonic(), 5000);
});

test('several may move time at once: none fires a timer twice or passes another by', async (t) => {
  const clock = new VirtualClock();
  const fired: number[] = [];
  for (let i = 1; i <= 100; i++) clock.timer(`${i}`, i, () => fired.push(clock.monotonic()));
  await Promise.all([clock.advance(50), clock.run(clock.sleep(80)), clock.advance(100)]);
  t.deepEqual(
    fired,
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
  t.is(clock.monotonic(), 100);
});

test('what a timer causes settles before time moves on, however many move it', async (t) => {
  const clock = new VirtualClock();
  const took: number[] = [];
  for (let i = 1; i <= 50; i++) {
    clock.timer(`${i}`, i, () => {
      const began = clock.monotonic();
      void (async () => {
        for (let hop = 0; hop < 100; hop++) await Promise.resolve();
        took.push(clock.monotonic() - began);
      })();
    });
  }
  await Promise.all([clock.advance(50), clock.advance(50), clock.advance(50)]);
  t.deepEqual(took, new Array<number>(50).fill(0));
});

test('time may be moved from within what a timer started', async (t) => {
  const clock = new VirtualClock();
  let inner = -1;
  clock.timer('outer', 10, () => void clock.run(clock.sleep(5)).then(() => (inner = clock.monotonic())));
  await clock.advance(100);
  t.is(inner, 15);
});

test('two runs of one program are alike, whatever the program', async (t) => {
  const once = async (seed: number) => {
    const random = new SeededRandom(seed);
    const clock = new VirtualClock({ lateness: () => Math.floor(random.next() * 3) });
    const log: string[] = [];
    const worker = async (name: string, depth: number): Promise<void> => {
      for (let i = 0; i < 5; i++) {
        await clock.sleep(Math.floor(random.next() * 20));
        log.push(`${name}.${i} ${clock.monotonic()} ${random.next()}`);
        if (depth > 0 && random.next() < 0.5) void worker(`${name}${i}`, depth - 1);
      }
    };
    for (const name of ['a', 'b', 'c']) void worker(name, 2);
    await clock.advance('1 s');
    return log;
  };
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const [first, second] = [await once(seed), await once(seed)];
      t.deepEqual(first, second);
    }),
    { numRuns: 25 },
  );
});
