import { readFile } from 'node:fs/promises';
import test from 'ava';
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

test('declared I/O that has not ended can be told, oldest first, each piece by its own object', async (t) => {
  const clock = new VirtualClock();
  let end = (): void => {};
  void clock.io(new Promise<void>((resolve) => (end = resolve)), 'disk');
  const failing = t.throwsAsync(clock.io(readFile('/nowhere/at/all')));
  void clock.io(new Promise(() => {}), 'letter');
  t.deepEqual(
    clock.awaited.map(({ name }) => name),
    ['disk', 'I/O', 'letter'],
  );
  const [disk, , letter] = clock.awaited;
  await failing;
  t.is(clock.awaited[0], disk);
  end();
  await Promise.resolve();
  t.deepEqual(clock.awaited, [letter]);
  t.is(clock.awaited[0], letter);
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
