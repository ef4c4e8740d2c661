import test from 'ava';
import { DeviceIdentityError, DeviceNotReadyError } from '../errors/catalogue.js';
import type { PluginContext } from '../plugins/context.js';
import { defineSensor, type Sample, type Sensor } from '../plugins/sensor.js';
import type { Tick } from '../scheduling/scheduler.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { createNode } from './create-node.js';
import type { SensorPlan } from './node-plan.js';

const CHANNELS = { x: '1', y: '1' } as const;
type Driver = Sensor<typeof CHANNELS>;

/** One sensor called `s`, every 10 s. */
async function rig(start: (context: PluginContext) => Driver | Promise<Driver>, plan: Partial<SensorPlan> = {}) {
  const clock = new VirtualClock();
  const node = createNode({ clock });
  const plugin = defineSensor({ id: 'driver', channels: CHANNELS, needs: {}, start: (_, context) => start(context) });
  await clock.run(node.start({ boards: {}, sensors: { s: { plugin, period: '10 s', phase: 'aligned', ...plan } } }));
  return {
    clock,
    node,
    x: () => node.latest('s/x'),
    status: () => node.status().find(({ id }) => id === 's'),
    async [Symbol.asyncDispose]() {
      await clock.run(node[Symbol.asyncDispose]());
      if (clock.waiting.length > 0) throw new Error(clock.waiting.join(', '));
    },
  };
}

const sampling = (sample: (tick: Tick) => unknown): Driver => ({ sample: sample as Driver['sample'] }); // also what a plugin must not give

for (const [what, fail] of [
  [
    'thrown',
    (error: Error) => {
      throw error;
    },
  ],
  ['rejected', (error: Error) => Promise.reject(error)],
] as const) {
  test(`a failure that is ${what} is tried again twice within the run, and no more`, async (t) => {
    let samples = 0;
    await using r = await rig(() =>
      sampling(() => {
        samples++;
        return fail(new DeviceNotReadyError({ device: 'x', why: 'test' }));
      }),
    );
    await r.clock.advance('11 s');
    t.is(samples, 3);
    t.is(r.status()?.error?.code, 'HYP_DEVICE_NOT_READY');
  });

  test(`a failure that is ${what} and passes costs no reading`, async (t) => {
    let samples = 0;
    await using r = await rig(() =>
      sampling(() => (++samples < 3 ? fail(new DeviceNotReadyError({ device: 'x', why: 'test' })) : { x: 5, y: 6 })),
    );
    await r.clock.advance('11 s');
    t.is(r.x()?.value, 5);
    t.is(r.status()?.state, 'running');
  });
}

test('a sample that comes after its deadline is not used', async (t) => {
  let samples = 0;
  await using r = await rig(
    ({ clock }) => sampling(() => clock.sleep(++samples === 1 ? '3 s' : '30 s').then(() => ({ x: 5, y: 6 }))),
    { deadline: '2 s' },
  );
  await r.clock.advance('14 s');
  t.is(samples, 1);
  t.is(r.x(), undefined);
  t.is(r.status()?.error?.code, 'HYP_DEADLINE');
});

test('a sample may be a promise of any make', async (t) => {
  const thenable = (sample: Sample<typeof CHANNELS>) => ({ then: (take: (value: unknown) => void) => take(sample) });
  await using r = await rig(() => sampling(() => thenable({ x: 21, y: 0 })));
  await r.clock.advance('11 s');
  t.is(r.x()?.value, 21);
  t.is(r.status()?.state, 'running');
});

for (const [what, sample, message] of [
  ['no channel at all', {}, 's gave nothing for channel x or y, which is not a finite number'],
  ['a misspelt one only', { ecks: 1 }, 's gave ecks for channel x or y, which is not a finite number'],
  ['all of them undefined', { x: undefined }, 's gave nothing for channel x or y, which is not a finite number'],
  ['null', null, 's gave null for channel x or y, which is not a finite number'],
] as const) {
  test(`a sample with ${what} is a fault, and what was read before is lost`, async (t) => {
    let next: unknown = { x: 1 };
    await using r = await rig(() => sampling(() => next));
    await r.clock.advance('11 s');
    t.is(r.x()?.value, 1);
    next = sample;
    await r.clock.advance('10 s');
    t.is(r.status()?.error?.message, message);
    t.is(r.status()?.error?.code, 'HYP_READING_INVALID');
    t.is(r.x()?.quality, 'bad');
    t.is(r.node.latest('s/y'), undefined, 'a channel it never had stays away');
    next = { x: 2 };
    await r.clock.advance('1 min');
    t.is(r.x()?.value, 2);
  });
}

/** A driver that takes long to start from the second time on, and counts how many of it there are. */
function slow(startMs: number) {
  const seen = { starts: 0, live: 0, most: 0, failNext: false, pastItsTime: 0 };
  const start = async ({ clock }: PluginContext) => {
    if (seen.starts++ > 0) await clock.sleep(startMs);
    seen.most = Math.max(seen.most, ++seen.live);
    return {
      sample: ({ signal }: Tick) => {
        if (signal.aborted) seen.pastItsTime++;
        if (!seen.failNext) return { x: seen.starts, y: 0 };
        seen.failNext = false;
        throw new DeviceIdentityError({ device: 'x', expected: '1', found: '2' });
      },
      stop: () => void seen.live--,
    };
  };
  return { seen, start };
}

test('a driver that takes longer to start than a period works again after one fault, and is started once', async (t) => {
  const { seen, start } = slow(2_000);
  await using r = await rig(start, { period: '1 s' });
  await r.clock.advance('3.5 s');
  t.is(r.x()?.value, 1);
  seen.failNext = true;
  await r.clock.advance('1 s');
  t.is(r.status()?.state, 'faulty');
  await r.clock.advance('3 s');
  t.is(r.status()?.error?.code, 'HYP_DEVICE_IDENTITY', 'the cause stands until the driver is back');
  await r.clock.advance('10 s');
  t.is(r.status()?.state, 'running');
  t.is(r.x()?.value, 2);
  t.deepEqual({ ...seen }, { starts: 2, live: 1, most: 1, failNext: false, pastItsTime: 0 });
  const runs = r.status()?.task?.runs ?? 0;
  await r.clock.advance('10 s');
  t.is((r.status()?.task?.runs ?? 0) - runs, 10, 'on its full grid again');
});

test('a new start that fails says so, whatever the run that asked for it said', async (t) => {
  let starts = 0;
  await using r = await rig(
    async ({ clock }) => {
      if (starts++ > 0) {
        await clock.sleep('2 s');
        throw new DeviceIdentityError({ device: 'x', expected: '1', found: '2' });
      }
      return sampling(() => {
        throw new TypeError('broken');
      });
    },
    { period: '1 s' },
  );
  await r.clock.advance('20 s');
  t.is(r.status()?.error?.code, 'HYP_DEVICE_IDENTITY');
  t.true(starts > 2, 'and is tried again');
});

test('a new start that hangs is given up, and what comes of it later is stopped', async (t) => {
  const { seen, start } = slow(12_000);
  await using r = await rig(start);
  await r.clock.advance('11 s');
  seen.failNext = true;
  await r.clock.advance('1 h');
  t.true(seen.starts > 10, 'it is tried again and again');
  t.true(seen.live <= 0, 'none is left running');
  await r.clock.run(r.node[Symbol.asyncDispose]());
  await r.clock.advance('1 min');
  t.is(seen.live, 0);
});

test('a new start that ends after the node has is stopped', async (t) => {
  const { seen, start } = slow(9_000);
  await using r = await rig(start);
  await r.clock.advance('11 s');
  seen.failNext = true;
  for (let step = 0; step < 1_000 && seen.starts < 2; step++) await r.clock.advance('100 ms');
  t.is(seen.starts, 2);
  await r.clock.run(r.node[Symbol.asyncDispose]());
  await r.clock.advance('1 min');
  t.is(seen.live, 0);
});

test('a driver that never stops does not keep the sensor from beginning anew', async (t) => {
  let starts = 0;
  await using r = await rig(() => {
    const broken = ++starts === 1;
    return {
      sample: () => {
        if (broken) throw new TypeError('broken');
        return { x: starts, y: 0 };
      },
      stop: () => (broken ? new Promise<void>(() => {}) : undefined),
    };
  });
  await r.clock.advance('2 min');
  t.is(r.x()?.value, 2);
  t.is(r.status()?.state, 'running');
});

test('a first start that ends after its deadline is stopped, and tried again', async (t) => {
  let starts = 0;
  let live = 0;
  await using r = await rig(async ({ clock }) => {
    if (++starts === 1) await clock.sleep('11 s');
    live++;
    return { sample: () => ({ x: 1, y: 1 }), stop: () => void live-- };
  });
  await r.clock.advance('1 min');
  t.is(starts, 2);
  t.is(live, 1);
  t.is(r.x()?.value, 1);
});
