import test from 'ava';
import { DeviceNotReadyError } from '../errors/catalogue.js';
import { hasCode } from '../errors/hyphae-error.js';
import { defineFunction } from '../plugins/function.js';
import { defineOutput } from '../plugins/output.js';
import { defineSensor } from '../plugins/sensor.js';
import { defineService, service } from '../plugins/service.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { createNode } from './create-node.js';
import type { NodePlan } from './node-plan.js';
import type { Node } from './node.js';
import { type Cell, cell, shelf } from './test-board.js';

const thermometer = defineSensor({
  id: 'thermometer',
  channels: { temperature: 'Cel' },
  needs: { cell: cell('a') },
  start: ({ cell }) => ({
    sample: () => {
      if (cell.broken) throw cell.broken;
      return { temperature: cell.value };
    },
  }),
});

const heater = defineOutput({
  id: 'heater',
  mode: 'switch',
  safe: 0,
  needs: { cell: cell('h') },
  start: ({ cell }) => ({
    apply: (value) => {
      if (cell.broken) throw cell.broken;
      return (cell.value = value);
    },
  }),
});

const below20 = defineFunction({
  id: 'below-20',
  inputs: { air: { unit: 'Cel' } },
  outputs: { heater: { mode: 'switch' } },
  initial: 0,
  step: (steps, { inputs }) => ({ state: steps + 1, outputs: { heater: inputs.air.value < 20 ? 1 : 0 } }),
});

interface Rig extends AsyncDisposable {
  clock: VirtualClock;
  node: Node;
  air: Cell;
  heat: Cell;
  log: string[];
}

async function greenhouse(change: (plan: NodePlan) => NodePlan = (plan) => plan): Promise<Rig> {
  const clock = new VirtualClock();
  const air: Cell = { value: 15 };
  const heat: Cell = { value: 9 };
  const log: string[] = [];
  const node = createNode({ clock });
  await clock.run(
    node.start(
      change({
        boards: { shelf: { provider: shelf({ a: air, h: heat }, log) } },
        sensors: { air: { plugin: thermometer, period: '10 s' } },
        outputs: { heat: { plugin: heater } },
        functions: { warm: { plugin: below20, inputs: { air: 'air/temperature' }, outputs: { heater: 'heat' } } },
      }),
    ),
  );
  return {
    clock,
    node,
    air,
    heat,
    log,
    async [Symbol.asyncDispose]() {
      await clock.run(node[Symbol.asyncDispose]());
      if (clock.waiting.length > 0) throw new Error(`timers left: ${clock.waiting.join(', ')}`);
    },
  };
}

const state = (node: Node, id: string) => node.status().find((status) => status.id === id)?.state;

test('a function moves an output when its input says so, and the output starts and ends safe', async (t) => {
  const rig = await greenhouse();
  t.is(rig.heat.value, 0, 'safe once started');
  await rig.clock.advance('11 s');
  t.is(rig.heat.value, 1);
  t.is(rig.node.outputs.get('heat').owner, 'warm');
  rig.air.value = 25;
  await rig.clock.advance('10 s');
  t.is(rig.heat.value, 0);
  rig.air.value = 15;
  await rig.clock.advance('10 s');
  t.is(rig.heat.value, 1);
  await rig[Symbol.asyncDispose]();
  t.is(rig.heat.value, 0);
  t.deepEqual(rig.log, ['released h', 'released a', 'board closed']);
});

test('a sensor that fails makes its function go safe, and both work again by themselves', async (t) => {
  await using rig = await greenhouse();
  await rig.clock.advance('11 s');
  t.is(rig.heat.value, 1);
  rig.air.broken = new DeviceNotReadyError({ device: 'a', why: 'test' });
  await rig.clock.advance('11 s');
  t.is(rig.heat.value, 0, 'safe without its input');
  t.is(rig.node.latest('air/temperature')?.quality, 'bad');
  t.is(rig.node.latest('air/temperature')?.value, null);
  t.is(state(rig.node, 'air'), 'faulty');
  t.is(state(rig.node, 'warm'), 'faulty');
  const warm = rig.node.status().find(({ id }) => id === 'warm');
  t.is(warm?.because, 'air is not ready because a has no result: test');
  delete rig.air.broken;
  await rig.clock.advance('3 min');
  t.is(state(rig.node, 'air'), 'running');
  t.is(rig.heat.value, 1);
});

test('a sensor that hangs is cut at its deadline and does not hold others up', async (t) => {
  const hanging = defineSensor({
    id: 'hanging',
    channels: { x: '1' },
    needs: {},
    start: () => ({ sample: () => new Promise<never>(() => {}) }),
  });
  await using rig = await greenhouse((plan) => ({
    ...plan,
    sensors: { ...plan.sensors, stuck: { plugin: hanging, period: '1 s', deadline: '500 ms' } },
  }));
  await rig.clock.advance('30 s');
  t.is(rig.heat.value, 1);
  const stuck = rig.node.status().find(({ id }) => id === 'stuck');
  t.is(stuck?.error?.code, 'HYP_DEADLINE');
});

test('after a fault the driver begins anew: the device may have been replaced', async (t) => {
  let starts = 0;
  const counting = defineSensor({
    id: 'counting',
    channels: { starts: '1' },
    needs: { cell: cell('a') },
    start: ({ cell }) => {
      starts++;
      return {
        sample: () => {
          if (cell.broken) throw cell.broken;
          return { starts };
        },
      };
    },
  });
  await using rig = await greenhouse((plan) => ({
    ...plan,
    sensors: { air: { plugin: counting, period: '10 s' } },
    functions: {},
  }));
  await rig.clock.advance('11 s');
  t.is(rig.node.latest('air/starts')?.value, 1);
  rig.air.broken = new DeviceNotReadyError({ device: 'a', why: 'pulled out' });
  await rig.clock.advance('10 s');
  delete rig.air.broken;
  await rig.clock.advance('1 min');
  t.is(rig.node.latest('air/starts')?.value, 2);
});

test('a reading that is not plausible is kept as suspect, and nothing acts on it', async (t) => {
  await using rig = await greenhouse((plan) => ({
    ...plan,
    sensors: { air: { plugin: thermometer, period: '10 s', plausible: { temperature: [-40, 60] } } },
  }));
  await rig.clock.advance('11 s');
  t.is(rig.heat.value, 1);
  rig.air.value = -300; // would call for heat
  await rig.clock.advance('10 s');
  t.is(rig.node.latest('air/temperature')?.value, -300);
  t.is(rig.node.latest('air/temperature')?.quality, 'suspect');
  t.is(rig.heat.value, 0);
});

test('a start that never settles is cut, named, and tried again', async (t) => {
  const never = defineSensor({
    id: 'never',
    channels: { x: '1' },
    needs: {},
    start: () => new Promise<never>(() => {}),
  });
  await using rig = await greenhouse((plan) => ({ ...plan, sensors: { ...plan.sensors, never: { plugin: never } } }));
  t.is(state(rig.node, 'never'), 'faulty');
  t.is(state(rig.node, 'air'), 'running');
  await rig.clock.advance('30 s');
  t.true((rig.node.status().find(({ id }) => id === 'never')?.restarts ?? 0) >= 1);
});

for (const [what, value, code] of [
  ['NaN', Number.NaN, 'HYP_READING_INVALID'],
  ['an infinity', Infinity, 'HYP_READING_INVALID'],
  ['text', '21', 'HYP_READING_INVALID'],
] as const) {
  test(`${what} never becomes a reading`, async (t) => {
    const odd = defineSensor({
      id: 'odd',
      channels: { x: '1', y: '1' },
      needs: {},
      start: () => ({ sample: () => ({ x: value as number, y: 7 }) }),
    });
    await using rig = await greenhouse((plan) => ({
      ...plan,
      sensors: { odd: { plugin: odd, period: '1 s' } },
      functions: {},
    }));
    await rig.clock.advance('3 s');
    t.is(rig.node.latest('odd/x')?.value, null);
    t.is(rig.node.latest('odd/y')?.value, 7, 'the other channel is not lost');
    t.is(rig.node.status().find(({ id }) => id === 'odd')?.error?.code, code);
  });
}

test('a channel the instance does not have is not published', async (t) => {
  const partial = defineSensor({
    id: 'partial',
    channels: { x: '1', y: '1' },
    needs: {},
    start: () => ({ sample: () => ({ x: 1, y: undefined }) }),
  });
  await using rig = await greenhouse((plan) => ({
    ...plan,
    sensors: { partial: { plugin: partial, period: '1 s' } },
    functions: {},
  }));
  await rig.clock.advance('2 s');
  t.is(rig.node.latest('partial/x')?.value, 1);
  t.is(rig.node.latest('partial/y'), undefined);
});

test('zero is a value', async (t) => {
  await using rig = await greenhouse();
  rig.air.value = 0;
  await rig.clock.advance('11 s');
  t.is(rig.node.latest('air/temperature')?.value, 0);
  t.is(rig.node.latest('air/temperature')?.quality, 'good');
  t.is(rig.heat.value, 1);
});

test('two instances on one resource: the second names both', async (t) => {
  await using rig = await greenhouse((plan) => ({
    ...plan,
    sensors: { ...plan.sensors, twin: { plugin: thermometer } },
  }));
  const states = rig.node.status().filter(({ kind }) => kind === 'sensor');
  const refused = states.find(({ state }) => state === 'faulty');
  const holder = states.find(({ state }) => state === 'running');
  t.is(refused?.error?.code, 'HYP_CLAIM_CONFLICT');
  t.is(refused?.error?.message, `${refused?.id} asked for cell a, which ${holder?.id} already holds`);
});

const store = defineService({ id: 'store', needs: {}, start: () => ({ label: 'shelf' }) });
const reader = defineSensor({
  id: 'reader',
  channels: { x: '1' },
  needs: { store: service<{ label: string }>('store') },
  start: ({ store }) => ({ sample: () => ({ x: store.label.length }) }),
});

test('a service of one plugin is injected into another', async (t) => {
  await using rig = await greenhouse((plan) => ({
    ...plan,
    services: { shelves: { plugin: store } },
    sensors: { reader: { plugin: reader, period: '1 s' } },
    functions: {},
  }));
  await rig.clock.advance('2 s');
  t.is(rig.node.latest('reader/x')?.value, 5);
  t.deepEqual(rig.node.status().find(({ id }) => id === 'reader')?.needs, ['shelves']);
});

test('what needs a service that fails waits, says why, and starts when the service does', async (t) => {
  let works = false;
  const moody = defineService({
    id: 'store',
    needs: {},
    start: () => {
      if (!works) throw new DeviceNotReadyError({ device: 'shelf', why: 'locked' });
      return { label: 'shelf' };
    },
  });
  await using rig = await greenhouse((plan) => ({
    ...plan,
    services: { shelves: { plugin: moody } },
    sensors: { reader: { plugin: reader, period: '1 s' } },
    functions: {},
  }));
  const status = () => rig.node.status().find(({ id }) => id === 'reader');
  t.is(status()?.state, 'waiting');
  t.is(status()?.because, 'shelves is not ready because shelf has no result: locked');
  works = true;
  await rig.clock.advance('10 s');
  t.is(status()?.state, 'running');
});

test('services that need each other in a circle are refused by name before anything starts', async (t) => {
  const a = defineService({ id: 'a', needs: { b: service('b') }, start: () => 1 });
  const b = defineService({ id: 'b', needs: { a: service('a') }, start: () => 2 });
  const clock = new VirtualClock();
  const node = createNode({ clock });
  const error = await t.throwsAsync(
    clock.run(node.start({ boards: {}, services: { one: { plugin: a }, two: { plugin: b } } })),
  );
  t.is(error.message, 'These instances need each other in a circle: one, two, one');
  t.deepEqual(node.status(), []);
  await clock.run(node[Symbol.asyncDispose]());
});

test('restarting a service restarts those that stand on it, and nobody else', async (t) => {
  let started = 0;
  const counted = defineService({ id: 'store', needs: {}, start: () => ({ label: 'x'.repeat(++started) }) });
  await using rig = await greenhouse((plan) => ({
    ...plan,
    services: { shelves: { plugin: counted } },
    sensors: { ...plan.sensors, reader: { plugin: reader, period: '1 s' } },
  }));
  const since = () => rig.node.status().find(({ id }) => id === 'air')?.since;
  const before = since();
  await rig.clock.advance('2 s');
  t.is(rig.node.latest('reader/x')?.value, 1);
  await rig.clock.run(rig.node.restart('shelves'));
  await rig.clock.advance('2 s');
  t.is(rig.node.latest('reader/x')?.value, 2);
  t.is(since(), before);
});

test('a changed plan rebuilds what differs and keeps the rest', async (t) => {
  let plan: NodePlan = { boards: {} };
  await using rig = await greenhouse((first) => (plan = first));
  await rig.clock.advance('11 s');
  const report = await rig.clock.run(
    rig.node.apply({
      ...plan,
      sensors: { air: { plugin: thermometer, period: '5 s' } },
      functions: plan.functions ?? {},
    }),
  );
  t.deepEqual(report, { kept: ['shelf', 'heat', 'warm'], started: [], stopped: [], rebuilt: ['air'] });
  const gone = await rig.clock.run(rig.node.apply({ boards: plan.boards, outputs: plan.outputs ?? {} }));
  t.deepEqual(gone.stopped.toSorted(), ['air', 'warm']);
  t.deepEqual(gone.kept, ['shelf', 'heat']);
  t.is(rig.heat.value, 0, 'an output whose function is gone is safe');
  t.is(rig.node.latest('air/temperature'), undefined);
});

test('a board that is closed and opened again takes its instances with it', async (t) => {
  let plan: NodePlan = { boards: {} };
  await using rig = await greenhouse((first) => (plan = first));
  const other: Cell = { value: 3 };
  const board = { provider: shelf({ a: other, h: rig.heat }, rig.log) };
  const report = await rig.clock.run(rig.node.apply({ ...plan, boards: { shelf: board } }));
  t.deepEqual(report.rebuilt.toSorted(), ['air', 'heat', 'shelf', 'warm']);
  await rig.clock.advance('11 s');
  t.is(rig.node.latest('air/temperature')?.value, 3);
});

test('options are checked against the schema, with defaults filled in, and every problem is told', async (t) => {
  const seen: unknown[] = [];
  const picky = defineSensor({
    id: 'picky',
    channels: { x: '1' },
    needs: {},
    options: {
      type: 'object',
      additionalProperties: false,
      properties: { gain: { type: 'number', default: 2 }, mode: { enum: ['a', 'b'] } },
    },
    start: (_needs, { options }) => {
      seen.push(options);
      return { sample: () => ({ x: 1 }) };
    },
  });
  await using rig = await greenhouse((plan) => ({
    ...plan,
    sensors: {
      good: { plugin: picky, options: { mode: 'a' } },
      wrong: { plugin: picky, options: { gain: 'much', modus: 'a' } },
    },
    functions: {},
  }));
  t.deepEqual(seen, [{ gain: 2, mode: 'a' }]);
  const wrong = rig.node.status().find(({ id }) => id === 'wrong');
  t.is(wrong?.error?.code, 'HYP_OPTIONS_INVALID');
  t.regex(wrong?.error?.message ?? '', /gain must be number.*modus|modus.*gain must be number/);
});

test('stopping with a plugin that hangs takes no longer than the deadline, and outputs are safe first', async (t) => {
  const clock = new VirtualClock();
  const heat: Cell = { value: 9 };
  const order: string[] = [];
  const hangs = defineSensor({
    id: 'hangs',
    channels: { x: '1' },
    needs: {},
    start: () => ({
      sample: () => ({ x: 1 }),
      stop: () => {
        order.push(`sensor stops with heater at ${heat.value}`);
        return new Promise<void>(() => {});
      },
    }),
  });
  const node = createNode({ clock, stopDeadline: '5 s' });
  await clock.run(
    node.start({
      boards: { shelf: { provider: shelf({ h: heat }) } },
      outputs: { heat: { plugin: heater } },
      sensors: { hangs: { plugin: hangs } },
    }),
  );
  await clock.run(node.outputs.set('heat', { value: 1, owner: 'client x' }));
  t.is(heat.value, 1);
  const began = clock.monotonic();
  await clock.run(node[Symbol.asyncDispose]());
  t.true(clock.monotonic() - began <= 5_000);
  t.deepEqual(order, ['sensor stops with heater at 0']);
});

test('an output follows one function: a plan with two is refused by name, and what runs goes on', async (t) => {
  let plan: NodePlan = { boards: {} };
  await using rig = await greenhouse((first) => (plan = first));
  await rig.clock.advance('11 s');
  const warm = plan.functions?.['warm'];
  if (!warm) return t.fail();
  const refused = rig.node.apply({ ...plan, sensors: {}, functions: { warm, warmer: warm } });
  const error = await t.throwsAsync(rig.clock.run(refused));
  t.true(hasCode(error, 'HYP_CONFIG_INVALID'));
  t.regex(error.message, /warmer: "warm" moves heat already; an output follows one function/);
  t.is(state(rig.node, 'air'), 'running');
  t.is(rig.heat.value, 1);
  const both = { ...below20, outputs: { heater: { mode: 'switch' }, other: { mode: 'switch' } } } as const;
  const twice = { plugin: both, inputs: warm.inputs, outputs: { heater: 'heat', other: 'heat' } };
  await t.throwsAsync(rig.clock.run(rig.node.apply({ ...plan, functions: { twice } })));
});

test('an instance that is removed leaves no value behind, not even that of its state', async (t) => {
  let plan: NodePlan = { boards: {} };
  await using rig = await greenhouse((first) => (plan = first));
  await rig.clock.advance('11 s');
  const sources = () => [...new Set(rig.node.values().map(({ source }) => source))].toSorted();
  t.deepEqual(sources(), ['air', 'heat', 'shelf', 'warm']);
  await rig.clock.run(rig.node.apply({ boards: plan.boards, outputs: plan.outputs ?? {} }));
  t.deepEqual(sources(), ['heat', 'shelf']);
  t.is(rig.node.latest('heat/$state')?.value, 2);
  await rig.clock.run(rig.node.apply(plan));
  t.is(rig.node.latest('air/$state')?.value, 2);
});
