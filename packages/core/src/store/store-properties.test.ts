import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import type { Measurement } from '../measurements/measurement.js';
import type { KnexStore } from './knex-store.js';
import { collect, StoreDirectory, T0 } from './stores.test.helper.js';

const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -4_000, max: 4_000 }).map((n) => n / 100),
  fc.constantFrom(0, -0, 5e-324, 1e308, -1e308, 2 ** 53 - 1),
);

const measurement: fc.Arbitrary<Measurement> = fc
  .record({
    source: fc.constantFrom('gh1/air', 'gh1', 'gh2/soil'),
    channel: fc.constantFrom('temperature', 'state'),
    unit: fc.constantFrom('Cel' as const, 'Cel' as const, 'Cel' as const, '%' as const),
    at: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: T0, max: T0 + 200_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 4e12 }) },
    ),
    value: fc.option(value, { freq: 10 }),
    quality: fc.constantFrom('good' as const, 'good' as const, 'stale' as const, 'suspect' as const, 'bad' as const),
    simulated: fc.boolean(),
  })
  .map(({ simulated, quality, ...rest }) => ({
    ...rest,
    quality: rest.value === null ? ('bad' as const) : quality,
    ...(simulated && { simulated }),
  }));

type Step = 'seal' | 'open again' | { readonly append: Measurement[][] } | { readonly prune: number };

const step: fc.Arbitrary<Step> = fc.oneof<fc.MaybeWeightedArbitrary<Step>[]>(
  {
    weight: 6,
    arbitrary: fc.record({
      append: fc.array(fc.array(measurement, { maxLength: 60 }), { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant('seal' as const) },
  { weight: 1, arbitrary: fc.constant('open again' as const) },
  { weight: 1, arbitrary: fc.record({ prune: fc.integer({ min: T0, max: T0 + 200_000 }) }) },
);

const path = ({ source, channel }: Measurement) => `${source}/${channel}`;
const plain = (m: Measurement): Measurement => ({ ...m, value: m.value === null ? null : m.value + 0 });

test('after any appends, sealings, prunings and restarts, log and history hold what was committed', async (t) => {
  t.timeout(120_000); // a slow disk
  const run = async (steps: readonly Step[], sealAt: number) => {
    using directory = new StoreDirectory();
    const options = { sealAt, logKeep: 100, durability: 'normal' } as const;
    let store: KnexStore = await directory.open({ ...options });
    try {
      const log: Measurement[] = [];
      let history: Measurement[] = [];
      for (const each of steps) {
        if (each === 'seal') await store.measurements.seal();
        else if (each === 'open again') {
          await store[Symbol.asyncDispose]();
          store = await directory.open({ ...options });
        } else if ('prune' in each) {
          const kept = history.filter(({ at }) => at >= each.prune);
          strictEqual(await store.measurements.prune(each.prune), history.length - kept.length);
          history = kept;
        } else {
          const committed = await Promise.all(each.append.map((batch) => store.measurements.append(batch)));
          committed.forEach(({ from, to, rows, records }, i) => {
            const batch = each.append[i]!;
            deepStrictEqual([from, to], [log.length, log.length + batch.length]);
            deepStrictEqual(records, batch);
            deepStrictEqual(
              [...rows].map((row) => (JSON.parse(row) as unknown[])[0]),
              batch.map((_, k) => from + 1 + k),
            );
            log.push(...batch.map(plain));
            history.push(...batch.map(plain));
          });
        }
      }
      const { measurements } = store;
      strictEqual(measurements.head, log.length);
      ok(
        measurements.floor <= Math.max(0, log.length - 100) ||
          steps.some((each) => typeof each === 'object' && 'prune' in each),
      );
      const read = await measurements.read(measurements.floor, 1e6);
      deepStrictEqual(
        read.map((r) => [r.q, r.path, r.value, r.unit, r.at]),
        log.slice(measurements.floor).map((m, i) => [measurements.floor + 1 + i, path(m), m.value, m.unit, m.at]),
      );
      const latest = new Map<string, [number, number | null, string]>(
        log.map((m, i) => [path(m), [i + 1, m.value, m.unit]]),
      );
      deepStrictEqual(
        (await measurements.latest()).map((r) => [r.path, [r.q, r.value, r.unit]]).sort(),
        [...latest].sort(),
      );
      for (const channel of new Set(log.map(path))) {
        const expected = history.filter((m) => path(m) === channel).sort((a, b) => a.at - b.at); // a stable sort
        deepStrictEqual(await collect(measurements, { path: channel }), expected);
        const [from, to] = [T0 + 50_000, T0 + 150_000];
        const part = expected.filter(({ at }) => at >= from && at < to);
        deepStrictEqual(await collect(measurements, { path: channel, from, to, limit: 20 }), part.slice(0, 20));
        const unit = latest.get(channel)?.[2];
        const counted = part.filter((m) => m.unit === unit && m.quality !== 'bad' && m.value !== null);
        const buckets = await measurements.downsample({ path: channel, from, to }, 10);
        strictEqual(
          buckets.reduce((sum, { count }) => sum + count, 0),
          counted.length,
        );
        for (const { at, min, mean, max, count } of buckets) {
          const values = counted.flatMap((m) =>
            m.at >= at && m.at < at + 10_000 && m.value !== null ? [m.value] : [],
          );
          deepStrictEqual([count, min, max], [values.length, Math.min(...values), Math.max(...values)]);
          ok(mean >= min && mean <= max);
        }
      }
    } finally {
      await store[Symbol.asyncDispose]();
    }
  };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), fc.constantFrom(1, 40, 1_000), run),
    { numRuns: 25, endOnFailure: true, includeErrorInReport: true },
  );
  t.pass();
});
