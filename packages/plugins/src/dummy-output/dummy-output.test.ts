import { bench } from '@hyphae/core/testing';
import test from 'ava';
import { dummyOutput } from './index.js';

test('keeps what it is told and goes back to 0 with the lease', async (t) => {
  await using rig = await bench(dummyOutput);
  t.is(rig.output.confirmed, 0);
  t.is((await rig.set(0.7, { leaseMs: 5_000 })).confirmed, 0.7);
  await rig.advance('6 s');
  t.is(rig.output.confirmed, 0);
});

test('takes its latency for each change', async (t) => {
  await using rig = await bench(dummyOutput, { options: { latency: '300 ms' } });
  const before = rig.clock.monotonic();
  await rig.set(1, { leaseMs: 60_000 });
  t.is(rig.clock.monotonic() - before, 300);
});
