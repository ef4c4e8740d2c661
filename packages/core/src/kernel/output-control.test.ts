import test from 'ava';
import fc from 'fast-check';
import { defineOutput } from '../plugins/output.js';
import { DeviceNotReadyError } from '../errors/catalogue.js';
import { bench } from '../testing/bench.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { createNode } from './create-node.js';
import type { OutputPlan } from './node-plan.js';
import type { Cell } from './test-board.js';
import { VolatileState } from './volatile-state.js';

function pump(device: Cell, history: number[] = []) {
  return defineOutput({
    id: 'pump',
    mode: 'switch',
    safe: 0,
    needs: {},
    start: () => ({
      apply: (value) => {
        if (device.broken) throw device.broken;
        history.push(value);
        return (device.value = value);
      },
    }),
  });
}

const code = (error: Error) => (error as { code?: string }).code;

test('a value out of range, of the wrong kind or not a number is refused', async (t) => {
  await using rig = await bench(pump({ value: 0 }));
  for (const value of [2, -1, 0.5, Number.NaN, Infinity, '1' as unknown as number]) {
    t.is(code(await t.throwsAsync(rig.set(value))), 'HYP_OUTPUT_RANGE', String(value));
  }
  t.is(rig.output.confirmed, 0);
});

test('one owner at a time; an override takes it, a release gives it back', async (t) => {
  await using rig = await bench(pump({ value: 0 }));
  const { outputs } = rig.node;
  await rig.clock.run(outputs.set('bench', { value: 1, owner: 'client a' }));
  t.is(code(await t.throwsAsync(outputs.set('bench', { value: 0, owner: 'client b' }))), 'HYP_OUTPUT_OWNED');
  await rig.clock.run(outputs.set('bench', { value: 0, owner: 'client b', override: true }));
  t.is(rig.output.owner, 'client b');
  await rig.clock.run(outputs.set('bench', { value: 1, owner: 'client b' }));
  await rig.clock.run(outputs.release('bench', 'client a'));
  t.is(rig.output.confirmed, 1, 'somebody else cannot release it');
  await rig.clock.run(outputs.release('bench', 'client b'));
  t.is(rig.output.confirmed, 0);
  t.is(rig.output.owner, null);
});

test('a command for an outdated revision is refused', async (t) => {
  await using rig = await bench(pump({ value: 0 }));
  const { rev } = rig.output;
  await rig.set(1);
  const late = rig.node.outputs.set('bench', { value: 0, owner: 'client bench', ifRev: rev });
  t.is(code(await t.throwsAsync(late)), 'HYP_OUTPUT_OWNED');
});

test('nothing stays on without an end: a command without a lease and without maxOn ends after an hour', async (t) => {
  await using rig = await bench(pump({ value: 0 }));
  await rig.set(1);
  await rig.advance('59 min');
  t.is(rig.output.confirmed, 1);
  await rig.advance('2 min');
  t.is(rig.output.confirmed, 0);
});

test('a renewed command replaces the end of the lease without a click of the relay', async (t) => {
  const history: number[] = [];
  await using rig = await bench(pump({ value: 0 }, history));
  await rig.set(1, { leaseMs: 5_000 });
  await rig.advance('4 s');
  await rig.set(1, { leaseMs: 5_000 });
  await rig.advance('4 s');
  t.is(rig.output.confirmed, 1);
  await rig.advance('2 s');
  t.is(rig.output.confirmed, 0);
  t.deepEqual(history, [0, 1, 0]);
  t.is(rig.output.onMs, 9_000);
});

test('maxOn cuts, and the output rests for minOff', async (t) => {
  await using rig = await bench(pump({ value: 0 }), { limits: { maxOn: '10 min', minOff: '2 min' } });
  await rig.set(1);
  await rig.advance('9.9 min');
  t.is(rig.output.confirmed, 1);
  await rig.advance('0.2 min');
  t.is(rig.output.confirmed, 0);
  t.is(code(await t.throwsAsync(rig.set(1))), 'HYP_OUTPUT_INTERLOCK');
  await rig.advance('2 min');
  t.is((await rig.set(1)).confirmed, 1);
});

test('minOn delays a wish for off, but not the safe answer to a loss', async (t) => {
  await using rig = await bench(pump({ value: 0 }), { limits: { minOn: '1 min' } });
  await rig.set(1, { leaseMs: 600_000 });
  await rig.advance('10 s');
  t.is(code(await t.throwsAsync(rig.set(0))), 'HYP_OUTPUT_INTERLOCK');
  await rig.clock.run(rig.node.outputs.release('bench', 'client bench'));
  t.is(rig.output.confirmed, 0);
});

test('a device that fails is tried safe, reported, and works again', async (t) => {
  const device: Cell = { value: 0 };
  await using rig = await bench(pump(device));
  device.broken = new DeviceNotReadyError({ device: 'pump', why: 'test' });
  t.is(code(await t.throwsAsync(rig.set(1))), 'HYP_DEVICE_NOT_READY');
  t.is(rig.fault?.code, 'HYP_DEVICE_NOT_READY');
  t.is(rig.output.confirmed, null, 'unknown is not a value');
  delete device.broken;
  await rig.advance('5 s');
  t.is(rig.output.confirmed, 0);
  t.is(rig.fault, undefined);
});

test('limits survive a restart of the node', async (t) => {
  const clock = new VirtualClock();
  const state = new VolatileState();
  const store = { state, measurements: undefined as never, [Symbol.asyncDispose]: () => Promise.resolve() };
  const plan: OutputPlan = { plugin: pump({ value: 0 }), limits: { minOff: '5 min' } };
  const boot = async () => {
    const node = createNode({ clock, store: { ...store, measurements: silent } });
    await clock.run(node.start({ boards: {}, outputs: { pump: plan } }));
    return node;
  };
  const first = await boot();
  await clock.run(first.outputs.set('pump', { value: 1, owner: 'client x' }));
  await clock.run(first[Symbol.asyncDispose]());
  const second = await boot();
  t.is(code(await t.throwsAsync(second.outputs.set('pump', { value: 1, owner: 'client x' }))), 'HYP_OUTPUT_INTERLOCK');
  await clock.advance('5 min');
  const status = await clock.run(second.outputs.set('pump', { value: 1, owner: 'client x' }));
  t.is(status.confirmed, 1);
  await clock.run(second[Symbol.asyncDispose]());
});

const silent = {
  append: (batch: readonly unknown[]) =>
    Promise.resolve({ epoch: 'x', from: 0, to: batch.length, records: [], handles: [], rows: [] }),
} as never;

test('outputs of one interlock group are never on together', async (t) => {
  const clock = new VirtualClock();
  const node = createNode({ clock });
  const [up, down]: [Cell, Cell] = [{ value: 0 }, { value: 0 }];
  await clock.run(
    node.start({
      boards: {},
      outputs: { up: { plugin: pump(up), interlock: 'vent' }, down: { plugin: pump(down), interlock: 'vent' } },
    }),
  );
  await clock.run(node.outputs.set('up', { value: 1, owner: 'client x' }));
  const refused = await t.throwsAsync(node.outputs.set('down', { value: 1, owner: 'client x' }));
  t.is(refused.message, 'down refuses: up of interlock group vent is on');
  await clock.run(node.outputs.set('up', { value: 0, owner: 'client x' }));
  await clock.run(node.outputs.set('down', { value: 1, owner: 'client x' }));
  t.deepEqual([up.value, down.value], [0, 1]);
  await clock.run(node[Symbol.asyncDispose]());
});

test('a storm of commands never breaks the limits', async (t) => {
  const limits = { maxOn: '60 s', minOn: '5 s', minOff: '10 s' } as const;
  const command = fc.record({ value: fc.constantFrom(0, 1), wait: fc.integer({ min: 0, max: 30_000 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), async (commands) => {
      const changes: { value: number; atMs: number }[] = [];
      const device: Cell = { value: 0 };
      const plugin = defineOutput({
        id: 'pump',
        mode: 'switch',
        safe: 0,
        needs: {},
        start: (_none, { clock }) => ({
          apply: (value) => {
            if (value !== device.value) changes.push({ value, atMs: clock.monotonic() });
            return (device.value = value);
          },
        }),
      });
      await using rig = await bench(plugin, { limits });
      for (const { value, wait } of commands) {
        await rig.set(value).catch(() => {});
        await rig.advance(wait);
      }
      changes.slice(1).forEach(({ value, atMs }, index) => {
        const lasted = atMs - (changes[index]?.atMs ?? 0);
        if (value === 0) t.true(lasted >= 5_000 && lasted <= 60_002, `on for ${lasted} ms`);
        else t.true(lasted >= 10_000, `off for ${lasted} ms`);
      });
      if (device.value === 1) t.true(rig.clock.monotonic() - (changes.at(-1)?.atMs ?? 0) <= 60_002);
    }),
    { numRuns: 60, seed: 42 },
  );
});
