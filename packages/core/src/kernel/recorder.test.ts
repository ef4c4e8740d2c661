import test from 'ava';
import { LocalEventBus } from '../events/event-bus.js';
import { StoreError } from '../errors/catalogue.js';
import { silentLogger } from '../logging/logger.js';
import type { Measurement } from '../measurements/measurement.js';
import type { Committed, MeasurementStore } from '../store/measurement-store.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import type { NodeEvents } from './node.js';
import { Recorder } from './recorder.js';

const reading = (value: number): Measurement => ({
  source: 's',
  channel: 'c',
  value,
  unit: '1',
  at: value,
  quality: 'good',
});

function rig(capacity = 200_000) {
  const clock = new VirtualClock();
  const events = new LocalEventBus<NodeEvents>((error) => {
    throw error;
  });
  const batches: number[][] = [];
  const storage: boolean[] = [];
  const committed: number[] = [];
  const door: { closed: boolean; onAppend?: () => void } = { closed: false };
  let head = 0;
  const store = {
    append(records: readonly Measurement[]): Promise<Committed> {
      door.onAppend?.();
      if (door.closed) return Promise.reject(new StoreError({ operation: 'write', why: 'full' }));
      batches.push(records.map(({ value }) => value ?? -1));
      const from = head;
      head += records.length;
      return Promise.resolve({ epoch: 'e', from, to: head, records } as unknown as Committed); // no more is looked at here
    },
  } as unknown as MeasurementStore; // the recorder uses append alone
  const recorder = new Recorder(store, events, clock, silentLogger, { commitEvery: '50 ms', capacity });
  events.subscribe('storage', ({ degraded }) => storage.push(degraded));
  events.subscribe('committed', ({ records }) => committed.push(...records.map(({ value }) => value ?? -1)));
  const measure = (...values: number[]) => values.forEach((value) => events.publish('measurement', reading(value)));
  return { clock, recorder, batches, storage, committed, door, measure };
}

test('readings of one interval are one commit, told after it is made', async (t) => {
  const { clock, batches, committed, measure } = rig();
  measure(1, 2);
  await clock.advance('49 ms');
  t.deepEqual(committed, []);
  measure(3);
  await clock.advance('1 ms');
  t.deepEqual(batches, [[1, 2, 3]]);
  t.deepEqual(committed, [1, 2, 3]);
});

test('nothing is armed while there is nothing to commit', async (t) => {
  const { clock, measure } = rig();
  t.deepEqual(clock.waiting, []);
  measure(1);
  await clock.advance('50 ms');
  t.deepEqual(clock.waiting, []);
});

test('a store that refuses loses nothing that fits: the readings wait, in order, and the node is told once', async (t) => {
  const { clock, committed, storage, door, measure } = rig();
  door.closed = true;
  measure(1, 2);
  await clock.advance('1 s');
  measure(3);
  await clock.advance('5 s');
  t.deepEqual(storage, [true]);
  door.closed = false;
  await clock.advance('20 s');
  t.deepEqual(committed, [1, 2, 3]);
  t.deepEqual(storage, [true, false]);
});

test('readings that arrive during a commit that fails come after those it carried', async (t) => {
  const { clock, committed, door, measure } = rig();
  door.closed = true;
  door.onAppend = () => {
    delete door.onAppend;
    measure(3);
  };
  measure(1, 2);
  await clock.advance('60 ms');
  door.closed = false;
  await clock.advance('20 s');
  t.deepEqual(committed, [1, 2, 3]);
});

test('what does not fit is dropped from the old end and counted', async (t) => {
  const { clock, recorder, committed, door, measure } = rig(10);
  door.closed = true;
  measure(...Array.from({ length: 25 }, (_, i) => i));
  await clock.advance('30 s');
  measure(25);
  door.closed = false;
  await clock.advance('30 s');
  t.is(recorder.dropped, 16);
  t.deepEqual(committed, [16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
});

test('closing commits what is left', async (t) => {
  const { clock, recorder, committed, measure } = rig();
  measure(...Array.from({ length: 5_000 }, (_, i) => i));
  await clock.run(recorder[Symbol.asyncDispose]());
  t.is(committed.length, 5_000);
  t.is(committed.at(-1), 4_999);
  t.deepEqual(clock.waiting, []);
});
