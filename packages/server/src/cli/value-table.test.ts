import test from 'ava';
import type { Paint } from './terminal.js';
import { formatAge, formatValue, valueTable, type ValueRow } from './value-table.js';

const paint: Paint = (_style, text) => text;
const row = (path: string, value: number | null, more: Partial<ValueRow> = {}): ValueRow => ({
  path,
  value,
  unit: 'Cel',
  quality: 'good',
  simulated: false,
  at: 0,
  ...more,
});

test('values have as many digits as can matter, and zero is a value', (t) => {
  t.deepEqual([0, -40, 21.4567, 1.23456, 0.123456, 1013.25, 1e-9, 5e12, null].map(formatValue), [
    '0',
    '-40',
    '21.5',
    '1.23',
    '0.123',
    '1013',
    '1.00e-9',
    '5000000000000',
    '–',
  ]);
});

test('a path of a stranger moves no cursor and widens no line', (t) => {
  const [line = ''] = valueTable([row('a\u001b[2J\u009b5A', 1, { unit: '\u001b[5A' })], {
    now: 0,
    width: 60,
    height: 10,
    paint: (_, text) => text,
  });
  // eslint-disable-next-line no-control-regex -- they are what must not be there
  t.notRegex(line, /[\u0000-\u001f\u007f-\u009f]/);
  t.true(line.length <= 60);
});

test('ages are short', (t) => {
  t.deepEqual([-5, 400, 59_000, 61_000, 7_300_000].map(formatAge), ['0 s', '0 s', '59 s', '1 min', '2 h']);
});

test('rows are sorted, aligned, marked, and fit the window', (t) => {
  const rows = [
    row('b', 0, { simulated: true }),
    row('a', null, { quality: 'bad' }),
    row('x'.repeat(200), 1),
    row('gh1/air/$state', 2, { unit: '1' }),
  ];
  const lines = valueTable(rows, { now: 61_000, width: 60, height: 10, paint });
  t.is(lines.length, 4);
  t.true(lines.every((line) => line.length <= 60));
  t.regex(String(lines[0]), /^a +– °C +bad +1 min$/);
  t.regex(String(lines[1]), /^b +0 °C +sim +1 min$/);
  t.regex(String(lines[2]), /^gh1\/air\/\$state +running /);
  t.regex(String(lines[3]), /^x+… +1 °C/);
});

test('what does not fit is counted', (t) => {
  const lines = valueTable(
    Array.from({ length: 30 }, (_, index) => row(`c${index}`, index)),
    { now: 0, width: 80, height: 5, paint },
  );
  t.is(lines.length, 5);
  t.regex(String(lines[4]), /^… 26 more/);
});
