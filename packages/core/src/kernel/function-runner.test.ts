import test from 'ava';
import type { Sample } from '../plugins/sensor.js';
import { defineFunction, type FunctionDefinition } from '../plugins/function.js';
import { defineOutput } from '../plugins/output.js';
import { defineSensor } from '../plugins/sensor.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { createNode } from './create-node.js';
import type { FunctionPlan } from './node-plan.js';

const UNITS = { temperature: '[degF]', humidity: '%' } as const;

async function rig(plugin: FunctionDefinition, plan: Partial<FunctionPlan> = {}) {
  const clock = new VirtualClock();
  const node = createNode({ clock });
  const air: { sample: Sample<typeof UNITS> | Promise<Sample<typeof UNITS>> } = {
    sample: { temperature: 68, humidity: 50 },
  };
  const sensor = defineSensor({
    id: 'air',
    channels: UNITS,
    needs: {},
    start: () => ({ sample: async () => air.sample }),
  });
  const history: number[] = [];
  const output = defineOutput({
    id: 'out',
    mode: 'level',
    safe: 0,
    needs: {},
    start: () => ({ apply: (value) => (history.push(value), value) }),
  });
  await clock.run(
    node.start({
      boards: {},
      sensors: { air: { plugin: sensor, period: '10 s', phase: 'aligned' } },
      outputs: { out: { plugin: output } },
      functions: { control: { plugin, inputs: { air: 'air/temperature' }, outputs: { out: 'out' }, ...plan } },
    }),
  );
  return {
    clock,
    node,
    air,
    history,
    status: () => node.status().find(({ id }) => id === 'control'),
    async [Symbol.asyncDispose]() {
      await clock.run(node[Symbol.asyncDispose]());
      if (clock.waiting.length > 0) throw new Error(clock.waiting.join(', '));
    },
  };
}

const proportional = (extra: Partial<FunctionDefinition> = {}): FunctionDefinition =>
  defineFunction({
    id: 'proportional',
    inputs: { air: { unit: 'Cel' } },
    outputs: { out: { mode: 'level' } },
    initial: null,
    step: (state, { inputs }) => ({ state, outputs: { out: (inputs['air']?.value ?? 0) / 100 } }),
    ...extra,
  });

test('an input arrives in the unit the function asked for', async (t) => {
  await using r = await rig(proportional());
  await r.clock.advance('10 s');
  t.true(Math.abs((r.node.outputs.get('out').confirmed ?? 0) - 0.2) < 1e-9, '68 °F are 20 °C');
});

test('an input of another quantity is refused with both units', async (t) => {
  await using r = await rig(proportional(), { inputs: { air: 'air/humidity' } });
  await r.clock.advance('10 s');
  t.is(r.status()?.error?.code, 'HYP_UNIT_MISMATCH');
  t.is(r.node.outputs.get('out').confirmed, 0);
});

test('readings of one sample make one step', async (t) => {
  let steps = 0;
  const both = defineFunction({
    id: 'both',
    inputs: { a: { unit: 'Cel' }, b: { unit: '%' } },
    initial: null,
    step: (state) => {
      steps++;
      return { state };
    },
  });
  await using r = await rig(both, {
    inputs: { a: 'air/temperature', b: 'air/humidity' },
    outputs: {},
  });
  await r.clock.advance('35 s');
  t.is(steps, 3);
});

test('an input that stays away makes the output safe after its age, by the monotonic clock', async (t) => {
  await using r = await rig(proportional({ inputs: { air: { unit: 'Cel', maxAge: '25 s' } } }));
  await r.clock.advance('10 s');
  t.not(r.node.outputs.get('out').confirmed, 0);
  r.air.sample = new Promise<never>(() => {}); // the sensor hangs
  r.clock.setWallClock('2041-01-01T00:00:00Z'); // a jump of years must not age the reading
  await r.clock.advance('5 s');
  t.not(r.node.outputs.get('out').confirmed, 0);
  await r.clock.advance('21 s');
  t.is(r.node.outputs.get('out').confirmed, 0);
  t.is(r.status()?.state, 'faulty');
});

test('a declared hold keeps the last wish for that long and no longer', async (t) => {
  await using r = await rig(proportional({ onLoss: { hold: '1 min' } }));
  await r.clock.advance('10 s');
  const held = r.node.outputs.get('out').confirmed;
  r.air.sample = { temperature: null, humidity: 50 };
  await r.clock.advance('50 s');
  t.is(r.node.outputs.get('out').confirmed, held);
  await r.clock.advance('30 s');
  t.is(r.node.outputs.get('out').confirmed, 0);
});

for (const [what, step] of [
  [
    'throws',
    () => {
      throw new TypeError('oops');
    },
  ],
  ['wishes for NaN', () => ({ state: null, outputs: { out: Number.NaN } })],
  ['returns nothing', () => undefined],
  ['is asynchronous', () => Promise.resolve({ state: null, outputs: { out: 0.5 } })],
  ['is asynchronous and fails', () => Promise.reject(new TypeError('oops'))],
] as const) {
  test(`a function that ${what} makes its output safe and is reported`, async (t) => {
    let broken = false;
    const good = proportional();
    await using r = await rig(
      proportional({
        step: ((state, input) => (broken ? step() : good.step(state, input))) as FunctionDefinition['step'],
      }),
    );
    await r.clock.advance('10 s');
    t.not(r.node.outputs.get('out').confirmed, 0);
    broken = true;
    await r.clock.advance('10 s');
    t.is(r.node.outputs.get('out').confirmed, 0);
    t.regex(r.status()?.error?.code ?? '', /HYP_PLUGIN_FAILURE|HYP_PLUGIN_INVALID|HYP_OUTPUT_RANGE/);
    broken = false;
    await r.clock.advance('10 s');
    t.not(r.node.outputs.get('out').confirmed, 0);
    t.is(r.status()?.state, 'running');
  });
}

test('a derived channel is published like a reading, and is bad while its inputs are', async (t) => {
  const doubled = defineFunction({
    id: 'doubled',
    inputs: { air: { unit: 'Cel' } },
    channels: { twice: 'Cel' },
    initial: null,
    step: (state, { inputs }) => ({ state, values: { twice: inputs.air.value * 2 } }),
  });
  await using r = await rig(doubled, { outputs: {} });
  await r.clock.advance('10 s');
  t.true(Math.abs((r.node.latest('control/twice')?.value ?? 0) - 40) < 1e-9);
  r.air.sample = { temperature: null, humidity: 50 };
  await r.clock.advance('10 s');
  t.is(r.node.latest('control/twice')?.value, null);
  t.is(r.node.latest('control/twice')?.quality, 'bad');
});

test('elapsed time is the monotonic time between steps', async (t) => {
  const seen: number[] = [];
  await using r = await rig(
    proportional({
      step: (state, { elapsedMs }) => {
        seen.push(elapsedMs);
        return { state };
      },
    }),
  );
  await r.clock.advance('15 s');
  r.clock.setWallClock('2021-01-01T00:00:00Z');
  await r.clock.advance('20 s');
  t.deepEqual(seen, [0, 10_000, 10_000]);
});

test('an input of the source’s own unit is taken as it is, and one of another quantity never is', async (t) => {
  const seen: unknown[] = [];
  const percent = (unit: '%' | 'Cel') =>
    proportional({
      inputs: { air: { unit } },
      step: (state, { inputs }) => {
        seen.push(inputs['air']?.value);
        return { state };
      },
    });
  {
    await using r = await rig(percent('%'), { inputs: { air: 'air/humidity' } });
    await r.clock.advance('10 s');
    t.deepEqual(seen.splice(0), [50]);
  }
  await using r = await rig(percent('Cel'), { inputs: { air: 'air/humidity' } });
  await r.clock.advance('10 s');
  t.deepEqual(seen, [], 'the step never sees it');
  t.regex(r.status()?.error?.message ?? '', /% cannot be converted to Cel/);
});

test('a function on a grid never steps with a reading older than it declared', async (t) => {
  const ages: number[] = [];
  await using r = await rig(
    proportional({
      period: '1 s',
      inputs: { air: { unit: 'Cel', maxAge: '4 s' } },
      step: (state, { inputs, at }) => {
        ages.push(at - (inputs['air']?.at ?? 0));
        return { state, outputs: { out: 0.5 } };
      },
    }),
  );
  await r.clock.advance('19 s');
  t.deepEqual(ages, [1_000, 2_000, 3_000, 4_000]);
  t.is(r.node.outputs.get('out').confirmed, 0);
  t.regex(r.status()?.error?.message ?? '', /air\/temperature is too old/);
  await r.clock.advance('3 s');
  t.is(r.node.outputs.get('out').confirmed, 0.5);
});

test('each instance has a memory of its own, also where a step changes it in place', async (t) => {
  const counter = defineFunction({
    id: 'counter',
    inputs: { air: { unit: 'Cel' } },
    channels: { steps: '1' },
    initial: { steps: 0 },
    step: (state) => {
      state.steps++;
      return { state, values: { steps: state.steps } };
    },
  });
  for (let run = 0; run < 2; run++) {
    await using r = await rig(counter, { outputs: {} });
    await r.clock.advance('30 s');
    t.is(r.node.latest('control/steps')?.value, 3);
  }
  t.is(counter.initial.steps, 0);
});

test('a memory that is no plain data is refused by name', async (t) => {
  await using r = await rig(proportional({ initial: { now: () => 1 } }));
  t.is(r.status()?.error?.code, 'HYP_PLUGIN_INVALID');
  t.regex(r.status()?.error?.message ?? '', /proportional.*initial state/);
});
