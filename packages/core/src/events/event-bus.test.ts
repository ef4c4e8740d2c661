import test from 'ava';
import { LocalEventBus } from './event-bus.js';

interface Topics {
  reading: number;
  state: { readonly name: string };
}

const bus = () => {
  const reported: [unknown, keyof Topics][] = [];
  return { reported, bus: new LocalEventBus<Topics>((error, topic) => reported.push([error, topic])) };
};

test('each event reaches the listeners of its topic, in the order they subscribed, before publish returns', (t) => {
  const { bus: events } = bus();
  const log: string[] = [];
  events.subscribe('reading', (value) => log.push(`a ${value}`));
  events.subscribe('reading', (value) => log.push(`b ${value}`));
  events.subscribe('state', ({ name }) => log.push(name));
  events.publish('reading', 0);
  t.deepEqual(log, ['a 0', 'b 0']);
  events.publish('state', { name: 'running' });
  t.deepEqual(log, ['a 0', 'b 0', 'running']);
});

test('an event nobody listens to is no fault', (t) => {
  const { bus: events, reported } = bus();
  events.publish('reading', 1);
  t.deepEqual(reported, []);
});

test('a listener that throws is reported and reaches neither publisher nor the others', (t) => {
  const { bus: events, reported } = bus();
  const error = new Error('boom');
  const log: number[] = [];
  events.subscribe('reading', () => {
    throw error;
  });
  events.subscribe('reading', (value) => log.push(value));
  events.publish('reading', 7);
  t.deepEqual(log, [7]);
  t.deepEqual(reported, [[error, 'reading']]);
});

test('a listener that left hears nothing, and leaving twice takes nobody else away', (t) => {
  const { bus: events } = bus();
  const log: string[] = [];
  const listen = (value: number) => void log.push(`${value}`);
  const first = events.subscribe('reading', listen);
  events.subscribe('reading', listen);
  events.publish('reading', 1);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  events.publish('reading', 2);
  t.deepEqual(log, ['1', '1', '2']);
});

test('listeners may come and go during delivery: that event still reaches exactly those who were there', (t) => {
  const { bus: events } = bus();
  const log: string[] = [];
  events.subscribe('reading', () => {
    log.push('a');
    b[Symbol.dispose]();
    events.subscribe('reading', () => log.push('new'));
  });
  const b = events.subscribe('reading', () => log.push('b'));
  events.publish('reading', 1);
  t.deepEqual(log, ['a', 'b']);
  events.publish('reading', 2);
  t.deepEqual(log, ['a', 'b', 'a', 'new']);
});

test('an event published during delivery is delivered at once', (t) => {
  const { bus: events } = bus();
  const log: string[] = [];
  events.subscribe('reading', (value) => {
    log.push(`a ${value}`);
    if (value === 1) events.publish('reading', 2);
  });
  events.subscribe('reading', (value) => log.push(`b ${value}`));
  events.publish('reading', 1);
  t.deepEqual(log, ['a 1', 'a 2', 'b 2', 'b 1']);
});

test('topics and payloads are checked by the compiler', (t) => {
  const { bus: events } = bus();
  events.subscribe('reading', (value) => value.toFixed(1));
  const wrong = () => {
    // @ts-expect-error a topic that does not exist
    events.publish('readings', 1);
    // @ts-expect-error a payload of another topic
    events.publish('reading', { name: 'running' });
    // @ts-expect-error a listener for another payload
    events.subscribe('state', (value: number) => value);
  };
  t.is(typeof wrong, 'function');
});
