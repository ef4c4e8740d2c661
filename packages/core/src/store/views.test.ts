import test from 'ava';
import { collect, readings, StoreDirectory } from './stores.test.helper.js';

interface Row {
  readonly q: number;
  readonly path: string;
  readonly value: number | null;
  readonly unit: string;
  readonly at: number;
  readonly quality: number;
}

test('the view "measurement" shows in the sqlite3 shell what the log and the blocks hold together', async (t) => {
  using directory = new StoreDirectory();
  await using store = await directory.open();
  const { measurements, database } = store;
  const batch = readings(0, 40).map((each, i) => ({ ...each, value: Math.round(Math.sin(i) * 1_000) / 100 }));
  await measurements.append(batch.slice(0, 20));
  await measurements.append([
    ...readings(0, 3, { channel: 'humidity', unit: '%', quality: 'bad' }).map((each) => ({ ...each, value: null })),
    ...readings(3, 6, { channel: 'humidity', unit: '%', value: 1 / 3 }),
  ]);
  const view = () => database.read<Row>('SELECT * FROM measurement ORDER BY q');
  const before = await view();
  await measurements.seal();
  t.deepEqual(await view(), before);
  await measurements.append(batch.slice(20));
  const rows = await view();
  t.deepEqual(
    rows.map(({ q }) => q),
    readings(1, 47).map(({ value }) => value),
  );
  t.deepEqual(
    rows.filter(({ path }) => path === 'gh1/air/temperature').map(({ value, at, unit }) => [value, at, unit]),
    (await collect(measurements)).map(({ value, at, unit }) => [value, at, unit]),
  );
  t.deepEqual(rows[20], { q: 21, path: 'gh1/air/humidity', value: null, unit: '%', at: batch[0]?.at, quality: 3 });
  t.deepEqual(await database.read('SELECT q, path, value, unit, at, quality FROM log ORDER BY q'), rows);
});
