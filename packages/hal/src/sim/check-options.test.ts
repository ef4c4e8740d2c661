import test from 'ava';
import { checkOptions } from './check-options.js';

const schema = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: { type: 'string' },
    gain: { type: 'number', default: 2, minimum: 0, exclusiveMaximum: 10 },
    count: { type: 'integer' },
    mode: { enum: ['fast', 'slow'], default: 'fast' },
    list: { type: 'array' },
    on: { type: ['boolean', 'null'] },
  },
};

test('defaults are filled in, and what was given stays', (t) => {
  const given = { name: 'a', gain: 0 };
  t.deepEqual(checkOptions(schema, given), { options: { name: 'a', gain: 0, mode: 'fast' }, problems: [] });
  t.deepEqual(given, { name: 'a', gain: 0 });
});

test('every problem is named', (t) => {
  const { problems } = checkOptions(schema, { gain: 10, count: 1.5, mode: 'idle', list: {}, on: 1, other: true });
  t.deepEqual(problems, [
    'gain has to be below 10, not 10',
    'count has to be integer, not 1.5',
    'mode has to be fast or slow, not "idle"',
    'list has to be array, not {}',
    'on has to be boolean or null, not 1',
    'name is missing',
    'other is not known; known are: name, gain, count, mode, list, on',
  ]);
});

test('NaN and infinity are no numbers', (t) => {
  t.is(checkOptions(schema, { name: 'a', gain: NaN }).problems.length, 3);
  t.is(checkOptions(schema, { name: 'a', gain: -Infinity }).problems.length, 2);
});

test('options that are no mapping are refused', (t) => {
  for (const given of [null, 5, 'x', []])
    t.deepEqual(checkOptions(schema, given).problems, ['options are not a mapping']);
});

test('validators of Standard Schema are asked', (t) => {
  const standard = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value: unknown) => (value === 1 ? { value: 'one' } : { issues: [{ message: 'not one' }] }),
    },
  } as const;
  t.deepEqual(checkOptions(standard, 1), { options: 'one', problems: [] });
  t.deepEqual(checkOptions(standard, 2), { options: 2, problems: ['not one'] });
});
