import { VirtualClock } from '@hyphae/core/testing';
import test from 'ava';
import fc from 'fast-check';
import { EdgeQueue } from './edge-queue.js';
import type { Edge, Level } from './gpio.js';

async function readAll(queue: EdgeQueue): Promise<Edge[]> {
  const edges: Edge[] = [];
  queue.end();
  for await (const edge of queue) edges.push(edge);
  return edges;
}

test('edges come out as they went in', async (t) => {
  const queue = new EdgeQueue({ clock: new VirtualClock(), level: 0 });
  const waiting = queue.next();
  queue.push(1, 5);
  queue.push(0, 6);
  t.deepEqual((await waiting).value, { level: 1, atMs: 5 });
  t.deepEqual((await queue.next()).value, { level: 0, atMs: 6 });
});

test('the oldest are dropped beyond the limit, and counted on the next', async (t) => {
  const queue = new EdgeQueue({ clock: new VirtualClock(), level: 0, limit: 4 });
  for (let i = 0; i < 10; i++) queue.push((i % 2) as Level, i);
  t.is(queue.waiting, 4);
  t.deepEqual((await queue.next()).value, { level: 0, atMs: 6, lost: 6 });
  t.deepEqual((await queue.next()).value, { level: 1, atMs: 7 });
});

test('1024 edges wait by default', async (t) => {
  const queue = new EdgeQueue({ clock: new VirtualClock(), level: 0 });
  for (let i = 0; i < 1025; i++) queue.push((i % 2) as Level, i);
  t.is(queue.waiting, 1024);
  t.is((await readAll(queue))[0]?.lost, 1);
});

test('edges that never got here are counted on the next that did, waited for, dropped or bouncing', async (t) => {
  const clock = new VirtualClock();
  const queue = new EdgeQueue({ clock, level: 0, limit: 2 });
  const waiting = queue.next();
  queue.push(1, 1, 498);
  t.deepEqual((await waiting).value, { level: 1, atMs: 1, lost: 498 });
  queue.push(0, 2, 10);
  queue.push(1, 3, 20);
  queue.push(0, 4, 30); // the first goes, and what it said of those before it stays
  t.deepEqual((await queue.next()).value, { level: 1, atMs: 3, lost: 31 });
  t.deepEqual((await queue.next()).value, { level: 0, atMs: 4, lost: 30 });
  const slow = new EdgeQueue({ clock, level: 0, debounce: 10 });
  slow.push(1, 0, 5);
  slow.push(0, 1);
  await clock.advance(100);
  slow.push(1, 100, 6);
  await clock.advance(10);
  t.deepEqual((await slow.next()).value, { level: 1, atMs: 100, lost: 11 });
});

test('whatever is pushed and read, the edges read and the losses add up, in order', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: -3, max: 9 }), { maxLength: 60 }), async (steps) => {
      const queue = new EdgeQueue({ clock: new VirtualClock(), level: 0, limit: 5 });
      const seen: Edge[] = [];
      let pushed = 0;
      for (const step of steps) {
        for (let i = 0; i < step; i++) queue.push((pushed % 2) as Level, pushed++);
        for (let i = step; i < 0 && queue.waiting > 0; i++) seen.push((await queue.next()).value as Edge);
        if (queue.waiting > 5) return false;
      }
      seen.push(...(await readAll(queue)));
      // Each edge read is the one that follows the last read, but for those it says were lost.
      let expected = 0;
      for (const edge of seen) {
        expected += edge.lost ?? 0;
        if (edge.atMs !== expected++) return false;
      }
      return expected === pushed;
    }),
  );
  t.pass();
});

test('debouncing passes on a level once it has lasted, with the time of its last change', async (t) => {
  const clock = new VirtualClock();
  const queue = new EdgeQueue({ clock, level: 0, debounce: 10 });
  for (const level of [1, 0, 1] as const) {
    await clock.advance(2);
    queue.push(level, clock.monotonic());
  }
  await clock.advance(9);
  t.is(queue.waiting, 0);
  await clock.advance(1);
  t.deepEqual((await queue.next()).value, { level: 1, atMs: 6 });
  t.deepEqual(clock.waiting, []);
});

test('a bounce back to the old level is no change', async (t) => {
  const clock = new VirtualClock();
  const queue = new EdgeQueue({ clock, level: 0, debounce: 10 });
  queue.push(1, 0);
  await clock.advance(5);
  queue.push(0, 5);
  await clock.advance(100);
  t.is(queue.waiting, 0);
  queue.push(1, 105);
  await clock.advance(10);
  t.is(queue.waiting, 1);
});

test('the end is told once, whoever ends it, and leaves no timer', async (t) => {
  const clock = new VirtualClock();
  const stop = new AbortController();
  let ends = 0;
  const queue = new EdgeQueue({ clock, level: 0, debounce: 10, signal: stop.signal, onEnd: () => ends++ });
  const waiting = queue.next();
  queue.push(1, 0);
  stop.abort();
  queue.end();
  await queue.return();
  queue.push(0, 1);
  t.true((await waiting).done);
  t.true((await queue.next()).done);
  t.is(ends, 1);
  t.deepEqual(clock.waiting, []);
});

test('an end with an error is met after what waits, once', async (t) => {
  const queue = new EdgeQueue({ clock: new VirtualClock(), level: 0 });
  queue.push(1, 0);
  queue.end(new Error('unplugged'));
  t.deepEqual((await queue.next()).value, { level: 1, atMs: 0 });
  t.is((await t.throwsAsync(queue.next()))?.message, 'unplugged');
  t.true((await queue.next()).done);
});
