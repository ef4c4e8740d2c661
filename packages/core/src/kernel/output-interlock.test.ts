import test from 'ava';
import { DeviceNotReadyError } from '../errors/catalogue.js';
import { benchOf, device } from './test-outputs.js';

/** Two devices of one group that note when both are on. */
function pair() {
  const state = { a: 0, b: 0, both: false };
  const slow = (key: 'a' | 'b', ms: number) =>
    device(async (value, { clock }) => {
      await clock.sleep(ms);
      state[key] = value;
      state.both ||= state.a + state.b > 1;
      return value;
    });
  return { state, slow };
}

test('two slow outputs commanded together: one is refused', async (t) => {
  const { state, slow } = pair();
  await using bench = await benchOf({
    outputs: { a: { plugin: slow('a', 50), interlock: 'g' }, b: { plugin: slow('b', 50), interlock: 'g' } },
  });
  const set = (id: string) => bench.node.outputs.set(id, { value: 1, owner: 'client x' });
  const results = await bench.clock.run(Promise.allSettled([set('a'), set('b')]));
  t.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  await bench.clock.advance('10 min');
  t.false(state.both);
  t.is(state.a + state.b, 1);
});

test('a member that is stopping counts until it is safe', async (t) => {
  const { state, slow } = pair();
  await using bench = await benchOf({
    outputs: { a: { plugin: slow('a', 1_000), interlock: 'g' }, b: { plugin: slow('b', 1), interlock: 'g' } },
  });
  await bench.on('a');
  const restarted = bench.node.restart('a');
  await bench.clock.advance('100 ms');
  t.is(await bench.refused('b', 1), 'HYP_OUTPUT_INTERLOCK');
  await bench.clock.run(restarted);
  await bench.on('b');
  t.false(state.both);
});

test('a member nobody knows to be off keeps the others off, also after it has ended, until it is there again', async (t) => {
  let fails = false;
  const a = device((value) => {
    if (fails) throw new DeviceNotReadyError({ device: 'a', why: 'test' });
    return value;
  });
  const b = device((value) => value);
  const outputs = { a: { plugin: a, interlock: 'g' }, b: { plugin: b, interlock: 'g' } };
  await using bench = await benchOf({ outputs });
  await bench.on('a');
  fails = true;
  await bench.node.outputs.release('a', 'client test');
  t.is(bench.status('a').confirmed, null);
  t.is(await bench.refused('b', 1), 'HYP_OUTPUT_INTERLOCK');
  await bench.clock.run(bench.node.apply({ boards: {}, outputs: { b: outputs.b } }));
  t.is(await bench.refused('b', 1), 'HYP_OUTPUT_INTERLOCK', 'gone, and perhaps on');
  fails = false;
  await bench.clock.run(bench.node.apply({ boards: {}, outputs }));
  t.is((await bench.on('b')).confirmed, 1);
});

test('a member whose driver may still switch it on keeps the others off', async (t) => {
  const late = device(async (value, { clock }) => {
    if (value === 1) await clock.sleep('10 s');
    return value;
  });
  await using bench = await benchOf({
    outputs: { a: { plugin: late, interlock: 'g' }, b: { plugin: device((value) => value), interlock: 'g' } },
  });
  t.is(await bench.refused('a', 1), 'HYP_DEADLINE');
  t.is(bench.status('a').confirmed, 0);
  t.is(await bench.refused('b', 1), 'HYP_OUTPUT_INTERLOCK');
  await bench.clock.advance('5 s');
  t.is((await bench.on('b')).confirmed, 1);
});

test('a member that waits for another comes on when that one is known to be off', async (t) => {
  let fails = false;
  const a = device((value) => {
    if (fails) throw new DeviceNotReadyError({ device: 'a', why: 'test' });
    return value;
  });
  await using bench = await benchOf({
    outputs: { a: { plugin: a, interlock: 'g' }, b: { plugin: device((value) => value), interlock: 'g' } },
  });
  bench.control('a').wish('f', 1);
  await bench.clock.advance('10 ms');
  bench.control('b').wish('g', 1);
  await bench.clock.advance('10 ms');
  t.deepEqual([bench.status('a').confirmed, bench.status('b').confirmed], [1, 0]);
  fails = true;
  bench.control('a').wish('f', 0);
  await bench.clock.advance('500 ms');
  t.deepEqual([bench.status('a').confirmed, bench.status('b').confirmed], [null, 0]);
  fails = false;
  await bench.clock.advance('2 s');
  t.deepEqual([bench.status('a').confirmed, bench.status('b').confirmed], [0, 1]);
});
