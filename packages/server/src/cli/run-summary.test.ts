import test from 'ava';
import type { FunctionDefinition, Measurement } from '@hyphae/core';
import type { NodePlan } from '@hyphae/core/kernel';
import { RunSummary } from './run-summary.js';

const reading = (value: number | null, at: number, more: Partial<Measurement> = {}): Measurement => ({
  source: 'air',
  channel: 't',
  value,
  unit: 'Cel',
  at,
  quality: value === null ? 'bad' : 'good',
  ...more,
});

/** Only what the summary reads of a plan. */
function plan(mode?: 'cool'): NodePlan {
  const options = { setpoint: 20, band: 2, ...(mode && { mode }) };
  const plugin = {} as FunctionDefinition; // not looked at
  return { boards: {}, functions: { warm: { plugin, inputs: { air: 'air/t' }, outputs: { heater: 'h' }, options } } };
}

test('extremes and means are of good readings; the others are counted', (t) => {
  const summary = new RunSummary({ boards: {} }, 0);
  for (const value of [0, -2, 5, null]) summary.add('air/t', reading(value, 0));
  summary.add('air/t', reading(99, 0, { quality: 'suspect' }));
  summary.add('air/$state', reading(2, 0, { kind: 's' }));
  t.is(summary.records, 6);
  t.deepEqual(summary.channels(), [{ path: 'air/t', unit: 'Cel', readings: 5, notGood: 2, min: -2, mean: 1, max: 5 }]);
});

test('a channel without any good reading has no mean', (t) => {
  const summary = new RunSummary({ boards: {} }, 0);
  summary.add('air/t', reading(null, 0));
  t.like(summary.channels()[0], { min: null, mean: null, max: null, notGood: 1 });
});

test('time in and out of a band counts from when it was reached, and gaps count for nothing', (t) => {
  const summary = new RunSummary(plan(), 1_000);
  const values: readonly (readonly [number | null, number])[] = [
    [10, 1_000], // on the way
    [19, 2_000], // reached
    [22, 3_000], // 1 s inside
    [18, 5_000], // 2 s above
    [null, 6_000], // 1 s below, then unknown
    [20, 9_000],
    [20, 10_000], // 1 s inside
  ];
  for (const [value, at] of values) summary.add('air/t', reading(value, at));
  t.deepEqual(summary.bands(), [
    {
      function: 'warm',
      mode: 'heat',
      channel: 'air/t',
      low: 19,
      high: 21,
      reachedAfterMs: 1_000,
      insideMs: 2_000,
      belowMs: 1_000,
      aboveMs: 2_000,
      lowest: 18,
      highest: 22,
    },
  ]);
});

test('cooling is where it should be as soon as it is not too warm', (t) => {
  const summary = new RunSummary(plan('cool'), 0);
  summary.add('air/t', reading(25, 0));
  summary.add('air/t', reading(10, 1_000));
  t.like(summary.bands()[0], { mode: 'cool', reachedAfterMs: 1_000 });
});
