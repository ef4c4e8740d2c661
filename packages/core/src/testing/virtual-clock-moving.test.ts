import test from 'ava';
import fc from 'fast-check';
import { hasCode } from '../errors/hyphae-error.js';
import { SeededRandom } from '../time/random.js';
import { VirtualClock } from './virtual-clock.js';

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
