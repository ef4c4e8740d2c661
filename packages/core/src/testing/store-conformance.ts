import { hasCode } from '../errors/hyphae-error.js';
import type { Measurement } from '../measurements/measurement.js';
import type { MeasurementStore, Store } from '../store/measurement-store.js';
import type { Assertions, TestFunction } from './test-function.js';

const T0 = Date.UTC(2030, 0, 1);

/** A good reading of `gh1/air/temperature`, one second after the last per index. */
function reading(i: number, changes: Partial<Measurement> = {}): Measurement {
  return {
    source: 'gh1/air',
    channel: 'temperature',
    value: 20 + i / 10,
    unit: 'Cel',
    at: T0 + i * 1000,
    quality: 'good',
    ...changes,
  };
}

function readings(n: number, changes: Partial<Measurement> = {}): Measurement[] {
  return Array.from({ length: n }, (_, i) => reading(i, changes));
}

async function all(store: MeasurementStore, path: string, from = -Infinity, to = Infinity, limit?: number) {
  const found: Measurement[] = [];
  const query = { path, from, to, ...(limit !== undefined && { limit }) };
  for await (const measurement of store.query(query)) found.push(measurement);
  return found;
}

async function refuses(t: Assertions, code: `HYP_${string}`, work: Promise<unknown>): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  t.true(hasCode(error, code), `expected ${code}, got ${String(error)}`);
}

/**
 * Declares the tests that every {@link Store} must pass.
 *
 * @param declare ava's `test`
 * @param name goes before each title
 * @param open gives a new, empty store that keeps at least 1,000 records; each test closes its own
 */
export function storeConformance(declare: TestFunction, name: string, open: () => Promise<Store>): void {
  const test = (title: string, body: (t: Assertions, store: Store) => Promise<void>) =>
    declare(`${name}: ${title}`, async (t) => {
      await using store = await open();
      await body(t, store);
    });

  test('an empty store has a head of 0, no channels, no records', async (t, { measurements }) => {
    t.is(measurements.head, 0);
    t.is(measurements.floor, 0);
    t.not(measurements.epoch, '');
    t.deepEqual(measurements.channels(), []);
    t.deepEqual(await measurements.read(0, 10), []);
    t.deepEqual(await measurements.latest(), []);
    t.deepEqual(await all(measurements, 'gh1/air/temperature'), []);
    t.is(await measurements.prune(T0), 0);
  });

  test('batches tile the sequence without a gap', async (t, { measurements }) => {
    const first = await measurements.append(readings(3));
    const second = await measurements.append([reading(3)]);
    t.deepEqual([first.from, first.to, second.from, second.to], [0, 3, 3, 4]);
    t.is(first.epoch, measurements.epoch);
    t.is(measurements.head, 4);
  });

  test('an empty batch commits nothing and stands where the log stands', async (t, { measurements }) => {
    await measurements.append(readings(2));
    const { from, to, rows } = await measurements.append([]);
    t.deepEqual([from, to, rows.length], [2, 2, 0]);
  });

  test('appends are served in the order of the calls', async (t, { measurements }) => {
    const batches = await Promise.all([0, 1, 2, 3, 4].map((i) => measurements.append(readings(i + 1))));
    let at = 0;
    batches.forEach(({ from, to }, i) => {
      t.is(from, at);
      t.is(to, from + i + 1);
      at = to;
    });
    t.is(measurements.head, at);
  });

  test('a committed batch comes with its handles and its encoded rows', async (t, { measurements }) => {
    const batch = [
      reading(0, { value: 21.5 }),
      reading(0, { channel: 'humidity', unit: '%', value: null, quality: 'bad' }),
    ];
    const { records, handles, rows } = await measurements.append(batch);
    t.deepEqual(records, batch);
    t.deepEqual(handles, [1, 2]);
    t.deepEqual([...rows], [`[1,1,21.5,${T0},0]`, `[2,2,null,${T0},3]`]);
    t.deepEqual(measurements.channels(), [
      { handle: 1, path: 'gh1/air/temperature', unit: 'Cel', kind: 'm' },
      { handle: 2, path: 'gh1/air/humidity', unit: '%', kind: 'm' },
    ]);
  });

  test('the log gives back what was committed, from any place and as much as is asked for', async (t, {
    measurements,
  }) => {
    await measurements.append(readings(10));
    await measurements.append([reading(10, { quality: 'suspect', simulated: true })]);
    const records = await measurements.read(0, 100);
    t.deepEqual(
      records.map(({ q }) => q),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    );
    t.deepEqual(records[10], {
      q: 11,
      handle: 1,
      kind: 'm',
      path: 'gh1/air/temperature',
      value: 21,
      unit: 'Cel',
      at: T0 + 10_000,
      quality: 6,
    });
    t.deepEqual(
      (await measurements.read(4, 3)).map(({ q }) => q),
      [5, 6, 7],
    );
    t.deepEqual(await measurements.read(11, 5), []);
    t.deepEqual(await measurements.read(0, 0), []);
  });

  test('the encoded rows say the same as the log', async (t, { measurements }) => {
    const { rows } = await measurements.append([
      reading(0, { value: 0.1 }),
      reading(1, { value: 5e-324 }),
      reading(2, { value: 0 }),
    ]);
    const records = await measurements.read(0, 10);
    t.deepEqual(
      [...rows].map((row) => JSON.parse(row) as unknown),
      records.map(({ q, handle, value, at, quality }) => [q, handle, value, at, quality]),
    );
  });

  test('values come back exactly; minus zero is zero', async (t, { measurements }) => {
    const values = [
      0,
      -0,
      0.1,
      1 / 3,
      -273.15,
      5e-324,
      2.2250738585072014e-308,
      1e308,
      -1.7976931348623157e308,
      2 ** 53,
      1e21,
      123456789.12345679,
    ];
    await measurements.append(values.map((value, i) => reading(i, { value })));
    const expected = values.map((value) => value + 0);
    t.deepEqual(
      (await measurements.read(0, 100)).map(({ value }) => value),
      expected,
    );
    t.deepEqual(
      (await all(measurements, 'gh1/air/temperature')).map(({ value }) => value),
      expected,
    );
  });

  test('what is not a finite number is committed as no value with quality bad', async (t, { measurements }) => {
    const { records, rows } = await measurements.append([
      reading(0, { value: NaN }),
      reading(1, { value: Infinity, simulated: true }),
      reading(2, { value: null, quality: 'good' }),
    ]);
    t.deepEqual(
      records.map(({ value, quality }) => [value, quality]),
      new Array(3).fill([null, 'bad']),
    );
    t.deepEqual([...rows], [`[1,1,null,${T0},3]`, `[2,1,null,${T0 + 1000},7]`, `[3,1,null,${T0 + 2000},3]`]);
  });

  test('times are whole milliseconds, and a time that is none becomes now and suspect', async (t, { measurements }) => {
    await measurements.append([
      reading(0, { at: T0 + 0.6 }),
      reading(0, { at: NaN }),
      reading(0, { at: 1e300, quality: 'stale' }),
    ]);
    const [rounded, none, far] = await measurements.read(0, 10);
    t.is(rounded?.at, T0 + 1);
    t.true(Number.isInteger(none?.at));
    t.is(none?.quality, 2);
    t.is(far?.quality, 2);
    t.is(rounded?.quality, 0);
  });

  test('a query gives one channel in order of time, from inclusive, to exclusive', async (t, { measurements }) => {
    await measurements.append(readings(10));
    await measurements.append(readings(10, { channel: 'humidity', unit: '%' }));
    const found = await all(measurements, 'gh1/air/temperature', T0 + 2000, T0 + 5000);
    t.deepEqual(found, [reading(2), reading(3), reading(4)]);
    t.is((await all(measurements, 'gh1/air/temperature', T0, T0 + 10_000, 4)).length, 4);
    t.deepEqual(await all(measurements, 'gh1/air/temperature', T0, T0), []);
    t.deepEqual(await all(measurements, 'gh1/air/pressure'), []);
  });

  test('late and out-of-order times are found in order of time', async (t, { measurements }) => {
    const order = [5, 1, 9, 1, 3];
    await measurements.append(order.map((i, n) => reading(i, { value: n })));
    await measurements.append([reading(2, { value: 99 })]);
    const found = await all(measurements, 'gh1/air/temperature');
    t.deepEqual(
      found.map(({ value }) => value),
      [1, 3, 99, 4, 0, 2],
    );
  });

  test('a query keeps simulated, kind and quality', async (t, { measurements }) => {
    const batch = [
      reading(0, { simulated: true, quality: 'stale' }),
      { source: 'gh1/heater', channel: 'state', value: 1, unit: '1', at: T0, quality: 'good', kind: 'e' } as const,
    ];
    await measurements.append(batch);
    t.deepEqual(await all(measurements, 'gh1/air/temperature'), [batch[0]!]);
    t.deepEqual(await all(measurements, 'gh1/heater/state'), [batch[1]!]);
  });

  test('a channel that changes its unit gets a new handle and keeps its past', async (t, { measurements }) => {
    await measurements.append([reading(0, { value: 20 })]);
    await measurements.append([reading(1, { value: 68, unit: '[degF]' })]);
    t.is(measurements.channels().length, 2);
    t.deepEqual(
      (await all(measurements, 'gh1/air/temperature')).map(({ value, unit }) => [value, unit]),
      [
        [20, 'Cel'],
        [68, '[degF]'],
      ],
    );
    t.deepEqual(
      (await measurements.latest()).map(({ value, unit }) => [value, unit]),
      [[68, '[degF]']],
    );
  });

  test('a source may have levels, and a channel too', async (t, { measurements }) => {
    await measurements.append([reading(0, { source: 'gh1', channel: 'air/temperature' }), reading(1)]);
    t.is(measurements.channels().length, 1);
    t.is((await all(measurements, 'gh1/air/temperature')).length, 2);
  });

  test('latest is the last committed record of each channel, whatever its time', async (t, { measurements }) => {
    await measurements.append([reading(5), reading(1), reading(3, { source: 'gh2/air' })]);
    const latest = await measurements.latest();
    t.deepEqual(
      latest.map(({ q, path, at }) => [q, path, at]),
      [
        [2, 'gh1/air/temperature', T0 + 1000],
        [3, 'gh2/air/temperature', T0 + 3000],
      ],
    );
    t.deepEqual(
      (await measurements.latest('gh2/air')).map(({ q }) => q),
      [3],
    );
    t.deepEqual(await measurements.latest('gh2'), []);
  });

  test('down-sampling gives minimum, mean, maximum and count of equal buckets; empty ones are left out', async (t, {
    measurements,
  }) => {
    const values = [1, 3, 8, -2, 4, 0];
    await measurements.append(values.map((value, i) => reading(i < 4 ? i : i + 4, { value })));
    await measurements.append([
      reading(3, { value: null, quality: 'bad' }),
      reading(3, { value: 1000, quality: 'bad' }),
    ]);
    const query = { path: 'gh1/air/temperature', from: T0, to: T0 + 10_000 };
    t.deepEqual(await measurements.downsample(query, 5), [
      { at: T0, min: 1, mean: 2, max: 3, count: 2 },
      { at: T0 + 2000, min: -2, mean: 3, max: 8, count: 2 },
      { at: T0 + 8000, min: 0, mean: 2, max: 4, count: 2 },
    ]);
    t.is((await measurements.downsample(query, 1))[0]?.count, 6);
    t.true((await measurements.downsample(query, 3)).length <= 3);
    t.deepEqual(await measurements.downsample({ ...query, from: T0 + 10_000, to: T0 }, 5), []);
  });

  test('pruning deletes what is older from the history and says how much', async (t, { measurements }) => {
    await measurements.append(readings(10));
    await measurements.append([reading(2, { channel: 'humidity', unit: '%' })]);
    t.is(await measurements.prune(T0 + 4000), 5);
    t.is(await measurements.prune(T0 + 4000), 0);
    t.deepEqual(
      (await all(measurements, 'gh1/air/temperature')).map(({ at }) => at - T0),
      [4000, 5000, 6000, 7000, 8000, 9000],
    );
    t.deepEqual(await all(measurements, 'gh1/air/humidity'), []);
    t.is(measurements.head, 11);
    t.is((await measurements.latest('gh1/air')).length, 2);
    t.is((await measurements.append([reading(10)])).from, 11);
  });

  test('after pruning, the log above the floor is whole', async (t, { measurements }) => {
    for (let i = 0; i < 10; i++) await measurements.append([reading(i)]);
    await measurements.prune(T0 + 4000);
    t.true(measurements.floor <= 4);
    const numbers = (await measurements.read(measurements.floor, 100)).map(({ q }) => q);
    t.deepEqual(
      numbers,
      Array.from({ length: 10 - measurements.floor }, (_, i) => measurements.floor + 1 + i),
    );
  });

  test('a large batch is committed and read back whole', async (t, { measurements }) => {
    const batch = readings(900);
    const { to } = await measurements.append(batch);
    t.is(to, 900);
    t.deepEqual(await all(measurements, 'gh1/air/temperature'), batch);
    t.is((await measurements.read(0, 10_000)).length, 900);
  });

  test('state comes back as it was set, by owner and key', async (t, { state }) => {
    const value = { on: true, since: 0, list: [1, null, 'x'] };
    await state.set('gh1/heater', 'limits', value);
    await state.set('gh1/heater', 'a', 0);
    await state.set('gh1/fan', 'limits', null);
    t.deepEqual(await state.get('gh1/heater', 'limits'), value);
    t.is(await state.get('gh1/fan', 'limits'), null);
    t.is(await state.get('gh1/fan', 'a'), undefined);
    t.deepEqual(await state.list('gh1/heater'), [
      ['a', 0],
      ['limits', value],
    ]);
    t.deepEqual(await state.list('nobody'), []);
  });

  test('state is a copy, can be replaced and deleted', async (t, { state }) => {
    const value = { n: 1 };
    await state.set('o', 'k', value);
    value.n = 2;
    t.deepEqual(await state.get('o', 'k'), { n: 1 });
    await state.set('o', 'k', 'other');
    t.is(await state.get('o', 'k'), 'other');
    await state.set('o', 'k', undefined);
    t.is(await state.get('o', 'k'), undefined);
    await state.set('o', 'never', undefined);
    t.deepEqual(await state.list('o'), []);
  });

  test('state is listed in order of key, whatever the letters', async (t, { state }) => {
    const keys = ['b', 'a', 'é', '__proto__', 'Z', '10', '9', '😀', '\uff5e', "'; drop table state"];
    for (const key of keys) await state.set('o', key, key);
    const expected = [...keys].sort((a, b) => (a < b ? -1 : 1));
    t.deepEqual(
      (await state.list('o')).map(([key]) => key),
      expected,
    );
  });

  test('a read of state sees the writes asked for before it', async (t, { state }) => {
    const set = state.set('o', 'k', 1);
    t.is(await state.get('o', 'k'), 1);
    await set;
  });

  test('state that is not JSON is refused', async (t, { state }) => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    for (const value of [circle, 1n, () => 1, Symbol('x')]) {
      await refuses(t, 'HYP_STORE', state.set('o', 'k', value));
    }
    t.is(await state.get('o', 'k'), undefined);
  });

  test('a closed store refuses work, and closing twice is once', async (t, store) => {
    const accepted = store.measurements.append(readings(2));
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    t.is((await accepted).to, 2);
    await refuses(t, 'HYP_DISPOSED', store.measurements.append(readings(1)));
    await refuses(t, 'HYP_DISPOSED', store.measurements.read(0, 1));
    await refuses(t, 'HYP_DISPOSED', all(store.measurements, 'gh1/air/temperature'));
    await refuses(t, 'HYP_DISPOSED', store.state.set('o', 'k', 1));
    await refuses(t, 'HYP_DISPOSED', store.state.get('o', 'k'));
  });
}
