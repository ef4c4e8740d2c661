import test from 'ava';
import fc from 'fast-check';
import { ClockTimer, TimerEntry, TimerQueue } from './timer-queue.js';

class Entry extends TimerEntry {
  constructor(
    readonly name: string,
    override readonly priority = 0,
  ) {
    super();
  }
  override fire(): void {}
}

const drain = (queue: TimerQueue, limit = Infinity) => {
  const names: string[] = [];
  for (let entry = queue.take(limit); entry; entry = queue.take(limit)) names.push(entry.name);
  return names;
};

test('an empty queue is due never', (t) => {
  const queue = new TimerQueue();
  t.is(queue.next(), Infinity);
  t.is(queue.take(Infinity), undefined);
  t.is(queue.peek(), undefined);
  t.is(queue.size, 0);
});

test('entries of one moment leave by priority, then in the order they came', (t) => {
  const queue = new TimerQueue();
  const priorities = [0, 5, 0, -1, 5, Infinity, 0, -1];
  priorities.forEach((priority, i) => queue.add(new Entry(`${i}`, priority), 10));
  t.deepEqual(drain(queue), ['5', '1', '4', '0', '2', '6', '3', '7']);
});

test('nothing later than the limit is taken', (t) => {
  const queue = new TimerQueue();
  for (const at of [3, 1, 2]) queue.add(new Entry(`${at}`), at);
  t.deepEqual(drain(queue, 2), ['1', '2']);
  t.is(queue.next(), 3);
  t.is(queue.peek()?.name, '3');
  t.is(queue.size, 1);
});

test('an entry may be added again once it has left', (t) => {
  const queue = new TimerQueue();
  const entry = new Entry('again');
  for (const at of [1, 2]) {
    queue.add(entry, at);
    t.is(queue.take(at), entry);
  }
  queue.add(entry, 3);
  queue.remove(entry);
  queue.remove(entry);
  queue.add(entry, 1);
  t.deepEqual(drain(queue), ['again']);
});

test('deadlines that are cancelled leave nothing behind', (t) => {
  const queue = new TimerQueue();
  queue.add(new Entry('kept'), 1_000_000);
  for (let i = 0; i < 100_000; i++) {
    const deadline = new Entry('deadline');
    queue.add(deadline, 10_000 + i);
    queue.remove(deadline);
  }
  t.is(queue.size, 1);
  t.true(queue.moments < 100, `${queue.moments} moments kept`);
  t.deepEqual(drain(queue), ['kept']);
  t.is(queue.moments, 0);
});

test('a moment emptied and filled again counts once', (t) => {
  const queue = new TimerQueue();
  for (let i = 0; i < 1000; i++) {
    const entry = new Entry('again');
    queue.add(entry, 5);
    queue.remove(entry);
  }
  t.is(queue.moments, 1);
  queue.add(new Entry('last'), 5);
  t.is(queue.next(), 5);
  t.deepEqual(drain(queue), ['last']);
});

test('iterating shows every entry in the order of firing and takes none', (t) => {
  const queue = new TimerQueue();
  for (const at of [5, 3, 9, 3]) queue.add(new Entry(`at ${at}`), at);
  t.deepEqual(
    [...queue].map((entry) => entry.name),
    ['at 3', 'at 3', 'at 5', 'at 9'],
  );
  t.is(queue.size, 4);
});

test('whatever is added, removed and taken, the queue agrees with a sorted list', (t) => {
  const operation = fc.oneof(
    { weight: 5, arbitrary: fc.record({ op: fc.constant('add' as const), at: fc.nat(300), priority: fc.nat(2) }) },
    { weight: 4, arbitrary: fc.record({ op: fc.constant('remove' as const), which: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ op: fc.constant('take' as const), limit: fc.nat(300) }) },
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 600 }), (operations) => {
      const queue = new TimerQueue();
      let model: { entry: Entry; at: number; order: number }[] = [];
      const sort = () => model.sort((a, b) => a.at - b.at || b.entry.priority - a.entry.priority || a.order - b.order);
      operations.forEach((step, order) => {
        if (step.op === 'add') {
          const entry = new Entry(`${order}`, step.priority);
          queue.add(entry, step.at);
          model.push({ entry, at: step.at, order });
        } else if (step.op === 'remove') {
          const victim = model[step.which % Math.max(model.length, 1)];
          if (!victim) return;
          queue.remove(victim.entry);
          model = model.filter((other) => other !== victim);
        } else {
          const first = sort()[0];
          const expected = first && first.at <= step.limit ? first.entry : undefined;
          if (queue.take(step.limit) !== expected) throw new Error(`operation ${order} took another entry`);
          if (expected) model.shift();
        }
        if (queue.size !== model.length) throw new Error('size differs');
        if (queue.next() !== (sort()[0]?.at ?? Infinity)) throw new Error('next differs');
      });
      const names = model.map(({ entry }) => entry.name);
      if ([...queue].map((entry) => entry.name).join() !== names.join()) throw new Error('order differs');
      return drain(queue).join() === names.join();
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('a timer is cancelled at most once, and never after it fired', (t) => {
  const queue = new TimerQueue();
  let cancelled = 0;
  const timer = new ClockTimer(
    'once',
    () => {},
    (self) => {
      cancelled++;
      queue.remove(self);
    },
  );
  queue.add(timer, 1);
  timer[Symbol.dispose]();
  timer[Symbol.dispose]();
  t.is(cancelled, 1);
  const fired = new ClockTimer(
    'fired',
    () => {},
    () => void cancelled++,
  );
  queue.add(fired, 1);
  queue.take(1);
  fired[Symbol.dispose]();
  t.is(cancelled, 1);
});
