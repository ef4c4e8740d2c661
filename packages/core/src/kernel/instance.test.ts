import test from 'ava';
import { DeviceNotReadyError } from '../errors/catalogue.js';
import { LocalEventBus } from '../events/event-bus.js';
import { Lifetime } from '../lifetime/lifetime.js';
import { silentLogger } from '../logging/logger.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { type Health, Instance, type InstanceBody, type Launched } from './instance.js';
import { LastValues } from './last-values.js';
import type { NodeEvents } from './node.js';
import { Publisher } from './publisher.js';

const LAUNCHED: Launched = { resources: [], boards: new Set() };

function rig(launch: InstanceBody['launch']) {
  const clock = new VirtualClock();
  const events = new LocalEventBus<NodeEvents>(() => {});
  const publisher = new Publisher(events, new LastValues(clock));
  const life = new Lifetime('node', { clock, deadline: '5 s' });
  const body: InstanceBody = { kind: 'sensor', plugin: 'p', needs: [], channels: [], launch };
  const parts = { clock, log: silentLogger, events, publisher, life };
  const states: string[] = [];
  events.subscribe('instance', ({ state }) => states.push(state));
  const instance = new Instance(
    'i',
    body,
    parts,
    () => undefined,
    () => {},
  );
  return { clock, life, instance, states };
}

test('a start that fails is tried again after 1, 2, 4 … s, at most a minute, and from 1 s on after a success', async (t) => {
  const at: number[] = [];
  let works = false;
  const { clock, instance } = rig(() => {
    at.push(clock.monotonic() / 1000);
    return works ? Promise.resolve(LAUNCHED) : Promise.reject(new DeviceNotReadyError({ device: 'd', why: 'test' }));
  });
  await instance.start();
  await clock.advance('4 min');
  t.deepEqual(at, [0, 1, 3, 7, 15, 31, 63, 123, 183]);
  works = true;
  await clock.advance('1 min');
  t.is(instance.state, 'running');
  await instance.stop();
  works = false;
  at.length = 0;
  await instance.start();
  await clock.advance('5 s');
  t.deepEqual(
    at.map((s) => s - (at[0] ?? 0)),
    [0, 1, 3],
  );
  await instance.stop();
  t.deepEqual(clock.waiting, []);
});

test('what a plugin reports after its end changes nothing', async (t) => {
  let health: Health | undefined;
  const { instance, states } = rig((_, given) => {
    health = given;
    return Promise.resolve(LAUNCHED);
  });
  await instance.start();
  const failure = new DeviceNotReadyError({ device: 'd', why: 'too late' });
  health?.fault(failure);
  t.is(instance.state, 'faulty');
  health?.ok();
  t.is(instance.state, 'running');
  await instance.stop();
  states.length = 0;
  health?.fault(failure);
  health?.wait(failure);
  health?.ok();
  t.is(instance.state, 'stopped');
  t.is(instance.error, undefined);
  t.deepEqual(states, []);
});

test('a launch that hangs is given up whichever step it is in, and what it had acquired is released', async (t) => {
  const log: string[] = [];
  const { clock, instance } = rig((life) => {
    life.defer(() => log.push('released'));
    return new Promise(() => {});
  });
  await clock.run(instance.start());
  t.is(instance.state, 'faulty');
  t.is(instance.error?.code, 'HYP_DEADLINE');
  t.deepEqual(log, ['released']);
  t.true(clock.monotonic() <= 30_000);
  await instance.stop();
  t.deepEqual(clock.waiting, []);
});

test('a stop ends a start that is under way at once; it is no failure, and is not tried again', async (t) => {
  const log: string[] = [];
  let launches = 0;
  const { clock, instance, states } = rig((life) => {
    launches++;
    life.defer(() => log.push('released'));
    return new Promise(() => {});
  });
  void instance.start();
  await clock.advance('100 ms');
  t.is(instance.state, 'starting');
  await clock.run(instance.stop());
  t.is(clock.monotonic(), 100);
  t.is(instance.state, 'stopped');
  t.deepEqual(log, ['released']);
  t.false(states.includes('faulty'));
  instance.wake();
  await clock.advance('5 min');
  t.is(launches, 1);
  t.deepEqual(clock.waiting, []);
});

test('a start asked for while one is being cut short is carried out', async (t) => {
  let launches = 0;
  const { clock, instance } = rig(() => (++launches === 1 ? new Promise(() => {}) : Promise.resolve(LAUNCHED)));
  void instance.start();
  await clock.advance('100 ms');
  void instance.stop();
  await clock.run(instance.start());
  t.is(instance.state, 'running');
  t.is(launches, 2);
  t.deepEqual(clock.waiting, []);
});
