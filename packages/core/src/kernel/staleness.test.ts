import test from 'ava';
import { LocalEventBus } from '../events/event-bus.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { LastValues } from './last-values.js';
import type { NodeEvents } from './node.js';
import { Publisher } from './publisher.js';
import { markStale } from './staleness.js';

test('a reading that is not renewed is published as stale, once, and has not arrived by that', async (t) => {
  const clock = new VirtualClock();
  const values = new LastValues(clock);
  const events = new LocalEventBus<NodeEvents>(() => {});
  const publisher = new Publisher(events, values);
  const published: string[] = [];
  events.subscribe('measurement', ({ quality, value }) => published.push(`${value} ${quality}`));
  const slot = publisher.slot('air', 'temperature');
  slot.periodMs = 1_000;
  await clock.advance('1 s');
  publisher.publish(slot, {
    source: 'air',
    channel: 'temperature',
    value: 0,
    unit: 'Cel',
    at: clock.now(),
    quality: 'good',
  });
  await clock.advance('3 s');
  markStale(values, publisher, clock);
  t.deepEqual(published, ['0 good'], 'three periods are allowed');
  await clock.advance('1 s');
  markStale(values, publisher, clock);
  markStale(values, publisher, clock);
  t.deepEqual(published, ['0 good', '0 stale']);
  t.is(slot.arrivedMs, 1_000);
  t.is(slot.last?.at, clock.now());
});
