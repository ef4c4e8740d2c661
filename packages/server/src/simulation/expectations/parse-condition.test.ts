import test from 'ava';
import fc from 'fast-check';
import { conditionOf, type Expression, OPERATORS, printExpression, QUALITY_WORDS, type Truth } from './condition.js';
import { evaluate } from './evaluate-condition.js';
import type { Observation } from './expectation.js';
import { parseCondition } from './parse-condition.js';

const parsed = (text: string) => {
  const result = parseCondition(text);
  if ('problem' in result) throw new Error(result.problem);
  return result.condition;
};
const readings = (values: Readonly<Record<string, Partial<Observation>>>) =>
  new Map(
    Object.entries(values).map(([path, each]) => [path, { at: 0, path, value: 0, quality: 'good' as const, ...each }]),
  );
const truth = (text: string, values: Readonly<Record<string, Partial<Observation>>> = {}): Truth =>
  evaluate(parsed(text).root, readings(values));

const PATHS = ['a/x', 'gh1/air/temperature', 'not-1/or.2/and_3', '0/1', 'is/in'];
const path = fc.constantFrom(...PATHS);
const number = fc
  .oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((value) => value + 0);
const atom: fc.Arbitrary<Expression> = fc.oneof(
  fc.record({ kind: fc.constant('compare' as const), path, operator: fc.constantFrom(...OPERATORS), value: number }),
  fc.record({ path, a: number, b: number }).map(({ path, a, b }) => ({
    kind: 'range' as const,
    path,
    low: Math.min(a, b),
    high: Math.max(a, b),
  })),
  fc.record({ kind: fc.constant('quality' as const), path, quality: fc.constantFrom(...QUALITY_WORDS) }),
  fc.record({ kind: fc.constant('presence' as const), path, present: fc.boolean() }),
);
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    atom,
    fc.record({ kind: fc.constant('not' as const), of: tie('expression') }),
    fc.record({
      kind: fc.constantFrom('all' as const, 'any' as const),
      of: fc.array(tie('expression'), { minLength: 2, maxLength: 3 }),
    }),
  ),
}));

test('a condition that is written out and read again is the same', (t) => {
  fc.assert(
    fc.property(expression, (root) => {
      const text = printExpression(root);
      fc.pre(text.length <= 2_000);
      t.deepEqual(parsed(text), conditionOf(root), text);
    }),
  );
  t.pass();
});

test('three-valued logic agrees with trying both values for each unknown part', (t) => {
  // Each part stands for its own channel: where the outcome is the same for every choice, it is known, by Kleene's tables
  // at least whenever every channel is named once.
  const channels = ['a/a', 'b/b', 'c/c', 'd/d'];
  const state = fc.constantFrom<(0 | 1 | null)[]>(0, 1, null);
  const shape = fc.constantFrom(
    'a/a == on and b/b == on or c/c == on and not d/d == on',
    'not (a/a == on or b/b == on) and (c/c == on or d/d == on)',
    '(a/a == on or b/b == on and c/c == on) and d/d == on',
    'not not a/a == on or not (b/b == on and not c/c == on and d/d == on)',
  );
  fc.assert(
    fc.property(shape, fc.tuple(state, state, state, state), (text, values) => {
      const outcomes = new Set<Truth>();
      for (let choice = 0; choice < 16; choice++) {
        const chosen = values.map((value, index) => value ?? (choice >> index) & 1);
        outcomes.add(
          truth(text, Object.fromEntries(channels.map((path, index) => [path, { value: chosen[index] ?? 0 }]))),
        );
      }
      const expected = outcomes.size === 1 ? [...outcomes][0] : undefined;
      const given = Object.fromEntries(channels.map((path, index) => [path, { value: values[index] ?? null }]));
      t.is(truth(text, given), expected, `${text} with ${values.join()}`);
    }),
  );
  t.pass();
});

test('"and" binds closer than "or", and "not" closer than both', (t) => {
  const values = { 'a/a': { value: 1 }, 'b/b': { value: 0 }, 'c/c': { value: 0 } };
  t.true(truth('a/a == on or b/b == on and c/c == on', values));
  t.false(truth('(a/a == on or b/b == on) and c/c == on', values));
  t.true(truth('not b/b == on and a/a == on', values));
  t.false(truth('not a/a == on or b/b == on', values));
});

test('a range includes both ends, and spaces may be left out', (t) => {
  for (const [value, expected] of [
    [19.9, false],
    [20, true],
    [22.5, true],
    [22.6, false],
  ] as const) {
    t.is(truth('a/x in 20..22.5', { 'a/x': { value } }), expected);
  }
  t.true(truth('a/x<-1e2', { 'a/x': { value: -101 } }));
  t.true(truth('a/x in -5 .. -4', { 'a/x': { value: -4.5 } }));
});

test('a value that is missing, null or bad is unknown; zero is a value, and a stale one is used', (t) => {
  t.is(truth('a/x < 1'), undefined);
  t.is(truth('a/x < 1', { 'a/x': { value: null, quality: 'bad' } }), undefined);
  t.is(truth('a/x < 1', { 'a/x': { value: 0, quality: 'bad' } }), undefined);
  t.is(truth('a/x in 0..1', { 'a/x': { value: null, quality: 'bad' } }), undefined);
  t.true(truth('a/x < 1', { 'a/x': { value: 0 } }));
  t.true(truth('a/x == off', { 'a/x': { value: 0, quality: 'stale' } }));
});

test('the quality of a channel is unknown before its first reading, its presence is not', (t) => {
  t.is(truth('a/x is good'), undefined);
  t.true(truth('a/x is missing'));
  t.false(truth('a/x is present'));
  t.true(truth('a/x is bad', { 'a/x': { value: null, quality: 'bad' } }));
  t.false(truth('a/x is missing', { 'a/x': { value: null, quality: 'bad' } }));
  t.true(truth('a/x is present', { 'a/x': { value: null, quality: 'bad' } }));
});

test('a condition names its channels once each, and those that need a reading', (t) => {
  const { paths, needed } = parsed('a/x > 1 and (b/y is missing or a/x < 0) and c/z is good');
  t.deepEqual(paths, ['a/x', 'b/y', 'c/z']);
  t.deepEqual(needed, ['a/x', 'c/z']);
});

const WRONG: Readonly<Record<string, RegExp>> = {
  '': /^character 1: expected a channel such as .*, but the text ends here$/,
  'temperature > 20': /^character 1: expected a channel such as gh1\/air\/temperature, not or \(, found "temperature"$/,
  'a/x': /^character 4: expected <, <=, .* in or is after a\/x, but the text ends here$/,
  'a/x = 1': /^character 5: expected .*, found "="; write ==$/,
  'a/x === 1': /^character 7: expected a number, on or off, found "="; write ==$/,
  'a/x == true': /found "true"; write on$/,
  'a/x > 1 && b/y > 1': /^character 9: expected and, or or the end, found "&&"; write and$/,
  'a/x > 22 Cel': /^character 10: .*found "Cel"; a number stands without its unit$/,
  'a/x > 50%': /^character 9: .*found "%"; a number stands without its unit$/,
  'a/x in 20': /^character 10: expected \.\. and the upper end, as in 20\.\.22, but the text ends here$/,
  'a/x in 22..20': /nothing is in 22\.\.20; write 20\.\.22$/,
  'a/x in 20...22': /^character 12: expected a number as in 20\.\.22, found "\.22"$/,
  'a/x is fine': /^character 8: expected good, stale, suspect, bad, missing or present after is, found "fine"$/,
  'a/x is not good': /"not" stands before the channel: not a\/x is …$/,
  '(a/x > 1': /^character 9: expected and, or or \), but the text ends here$/,
  'a/x > 1)': /^character 8: expected and, or or the end, found "\)"$/,
  'a/x > 1e999': /^character 7: 1e999 is too large a number$/,
  'a/x > b/y': /^character 7: expected a number, on or off, found "b"$/,
  not: /^character 4: expected a channel/,
  [`${'('.repeat(40)}a/x > 1${')'.repeat(40)}`]: /^character 33: nested more than 32 deep/,
  [`a/x > ${'1'.repeat(2_000)}`]: /^has 2006 characters, and 2000 are possible/,
};

for (const [text, expected] of Object.entries(WRONG)) {
  test(`the problem of "${text.slice(0, 44)}" names the position and what was expected`, (t) => {
    const result = parseCondition(text);
    t.regex('problem' in result ? result.problem : 'no problem', expected);
  });
}

test('a condition may be long as long as it is not nested deeply', (t) => {
  const { root } = parsed(Array.from({ length: 100 }, () => '(not a/x > 1)').join(' and '));
  t.is(root.kind === 'all' && root.of.length, 100);
});

test('any text is a condition or a problem', (t) => {
  const word = fc.constantFrom(
    'a/x',
    '>',
    '==',
    'in',
    '1..2',
    'and',
    'or',
    'not',
    '(',
    ')',
    'is',
    'good',
    'on',
    '-3',
    '..',
    '=',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(word).map((words) => words.join(' ')),
  );
  fc.assert(
    fc.property(text, (each) => {
      const result = parseCondition(each);
      return 'problem' in result ? result.problem !== '' : parsed(result.condition.text).text === result.condition.text;
    }),
  );
  t.pass();
});
