import { spawnSync } from 'node:child_process';
import test from 'ava';
import { hasCode } from '../errors/hyphae-error.js';
import { SystemClock } from './system-clock.js';

/** What a process that runs `script` prints. */
function run(script: string): { readonly status: number | null; readonly out: string; readonly error: string } {
  const source = `import { SystemClock } from ${JSON.stringify(new URL('./system-clock.js', import.meta.url).href)};
    const clock = new SystemClock();
    ${script}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', source], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, out: stdout.trim(), error: stderr };
}

interface Machine {
  readonly clock: SystemClock;
  /** Every delay that setTimeout was called with. */
  readonly armed: readonly number[];
  /** Timers of Node that could still fire. */
  readonly pending: () => number;
  /** Lets `ms` pass without waking anybody. */
  readonly pass: (ms: number) => void;
  /** Lets time pass up to the next wake-up, and `late` ms more. */
  readonly wake: (late?: number) => void;
}

/** A machine whose time the test moves, for as long as `use` runs, which is not across a turn of the event loop. */
function machine(use: (machine: Machine) => void): void {
  const real = { now: performance.now, set: globalThis.setTimeout, clear: globalThis.clearTimeout };
  let now = 1000.25;
  const armed: number[] = [];
  const handles = new Map<object, { readonly at: number; readonly fire: () => void }>();
  performance.now = () => now;
  const set = (fire: () => void, delay: number) => {
    armed.push(delay);
    const handle = {};
    handles.set(handle, { at: now + delay, fire });
    return handle;
  };
  globalThis.setTimeout = set as unknown as typeof setTimeout; // as much of it as the clock uses
  globalThis.clearTimeout = ((handle: object) => void handles.delete(handle)) as typeof clearTimeout; // likewise
  try {
    use({
      clock: new SystemClock(),
      armed,
      pending: () => handles.size,
      pass: (ms) => void (now += ms),
      wake: (late = 0) => {
        const [first] = [...handles].sort(([, a], [, b]) => a.at - b.at);
        if (!first) throw new Error('nothing is armed');
        handles.delete(first[0]);
        now = Math.max(now, first[1].at) + late;
        first[1].fire();
      },
    });
  } finally {
    performance.now = real.now;
    globalThis.setTimeout = real.set;
    globalThis.clearTimeout = real.clear;
  }
}

test('it tells the machine’s time', (t) => {
  const clock = new SystemClock();
  t.true(Math.abs(clock.now() - Date.now()) < 1000);
  const [a, b] = [clock.monotonic(), clock.monotonic()];
  t.true(b >= a);
});

test('a timer is never early by the monotonic clock', async (t) => {
  const clock = new SystemClock();
  const early = await Promise.all(
    Array.from({ length: 300 }, async (_, i) => {
      const [began, delay] = [clock.monotonic(), i / 20];
      await clock.sleep(delay);
      return clock.monotonic() - began < delay;
    }),
  );
  t.false(early.includes(true));
});

test('a timer that Node wakes too early waits for its time', (t) => {
  machine(({ clock, pass, wake }) => {
    const fired: number[] = [];
    clock.timer('exact', 10, () => fired.push(clock.monotonic()));
    wake(-0.9);
    t.deepEqual(fired, []);
    wake();
    t.is(fired.length, 1);
    t.true((fired[0] ?? 0) >= 1010.25);
    pass(1);
  });
});

test('timers due in one millisecond share one wake-up, in the order they were made', (t) => {
  machine(({ clock, armed, pending, wake }) => {
    const fired: number[] = [];
    for (let i = 0; i < 1000; i++) clock.timer('shared', 5 + (i % 7) / 10, () => fired.push(i));
    t.is(armed.length, 1);
    t.is(pending(), 1);
    wake();
    t.deepEqual(
      fired,
      Array.from({ length: 1000 }, (_, i) => i),
    );
    t.is(pending(), 0);
  });
});

test('timers fire in the order they are due, on one underlying timer', (t) => {
  machine(({ clock, pending, wake }) => {
    const fired: number[] = [];
    for (const delay of [30, 10, 20, 50, 40]) {
      clock.timer('ordered', delay, () => fired.push(delay));
      t.is(pending(), 1);
    }
    for (let i = 0; i < 5; i++) wake();
    t.deepEqual(fired, [10, 20, 30, 40, 50]);
    t.is(pending(), 0);
  });
});

test('a process that was held up fires everything that fell due, in order, at its first wake-up', (t) => {
  machine(({ clock, wake }) => {
    const fired: number[] = [];
    for (const delay of [30, 10, 20, 500]) clock.timer('held up', delay, () => fired.push(delay));
    wake(100);
    t.deepEqual(fired, [10, 20, 30]);
    wake();
    t.deepEqual(fired, [10, 20, 30, 500]);
  });
});

test('whoever aims at a whole millisecond gets it', (t) => {
  machine(({ clock, pass, wake }) => {
    const delay = 1010 - clock.monotonic();
    pass(0.004); // the time between two looks at the clock
    let fired = 0;
    clock.timer('aimed', delay, () => (fired = clock.monotonic()));
    wake();
    t.true(fired >= 1010.004 && fired < 1011, `fired at ${fired}`);
  });
});

test('a delay longer than setTimeout can keep is kept', (t) => {
  machine(({ clock, armed, wake }) => {
    let fired = 0;
    clock.timer('quarter', '90 d', () => (fired = clock.monotonic()));
    for (let i = 0; i < 3; i++) {
      t.is(armed.at(-1), 2 ** 31 - 1);
      wake();
      t.is(fired, 0);
    }
    wake();
    t.true(fired >= 1000.25 + 90 * 86_400_000);
    t.true(fired < 1003 + 90 * 86_400_000);
  });
});

test('a disposed timer does not fire, and the last one leaves nothing armed', (t) => {
  machine(({ clock, pending, wake }) => {
    const fired: string[] = [];
    const [a, b] = ['a', 'b'].map((name) => clock.timer(name, 5, () => fired.push(name)));
    a?.[Symbol.dispose]();
    t.deepEqual(clock.waiting, ['b']);
    t.is(pending(), 1);
    b?.[Symbol.dispose]();
    t.is(pending(), 0);
    clock.timer('c', 5, () => fired.push('c'));
    wake();
    t.deepEqual(fired, ['c']);
  });
});

test('a callback may arm and cancel timers; those of no delay wait for the next turn', (t) => {
  machine(({ clock, pending, wake }) => {
    const fired: string[] = [];
    clock.timer('first', 5, () => {
      fired.push('first');
      victim[Symbol.dispose]();
      clock.timer('at once', 0, () => fired.push('at once'));
      t.is(pending(), 0, 'armed at the end, once');
    });
    const victim = clock.timer('victim', 5, () => fired.push('victim'));
    clock.timer('second', 5, () => fired.push('second'));
    wake();
    t.deepEqual(fired, ['first', 'second']);
    t.is(pending(), 1);
    wake();
    t.deepEqual(fired, ['first', 'second', 'at once']);
  });
});

test('a delay that is none is refused', (t) => {
  const clock = new SystemClock();
  t.true(
    hasCode(
      t.throws(() => clock.timer('bad', -1, () => {})),
      'HYP_DURATION',
    ),
  );
  t.true(
    hasCode(
      t.throws(() => clock.timer('bad', NaN, () => {})),
      'HYP_DURATION',
    ),
  );
  t.deepEqual(clock.waiting, []);
});

test('a callback that throws is an uncaught exception, and the others fire all the same', (t) => {
  const { status, out } = run(`
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    clock.timer('bad', 5, () => { throw new Error('boom'); });
    clock.timer('good', 5, () => console.log('good'));
    clock.timer('later', 10, () => console.log('later'));`);
  t.is(out.split('\n').sort().join(), 'good,later,uncaught boom');
  t.is(status, 0);
  const alone = run(`clock.timer('bad', 1, () => { throw new Error('boom'); });`);
  t.not(alone.status, 0);
  t.regex(alone.error, /boom/);
});

test('the process lives as long as a timer is armed, and no longer', (t) => {
  t.is(run(`clock.timer('only', 30, () => console.log('fired'));`).out, 'fired');
  const began = Date.now();
  const { status, error } = run(`
    const kept = clock.timer('day', '30 d', () => console.log('fired'));
    clock.timer('short', 1, () => {});
    clock.timer('end', 10, () => kept[Symbol.dispose]());`);
  t.is(status, 0);
  t.is(error, '');
  t.true(Date.now() - began < 15_000);
});

test('sleeping rejects with the signal’s reason, at once and later', async (t) => {
  const clock = new SystemClock();
  const reason = new Error('enough');
  await t.throwsAsync(clock.sleep('1 h', { signal: AbortSignal.abort(reason) }), { is: reason });
  const abort = new AbortController();
  const sleeps = Array.from({ length: 20 }, () => clock.sleep('1 h', { signal: abort.signal, name: 'long' }));
  t.is(clock.waiting.length, 20);
  abort.abort(reason);
  const results = await Promise.allSettled(sleeps);
  t.true(results.every((result) => result.status === 'rejected' && result.reason === reason));
  t.deepEqual(clock.waiting, []);
});

test('a signal that aborts after a sleep has ended changes nothing', async (t) => {
  const clock = new SystemClock();
  const abort = new AbortController();
  await clock.sleep(1, { signal: abort.signal });
  abort.abort(new Error('too late'));
  await t.throwsAsync(clock.sleep(1, { signal: abort.signal }), { message: 'too late' });
});

test('sleeps that have ended are forgotten by the signal they slept with', (t) => {
  const { out } = run(`
    const { signal } = new AbortController();
    const round = () => Promise.all(Array.from({ length: 20_000 }, () => clock.sleep(1, { signal })));
    await round();
    gc();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 5; i++) await round();
    gc();
    console.log(process.memoryUsage().heapUsed - before);`);
  t.true(Number(out) < 4_000_000, `${out} bytes more after 100,000 sleeps`);
});
