import test from 'ava';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { plainCheck } from './plain-check.js';

const ajv = new Ajv({
  allErrors: true,
  useDefaults: true,
  strict: false,
  strictNumbers: true,
  validateFormats: false,
  addUsedSchema: false,
});

/** The judgement of the full validator, or why it does not accept the schema. */
function judge(schema: object, value: unknown): boolean | string {
  try {
    return ajv.validate(schema, value);
  } catch (error) {
    return String(error);
  }
}

const names = fc.constantFrom('a', 'b', 'c', 'toString', '__proto__', 'ö');
const scalar = fc.oneof(
  fc.constantFrom(null, true, false, 0, -0, 1, 2, 2.5, -3, NaN, Infinity, '', 'a', 'ab', '🌱', 'ö', '1'),
  fc.integer({ min: -4, max: 4 }),
);
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 3 }),
  ),
}));

const kinds = fc.constantFrom('null', 'boolean', 'string', 'number', 'integer', 'array', 'object');
const count = fc.integer({ min: 0, max: 3 });
const limit = fc.constantFrom(-2, 0, 1, 2.5);
/** Mostly well-formed keywords, now and then one that is not, or one that is not plain. */
const { schema: anySchema } = fc.letrec<{ schema: object }>((tie) => {
  const sub = tie('schema');
  const fields: Record<string, fc.Arbitrary<unknown>> = {
    type: fc.oneof({ weight: 8, arbitrary: kinds }, { weight: 2, arbitrary: fc.array(kinds, { maxLength: 3 }) }),
    enum: fc.array(scalar, { maxLength: 4 }),
    const: scalar,
    minimum: limit,
    maximum: limit,
    exclusiveMinimum: limit,
    exclusiveMaximum: limit,
    minLength: count,
    maxLength: count,
    pattern: fc.constantFrom('^a', '^.$', '[', '\\p{L}', '1?'),
    minItems: count,
    maxItems: count,
    items: sub,
    minProperties: count,
    maxProperties: count,
    required: fc.array(names, { maxLength: 3 }),
    properties: fc.dictionary(names, sub, { maxKeys: 3 }),
    additionalProperties: fc.oneof(fc.boolean(), sub),
    propertyNames: sub,
    default: anyValue,
    description: fc.constantFrom<unknown>('text', 5),
    format: fc.constant('email'),
    title: fc.constant('text'),
    $id: fc.constant('urn:x'),
    multipleOf: fc.constant(2),
    anyOf: fc.array(sub, { maxLength: 2 }),
    oneOf: fc.array(sub, { maxLength: 3 }),
    allOf: fc.array(sub, { maxLength: 2 }),
    uniqueItems: fc.boolean(),
    'x-unit': fc.constant('Cel'),
  };
  const frequent = new Set(['type', 'properties', 'required', 'items', 'default', 'additionalProperties', 'enum']);
  const rare = new Set(['$id', 'allOf', 'multipleOf', 'x-unit', 'description', 'const']);
  const entry = fc.oneof(
    ...Object.entries(fields).map(([name, arbitrary]) => ({
      weight: frequent.has(name) ? 12 : rare.has(name) ? 1 : 4,
      arbitrary: fc.tuple(fc.constant(name), arbitrary),
    })),
  );
  return {
    schema: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.record({ type: kinds }),
      fc.array(entry, { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
    ),
  };
});

test('the plain check judges as the full validator does, and fills in the same defaults', (t) => {
  const seen = { yes: 0, no: 0, plain: 0 };
  fc.assert(
    fc.property(anySchema, anyValue, (schema, value) => {
      const check = plainCheck(schema);
      if (!check) return;
      seen.plain++;
      const mine = structuredClone(value);
      const theirs = structuredClone(value);
      const full = judge(schema, theirs);
      const shown = `${JSON.stringify(schema)} judges ${JSON.stringify(value)}`;
      if (typeof full === 'string') return t.fail(`${shown}: ${full}`);
      t.is(check(mine), full, shown);
      seen[full ? 'yes' : 'no']++;
      if (full) t.deepEqual(mine, theirs, shown); // what does not fit is not looked at to the end
    }),
    { numRuns: 4_000 },
  );
  for (const [what, times] of Object.entries(seen)) t.true(times > 200, `${what}: ${times}`);
});

test('at every limit the plain check judges as the full validator does', (t) => {
  const limits = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'];
  const sizes = ['Length', 'Items', 'Properties'].flatMap((what) => [`min${what}`, `max${what}`]);
  const values = [
    null,
    true,
    -1,
    0,
    1,
    1.5,
    2,
    NaN,
    Infinity,
    '',
    'a',
    '🌱',
    'ab',
    '🌱b',
    [],
    [0],
    [0, 1],
    {},
    { a: 0 },
    { a: 0, b: 0 },
  ];
  const schemas = [
    ...[...limits, ...sizes].flatMap((keyword) => [0, 1, 2].map((argument) => ({ [keyword]: argument }))),
    ...['null', 'boolean', 'string', 'number', 'integer', 'array', 'object'].map((type) => ({ type })),
    ...[null, true, 0, 1, '', 'a'].map((value) => ({ const: value })),
    { enum: [0, '', null] },
    { type: ['integer', 'null'] },
    { items: { type: 'integer' }, uniqueItems: true },
  ];
  for (const schema of schemas) {
    for (const value of [...values, [1, 1]]) {
      t.is(plainCheck(schema)?.(value), judge(schema, value) as boolean, `${JSON.stringify(schema)} ${String(value)}`);
    }
  }
});

test('alternatives fill in no defaults: which of them holds is not known yet', (t) => {
  for (const keyword of ['anyOf', 'oneOf']) {
    const schema = { [keyword]: [{ properties: { a: { default: 1 } } }] };
    const [mine, theirs] = [{}, {}];
    t.true(plainCheck(schema)?.(mine));
    t.true(judge(schema, theirs));
    t.deepEqual([mine, theirs], [{}, {}]);
  }
});

test('data of an ordinary schema is not sent to the full validator', (t) => {
  const schema = {
    type: 'object',
    properties: {
      setpoint: { type: 'number', minimum: -50, maximum: 100, description: 'Cel' },
      mode: { enum: ['heat', 'cool'], default: 'heat' },
      names: { type: 'array', items: { type: 'string', pattern: '^[a-z]+$', minLength: 1 }, default: [] },
      levels: { type: 'object', additionalProperties: { type: ['integer', 'null'] }, maxProperties: 2 },
    },
    required: ['setpoint', 'mode'],
    additionalProperties: false,
  };
  const value = { setpoint: 0, levels: { a: 1, b: null } };
  t.true(plainCheck(schema)?.(value));
  t.deepEqual(value as object, { setpoint: 0, mode: 'heat', names: [], levels: { a: 1, b: null } });
  for (const wrong of [
    {},
    { setpoint: '0' },
    { setpoint: NaN },
    { setpoint: 101 },
    { setpoint: 0, mode: 'dry' },
    { setpoint: 0, names: ['A'] },
    { setpoint: 0, names: new Array<unknown>(1) },
    { setpoint: 0, levels: { a: 0.5 } },
    { setpoint: 0, levels: { a: 1, b: 1, c: 1 } },
    { setpoint: 0, more: 1 },
  ]) {
    t.false(plainCheck(schema)?.(wrong), JSON.stringify(wrong));
  }
});

test('what is not plain or not well-formed is left to the full validator', (t) => {
  const loop: Record<string, unknown> = {};
  loop['items'] = loop;
  for (const schema of [
    { allOf: [{ type: 'string' }] },
    { anyOf: [] },
    { oneOf: [{ $ref: '#' }] },
    { uniqueItems: true },
    { $ref: '#/definitions/x' },
    { type: 'text' },
    { type: [] },
    { minimum: '1' },
    { pattern: '(' },
    { properties: null, additionalProperties: false },
    { properties: { toString: {} } },
    { properties: { a: { multipleOf: 2 } } },
    { required: ['a', 'a'] },
    { enum: [] },
    { description: 5 },
    loop,
  ]) {
    t.is(plainCheck(schema), undefined);
  }
});

test('a default that would set a prototype is left to the full validator, at any depth', (t) => {
  const schema = (fallback: string): object => ({ properties: { a: { default: JSON.parse(fallback) as unknown } } });
  t.is(plainCheck(schema('{"b":[{"__proto__":-3}]}')), undefined);
  t.truthy(plainCheck(schema('{"b":["__proto__"]}')));
});
