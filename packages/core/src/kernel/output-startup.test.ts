import test from 'ava';
import { DeviceNotReadyError } from '../errors/catalogue.js';
import { defineFunction } from '../plugins/function.js';
import { defineSensor } from '../plugins/sensor.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { benchOf, device } from './test-outputs.js';
import { VolatileState } from './volatile-state.js';

const level = () => device((value) => value, { mode: 'level' });

test('a start-up value is not for ever: it ends after an hour, or with maxOn', async (t) => {
  await using bench = await benchOf({
    outputs: {
      a: { plugin: level(), startup: 0.5 },
      b: { plugin: level(), startup: 1, limits: { maxOn: '10 min' } },
    },
  });
  const both = () => [bench.status('a').confirmed, bench.status('b').confirmed];
  t.deepEqual(both(), [0.5, 1]);
  await bench.clock.advance('11 min');
  t.deepEqual(both(), [0.5, 0]);
  await bench.clock.advance('50 min');
  t.deepEqual(both(), [0, 0]);
});

test('a start-up value out of range is refused at the start', async (t) => {
  await using bench = await benchOf({ outputs: { a: { plugin: level(), startup: 5 } } });
  t.regex(JSON.stringify(bench.node.status()), /its range is 0 to 1/);
});

const dead = () => new DeviceNotReadyError({ device: 's', why: 'test' });

for (const [when, start] of [
  ['whose sensor fails at each reading', () => ({ sample: () => Promise.reject(dead()) })],
  ['whose sensor does not start', () => Promise.reject(dead())],
] as const)
  test(`a start-up value ends when the function that is to control the output is one ${when}`, async (t) => {
    const sensor = defineSensor({ id: 's', channels: { x: 'Cel' }, needs: {}, start });
    const heat = defineFunction({
      id: 'heat',
      inputs: { x: { unit: 'Cel' } },
      outputs: { heater: { mode: 'switch' } },
      initial: null,
      step: () => ({ state: null, outputs: { heater: 1 } }),
    });
    await using bench = await benchOf({
      outputs: { heater: { plugin: device((value) => value), startup: 1 } },
      sensors: { s: { plugin: sensor, period: '1 s' } },
      functions: { f: { plugin: heat, inputs: { x: 's/x' }, outputs: { heater: 'heater' } } },
    });
    t.is(bench.status('heater').confirmed, 1);
    await bench.clock.advance('61 s');
    t.is(bench.status('heater').confirmed, 0);
  });

test('the last value somebody wanted comes back after a stop, be it clean or not', async (t) => {
  const clock = new VirtualClock();
  const state = new VolatileState();
  const outputs = { fan: { plugin: level(), startup: 'last' } } as const;
  const boot = () => benchOf({ outputs, clock, state });
  const set = (bench: Awaited<ReturnType<typeof boot>>, value: number) =>
    clock.run(bench.node.outputs.set('fan', { value, owner: 'client x' }));
  const first = await boot();
  t.is(first.status('fan').confirmed, 0);
  await set(first, 0.3);
  await set(first, 0.8);
  await first[Symbol.asyncDispose]();
  const second = await boot();
  t.is(second.status('fan').confirmed, 0.8);
  await set(second, 0.4);
  await clock.advance('11 s');
  const third = await boot(); // the second did not stop
  t.is(third.status('fan').confirmed, 0.4);
  await set(third, 0);
  for (const bench of [second, third]) await bench[Symbol.asyncDispose]();
  await using fourth = await boot();
  t.is(fourth.status('fan').confirmed, 0, 'off is a value');
});

test('one that was on when the process was killed does not get its longest time anew', async (t) => {
  const clock = new VirtualClock();
  const state = new VolatileState();
  const outputs = { pump: { plugin: device((value) => value), startup: 1, limits: { maxOn: '10 min' } } } as const;
  const first = await benchOf({ outputs, clock, state });
  await clock.advance('8 min');
  const second = await benchOf({ outputs, clock, state }); // the first was killed
  t.is(second.status('pump').confirmed, 1);
  await clock.advance('3 min');
  t.is(second.status('pump').confirmed, 0);
  for (const bench of [first, second]) await bench[Symbol.asyncDispose]();
});

test('an output whose memory cannot be read starts safe and rests first', async (t) => {
  class Unreadable extends VolatileState {
    override get(): Promise<unknown> {
      return Promise.reject(new Error('damaged'));
    }
  }
  await using bench = await benchOf({
    outputs: { pump: { plugin: device((value) => value), limits: { minOff: '5 min' } } },
    state: new Unreadable(),
  });
  t.is(bench.status('pump').confirmed, 0);
  t.is(await bench.refused('pump', 1), 'HYP_OUTPUT_INTERLOCK');
  await bench.clock.advance('5 min');
  t.is((await bench.on('pump')).confirmed, 1);
});
