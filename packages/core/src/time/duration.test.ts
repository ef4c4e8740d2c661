import test from 'ava';
import fc from 'fast-check';
import { hasCode } from '../errors/hyphae-error.js';
import { type Duration, formatMs, toMs } from './duration.js';

test('a number is milliseconds, and zero is a length of time', (t) => {
  t.is(toMs(1500), 1500);
  t.is(toMs(0), 0);
  t.is(toMs(0.25), 0.25);
});

test('each unit counts its milliseconds', (t) => {
  const known: readonly (readonly [Duration, number])[] = [
    ['10 ms', 10],
    ['1.5 s', 1_500],
    ['2 min', 120_000],
    ['1 h', 3_600_000],
    ['7 d', 604_800_000],
  ];
  for (const [duration, ms] of known) {
    t.is(toMs(duration), ms);
    t.is(toMs(duration), ms, 'and again, when it is known already');
  }
});

test('text from users may leave out the space', (t) => {
  t.is(toMs('10s'), 10_000);
  t.is(toMs('0.5min'), 30_000);
});

test('what is not a length of time is refused with a code, every time', (t) => {
  const wrong = [
    '',
    's',
    '10',
    '10 S',
    '-1 s',
    '1e3 s',
    '1 s ',
    ' 1 s',
    '1,5 s',
    '10 m',
    'NaN s',
    '1 s 2 ms',
    `${'9'.repeat(400)} d`,
  ];
  for (const duration of [...wrong, ...wrong, NaN, -1, Infinity, -Infinity]) {
    const error = t.throws(() => toMs(duration), undefined, String(duration));
    t.true(hasCode(error, 'HYP_DURATION'), String(duration));
  }
});

test('more different texts than are remembered are still understood', (t) => {
  for (let i = 0; i < 1000; i++) t.is(toMs(`${i} s`), i * 1000);
});

test('milliseconds are written the way a person would say them', (t) => {
  t.is(formatMs(0), '0 ms');
  t.is(formatMs(5), '5 ms');
  t.is(formatMs(999.5), '999.5 ms');
  t.is(formatMs(1_000), '1 s');
  t.is(formatMs(90_000), '1.5 min');
  t.is(formatMs(3_600_000), '1 h');
  t.is(formatMs(604_800_000), '7 d');
});

test('what is written can be read back, to two decimals of its unit', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 10 }), (ms) => {
      const back = toMs(formatMs(ms));
      return Math.abs(back - ms) <= Math.max(0.005 * ms, 0.005);
    }),
  );
  t.pass();
});
