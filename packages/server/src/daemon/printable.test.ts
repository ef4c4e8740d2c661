import test from 'ava';
import { printable } from './printable.js';

test('what moves the cursor, forges a line or turns the direction is shown instead of done', (t) => {
  t.is(printable('a\u001b[2Jb\r\nc\u009b1A\u007f\u202eü😀'), 'a\\u001b[2Jb\\u000d\\u000ac\\u009b1A\\u007f\\u202eü😀');
  t.is(printable('\u001b[31mred'), '\\u001b[31mred');
});

test('JSON stays the same JSON', (t) => {
  const value = { 'a\u0085': '\u009b2J\n\u2028' };
  t.deepEqual(JSON.parse(printable(JSON.stringify(value))), value);
});

test('of colours only our own pass, and only where they are wanted', (t) => {
  t.is(printable('\u001b[31mred\u001b[0m', 'keep'), '\u001b[31mred\u001b[0m');
  t.is(printable('\u001b[31mred\u001b[0m', 'drop'), 'red');
  t.is(printable('\u001b[8mhidden\u001b[5A', 'keep'), '\\u001b[8mhidden\\u001b[5A');
});
