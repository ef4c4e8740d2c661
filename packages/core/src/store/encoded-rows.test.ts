import test from 'ava';
import fc from 'fast-check';
import { EncodedRows, RowWriter } from './encoded-rows.js';

type Row = readonly [q: number, handle: number, value: number | null, at: number, quality: number];

function encode(rows: readonly Row[]): EncodedRows {
  const writer = new RowWriter(rows.length);
  for (const [q, handle, value, at, quality] of rows) writer.add(q, `,${handle},`, value, `,${at},${quality}]`);
  return writer.finish();
}

/** Rows numbered from `from`, with awkward values. */
const batches = fc
  .record({
    from: fc.oneof(fc.nat(1_000), fc.constantFrom(0, 8, 98, 999_999_989, 2 ** 31 - 5, 2 ** 53 - 40)),
    records: fc.array(
      fc.tuple(
        fc.integer({ min: 1, max: 2 ** 31 }),
        fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)),
        fc.integer({ min: -8.64e15, max: 8.64e15 }),
        fc.integer({ min: 0, max: 7 }),
      ),
      { maxLength: 30 },
    ),
  })
  .map(({ from, records }) =>
    records.map(([handle, value, at, quality], i): Row => [from + 1 + i, handle, value, at, quality]),
  );

test('encoded rows are the JSON of the records, whole, one by one and in spans', (t) => {
  fc.assert(
    fc.property(batches, fc.nat(), fc.nat(), (rows, a, b) => {
      const encoded = encode(rows);
      const texts = rows.map((row) => JSON.stringify(row));
      t.is(encoded.json.toString(), `[${texts.join(',')}]`);
      t.deepEqual([...encoded], texts);
      if (rows.length === 0) return;
      const [low, high] = [a % rows.length, b % rows.length].sort((x, y) => x - y) as [number, number];
      t.is(encoded.span(low, high + 1).toString(), texts.slice(low, high + 1).join(','));
    }),
    { seed: 7, numRuns: 500 },
  );
});

test('batches joined are one batch', (t) => {
  fc.assert(
    fc.property(fc.array(batches, { maxLength: 4 }), (parts) => {
      const texts = parts.flat().map((row) => JSON.stringify(row));
      for (const joined of [EncodedRows.join(parts.map((rows) => encode(rows))), EncodedRows.of(texts)]) {
        t.is(joined.json.toString(), `[${texts.join(',')}]`);
        t.deepEqual([...joined], texts);
      }
    }),
    { seed: 8, numRuns: 200 },
  );
});

test('a batch far larger than the room kept for writing is whole, and so is the one after it', (t) => {
  const rows = Array.from({ length: 30_000 }, (_, i): Row => [i + 1, 7, i / 7, 1_700_000_000_000 + i, 0]);
  const encoded = encode(rows);
  t.true(encoded.json.length > 1024 * 1024);
  t.deepEqual(JSON.parse(encoded.json.toString()), rows);
  t.deepEqual(JSON.parse(encode(rows.slice(0, 3)).json.toString()), rows.slice(0, 3));
  t.is(encoded.row(29_999), JSON.stringify(rows[29_999]), 'what was finished is not written over');
});
