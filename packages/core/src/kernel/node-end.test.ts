import test from 'ava';
import { hasCode } from '../errors/hyphae-error.js';
import { defineOutput } from '../plugins/output.js';
import { defineSensor } from '../plugins/sensor.js';
import { defineService } from '../plugins/service.js';
import type { Board, HalProvider } from '../resources/board.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { createNode } from './create-node.js';
import type { NodePlan } from './node-plan.js';
import { type Cell, cell, shelf } from './test-board.js';

const never = () => new Promise<never>(() => {});

const lamp = (device: { value: number }) =>
  defineOutput({
    id: 'lamp',
    mode: 'switch',
    safe: 0,
    needs: {},
    start: () => ({ apply: (value) => (device.value = value) }),
  });
const stuckService = defineService({ id: 'stuck', needs: {}, start: never });
const stuckOutput = defineOutput({ id: 'stuck', mode: 'switch', safe: 0, needs: {}, start: never });
const stuckSensor = defineSensor({ id: 'stuck', channels: { x: '1' }, needs: {}, start: never });
const reader = defineSensor({
  id: 'reader',
  channels: { x: '1' },
  needs: { cell: cell('a') },
  start: ({ cell }) => ({ sample: () => ({ x: cell.value }) }),
});
/** Options that are never found valid or invalid. */
const undecided = { '~standard': { version: 1, vendor: 'test', validate: never } } as const;
const picky = defineSensor({
  id: 'picky',
  channels: { x: '1' },
  needs: {},
  options: undecided,
  start: () => ({ sample: () => ({ x: 1 }) }),
});

/** A shelf whose cells never open. */
const stuckShelf = (cells: Readonly<Record<string, Cell>>): HalProvider => {
  const { name, probe, open } = shelf(cells);
  return {
    name,
    probe,
    open: async (context) => Object.assign(await open(context), { open: never } satisfies Partial<Board>),
  };
};

for (const [what, more] of [
  ['a claim', { boards: { b: { provider: stuckShelf({ a: { value: 1 } }) } }, sensors: { s: { plugin: reader } } }],
  ['the opening of a board', { boards: { b: { provider: { ...shelf({}), open: never } } } }],
  ['the check of options', { sensors: { s: { plugin: picky } } }],
  ['the start of a sensor', { sensors: { s: { plugin: stuckSensor } } }],
  ['the start of a service', { services: { s: { plugin: stuckService } } }],
  ['the start of another output', { outputs: { s: { plugin: stuckOutput } } }],
] as const satisfies readonly (readonly [string, Partial<NodePlan>])[]) {
  test(`when ${what} hangs, the node starts without it, and another change does not wait for ever`, async (t) => {
    const clock = new VirtualClock();
    const node = createNode({ clock });
    const device = { value: 9 };
    const { outputs, ...others }: Partial<NodePlan> = more;
    const plan = { boards: {}, ...others, outputs: { ...outputs, lamp: { plugin: lamp(device) } } };
    await clock.run(node.start(plan), { limit: '1 min' });
    t.is(clock.monotonic(), 10_000);
    t.is(
      node.status().find(({ id }) => id === 's' || (id === 'b' && !('sensors' in more)))?.error?.code,
      'HYP_DEADLINE',
    );
    t.is(node.status().find(({ id }) => id === 'lamp')?.state, 'running');
    await clock.run(node.apply({ boards: {} }), { limit: '1 min' });
    await clock.run(node[Symbol.asyncDispose]());
    t.deepEqual(clock.waiting, []);
    t.is(node.resources.held.size, 0);
  });

  test(`outputs go safe at once when the node ends while ${what} hangs`, async (t) => {
    const clock = new VirtualClock();
    const node = createNode({ clock });
    const device = { value: 9 };
    const plugin = lamp(device);
    await clock.run(node.start({ boards: {}, outputs: { lamp: { plugin } } }));
    await clock.run(node.outputs.set('lamp', { value: 1, owner: 'client x' }));
    const { outputs, ...others }: Partial<NodePlan> = more;
    const applying = node.apply({ boards: {}, ...others, outputs: { ...outputs, lamp: { plugin } } });
    await clock.advance('100 ms');
    t.is(device.value, 1);
    const ending = node[Symbol.asyncDispose]();
    await clock.advance(0);
    t.is(device.value, 0);
    await clock.run(ending, { limit: '1 s' });
    t.is(clock.monotonic(), 100, 'nothing is waited for');
    await clock.run(applying);
    t.deepEqual(clock.waiting, []);
    t.is(node.resources.held.size, 0);
  });
}

test('outputs go safe at once when the node ends while a change waits for a driver to stop', async (t) => {
  const clock = new VirtualClock();
  const node = createNode({ clock });
  const device = { value: 9 };
  const outputs = { lamp: { plugin: lamp(device) } };
  const clingy = defineSensor({
    id: 'clingy',
    channels: { x: '1' },
    needs: {},
    start: () => ({ sample: () => ({ x: 1 }), stop: never }),
  });
  await clock.run(node.start({ boards: {}, outputs, sensors: { s: { plugin: clingy } } }));
  await clock.run(node.outputs.set('lamp', { value: 1, owner: 'client x' }));
  const refused = t.throwsAsync(node.apply({ boards: {}, outputs, sensors: { s: { plugin: reader } } }));
  await clock.advance('100 ms');
  const ending = node[Symbol.asyncDispose]();
  await clock.advance(0);
  t.is(device.value, 0);
  await clock.run(ending);
  t.true(hasCode(await refused, 'HYP_DISPOSED'), 'what was not carried out is said so');
  t.deepEqual(node.status(), []);
});

test('a start under way is told of the end before outputs have gone safe', async (t) => {
  const clock = new VirtualClock();
  const node = createNode({ clock });
  const slow = defineOutput({
    id: 'slow',
    mode: 'switch',
    safe: 0,
    needs: {},
    start: () => ({ apply: (value) => clock.sleep('1 s').then(() => value) }),
  });
  let told = Infinity;
  const attentive = defineSensor({
    id: 'attentive',
    channels: { x: '1' },
    needs: {},
    start: (_, { signal }) => {
      signal.addEventListener('abort', () => (told = clock.monotonic()));
      return never();
    },
  });
  const outputs = { slow: { plugin: slow } };
  await clock.run(node.start({ boards: {}, outputs }));
  await clock.run(node.outputs.set('slow', { value: 1, owner: 'client x' }));
  const applying = node.apply({ boards: {}, outputs, sensors: { s: { plugin: attentive } } });
  await clock.advance('100 ms');
  const began = clock.monotonic();
  await clock.run(node[Symbol.asyncDispose]());
  t.is(told, began);
  t.is(clock.monotonic(), began + 1_000);
  await applying;
});

test('what opens or starts after its deadline is closed again', async (t) => {
  const clock = new VirtualClock();
  const open = { boards: 0, services: 0, sensors: 0 };
  const late = <T>(what: keyof typeof open, value: T) => clock.sleep('11 s').then(() => (open[what]++, value));
  const provider: HalProvider = {
    ...shelf({}),
    open: async () => {
      const board = await shelf({}).open({ clock });
      board[Symbol.asyncDispose] = () => Promise.resolve(void open.boards--);
      return late('boards', board);
    },
  };
  const service = defineService({
    id: 'service',
    needs: {},
    start: () => late('services', { [Symbol.dispose]: () => void open.services-- }),
  });
  const sensor = defineSensor({
    id: 'sensor',
    channels: { x: '1' },
    needs: {},
    start: () => late('sensors', { sample: () => ({ x: 1 }), stop: () => void open.sensors-- }),
  });
  const node = createNode({ clock });
  const plan = {
    boards: { board: { provider } },
    services: { service: { plugin: service } },
    sensors: { sensor: { plugin: sensor } },
  };
  await clock.run(node.start(plan));
  await clock.advance('10 min');
  t.true(node.status().every(({ restarts }) => restarts > 3));
  await clock.run(node[Symbol.asyncDispose]());
  await clock.advance('1 min');
  t.deepEqual(open, { boards: 0, services: 0, sensors: 0 });
});

test('a node that has ended refuses to start, and ending it again is no second end', async (t) => {
  const clock = new VirtualClock();
  const node = createNode({ clock });
  const plan = { boards: {}, sensors: { s: { plugin: stuckSensor } } };
  const ending = node[Symbol.asyncDispose]();
  t.is(node[Symbol.asyncDispose](), ending);
  await clock.run(ending);
  for (const attempt of [node.start(plan), node.apply(plan), node.restart('s')]) {
    t.true(hasCode(await t.throwsAsync(attempt), 'HYP_DISPOSED'));
  }
  t.deepEqual(node.status(), []);
  t.deepEqual(clock.waiting, []);
});

test('boards start first, then services, outputs and sensors; outputs end first', async (t) => {
  const clock = new VirtualClock();
  const log: string[] = [];
  const { open, ...provider } = shelf({}, log);
  const node = createNode({ clock });
  const step = (what: string) => clock.sleep('10 ms').then(() => void log.push(what));
  await clock.run(
    node.start({
      sensors: {
        s: {
          plugin: defineSensor({
            id: 's',
            channels: { x: '1' },
            needs: {},
            start: async () => {
              await step('sensor starts');
              return { sample: () => ({ x: 1 }), stop: () => step('sensor stops') };
            },
          }),
        },
      },
      outputs: {
        o: {
          plugin: defineOutput({
            id: 'o',
            mode: 'switch',
            safe: 0,
            needs: {},
            start: async () => {
              await step('output starts');
              return { apply: (value) => value, stop: () => step('output stops') };
            },
          }),
        },
      },
      services: {
        v: {
          plugin: defineService({
            id: 'v',
            needs: {},
            start: async () => {
              await step('service starts');
              return { [Symbol.asyncDispose]: () => step('service stops') };
            },
          }),
        },
      },
      boards: { b: { provider: { ...provider, open: (context) => step('board opens').then(() => open(context)) } } },
    }),
  );
  t.deepEqual(log.splice(0), ['board opens', 'service starts', 'output starts', 'sensor starts']);
  await clock.run(node[Symbol.asyncDispose]());
  t.deepEqual(log, ['output stops', 'sensor stops', 'service stops', 'board closed']);
});
