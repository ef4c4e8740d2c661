import test from 'ava';
import { EncodedRows } from '@hyphae/core/store';
import fc from 'fast-check';
import { RecordRing } from './record-ring.js';
import { Segment } from './segment.js';

function segment(from: number, handles: readonly number[], atMs = 0): Segment {
  const rows = handles.map((handle, i) => `[${from + 1 + i},${handle},1,1,0]`);
  return new Segment([{ from, to: from + handles.length, handles, rows: EncodedRows.of(rows) }], atMs);
}

test('read page by page, the ring gives every wanted record once, in order', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 9 }), { maxLength: 12 }),
      fc.integer({ min: 1, max: 7 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 4 })).map((handles) => new Set(handles)),
      (batches, records, wanted) => {
        const ring = new RecordRing(0, { ringRecords: 1_000, ringMs: 1_000 });
        const all: string[] = [];
        for (const handles of batches) {
          const made = segment(ring.head, handles);
          ring.push(made);
          all.push(...handles.map((_, i) => made.row(i)).filter((_, i) => wanted.has(handles[i] ?? 0)));
        }
        const got: string[] = [];
        for (let at = 0; at < ring.head;) {
          const page = ring.read(at, (handle) => wanted.has(handle), { until: ring.head, records, bytes: 1_000 });
          if (!page || page.to <= at) return false;
          got.push(...page.rows);
          at = page.to;
        }
        return got.join() === all.join();
      },
    ),
    { numRuns: 1_000, seed: 2 },
  );
  t.pass();
});

test('what is too old or too much leaves the ring, and a read below its floor says so', (t) => {
  const ring = new RecordRing(0, { ringRecords: 5, ringMs: 100 });
  const any = () => true;
  ring.push(segment(0, [1, 1, 1], 0));
  ring.push(segment(3, [1, 1, 1], 10));
  t.is(ring.floor, 3, 'more than five records');
  t.is(ring.read(2, any, { until: 6, records: 9, bytes: 999 }), undefined);
  t.deepEqual(ring.read(5, any, { until: 6, records: 9, bytes: 999 }), { to: 6, rows: ['[6,1,1,1,0]'] });
  ring.push(segment(6, [1], 200));
  t.is(ring.floor, 6, 'older than 100 ms');
  t.is(ring.records, 1);
});

test('a page stops at the byte limit without losing the record that did not fit', (t) => {
  const ring = new RecordRing(0, { ringRecords: 100, ringMs: 100 });
  ring.push(segment(0, [1, 1, 1], 0));
  const page = ring.read(0, () => true, { until: 3, records: 9, bytes: 24 });
  t.deepEqual(page, { to: 2, rows: ['[1,1,1,1,0]', '[2,1,1,1,0]'] });
});

test('a batch that does not follow starts the ring anew', (t) => {
  const ring = new RecordRing(0, { ringRecords: 100, ringMs: 100 });
  ring.push(segment(0, [1], 0));
  ring.push(segment(10, [1], 0));
  t.is(ring.floor, 10);
  t.is(ring.head, 11);
});

test('a segment of several batches gives their rows one by one, as a span and as a choice', (t) => {
  const whole = new Segment(
    [
      { from: 4, to: 6, handles: [1, 2], rows: EncodedRows.of(['[5,1,0,1,0]', '[6,2,null,1,3]']) },
      { from: 6, to: 6, handles: [], rows: EncodedRows.of([]) },
      { from: 6, to: 8, handles: [1, 2], rows: EncodedRows.of(['[7,1,2.5,1,0]', '[8,2,-1e+21,1,0]']) },
    ],
    0,
  );
  t.deepEqual([whole.from, whole.to, whole.length], [4, 8, 4]);
  t.deepEqual(
    [0, 1, 2, 3].map((i) => whole.row(i)),
    ['[5,1,0,1,0]', '[6,2,null,1,3]', '[7,1,2.5,1,0]', '[8,2,-1e+21,1,0]'],
  );
  t.is(whole.rows.span(1, 3).toString(), '[6,2,null,1,3],[7,1,2.5,1,0]');
  t.is(whole.pick([0, 1, 3]).toString(), '[5,1,0,1,0],[6,2,null,1,3],[8,2,-1e+21,1,0]');
  t.is(whole.pick([2]).toString(), '[7,1,2.5,1,0]');
});
