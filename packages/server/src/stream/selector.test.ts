import test from 'ava';
import fc from 'fast-check';
import { selectorProblem, SelectorSet } from './selector.js';

/** The rule, as one would explain it. */
function naive(selector: string, path: string): boolean {
  const pattern = selector.split('/');
  const levels = path.split('/');
  for (let i = 0; ; i++) {
    if (pattern[i] === '#') return true;
    if (i === pattern.length || i === levels.length) return i === pattern.length && i === levels.length;
    if (pattern[i] !== '+' && pattern[i] !== levels[i]) return pattern[i + 1] === undefined && pattern[i] === '#';
  }
}

const level = fc.constantFrom('a', 'b', 'gh1', 'ä', '$state', '.*');
const path = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join('/'));
const selector = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 5 }), fc.boolean())
  .map(([levels, rest]) => [...levels, ...(rest || levels.length === 0 ? ['#'] : [])].join('/'));

test('a set of selectors matches a path exactly when one of them does', (t) => {
  fc.assert(
    fc.property(fc.array(selector, { minLength: 1, maxLength: 8 }), path, (selectors, candidate) => {
      const expected = selectors.some((one) => naive(one, candidate));
      return new SelectorSet(selectors).matches(candidate) === expected;
    }),
    { numRuns: 5_000, seed: 1 },
  );
  t.pass();
});

test('# matches the level it stands below as well', (t) => {
  t.true(new SelectorSet(['gh1/#']).matches('gh1'));
  t.true(new SelectorSet(['gh1/#']).matches('gh1/a/b'));
  t.false(new SelectorSet(['gh1/#']).matches('gh10/a'));
  t.false(new SelectorSet(['gh1/+']).matches('gh1/a/b'));
});

for (const [text, problem] of [
  ['', 'empty'],
  ['#/x', 'bad_level'],
  ['+x', 'bad_level'],
  ['x+', 'bad_level'],
  ['a#', 'bad_level'],
  ['a//b', 'bad_level'],
  ['/a', 'bad_level'],
  ['a/', 'bad_level'],
  ['a/\u0000', 'bad_level'],
  [Array(17).fill('a').join('/'), 'too_deep'],
  ['x'.repeat(257), 'too_long'],
  ['a/+/b/#', undefined],
  ['(((((.*)/)', undefined],
  ['#', undefined],
] as const) {
  test(`selector ${JSON.stringify(text).slice(0, 40)} is ${problem ?? 'fine'}`, (t) => {
    t.is(selectorProblem(text), problem);
  });
}
