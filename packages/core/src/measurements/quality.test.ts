import test from 'ava';
import { type Quality, qualityCode, qualityFromCode } from './quality.js';

test('qualities have the codes of the stream protocol', (t) => {
  const known: readonly (readonly [Quality, number])[] = [
    ['good', 0],
    ['stale', 1],
    ['suspect', 2],
    ['bad', 3],
  ];
  for (const [quality, code] of known) {
    t.is(qualityCode(quality), code);
    t.is(qualityCode(quality, true), code + 4);
    t.deepEqual(qualityFromCode(code), { quality, simulated: false });
    t.deepEqual(qualityFromCode(code + 4), { quality, simulated: true });
  }
});

test('a code that is none is never taken for a good reading', (t) => {
  for (const code of [-1, 8, 12, 0.5, NaN, Infinity, 2 ** 32, 2 ** 31])
    t.is(qualityFromCode(code).quality, 'bad', `${code}`);
});
