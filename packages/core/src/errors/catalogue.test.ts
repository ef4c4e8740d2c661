import test from 'ava';
import * as catalogue from './catalogue.js';
import { asHyphaeError, ConfigInvalidError, PluginFailureError } from './catalogue.js';
import { type ErrorClass, type ErrorCode, type ErrorContext, hasCode, isHyphaeError } from './hyphae-error.js';

type Row = ErrorClass<ErrorCode, ErrorContext>;
const rows = Object.entries(catalogue).flatMap(([name, value]): [string, Row][] =>
  // A class with a template is a row; each asks for its own context, and the tests give it what its template names.
  'template' in value ? [[name, value as unknown as Row]] : [],
);

test('the catalogue has rows, and every one is complete', (t) => {
  t.true(rows.length > 20);
  for (const [name, row] of rows) {
    t.regex(row.code, /^HYP_[A-Z]+(_[A-Z0-9]+)*$/, name);
    t.regex(row.remedy, /^[A-Z].*\.$/, `${row.code} says in a sentence what to do`);
    t.is(typeof row.retryable, 'boolean');
    t.true(name.endsWith('Error'), name);
    t.false(row.template.endsWith('.'), `${row.code}: messages are put into sentences`);
  }
});

test('no code is used twice', (t) => {
  const codes = rows.map(([, row]) => row.code);
  t.is(new Set(codes).size, codes.length);
});

test('every field that a message names is filled from the context', (t) => {
  for (const [, Row] of rows) {
    const fields = [...Row.template.matchAll(/\{(\w+)\}/g)].map(([, field]) => field ?? '');
    t.true(fields.length > 0, Row.code);
    const context = Object.fromEntries(fields.map((field) => [field, `<${field}>`]));
    const { message } = new Row(context);
    for (const field of fields) t.true(message.includes(`<${field}>`), `${Row.code}: ${message}`);
    t.notRegex(message, /undefined|[{}]/, Row.code);
  }
});

test('whatever was thrown gets a code; what has one keeps it', (t) => {
  const known = new ConfigInvalidError({ problems: ['a'] });
  t.is(asHyphaeError(known, 'gh1/air', 'sample'), known);
  const cause = new TypeError('x is undefined');
  const wrapped = asHyphaeError(cause, 'gh1/air', 'sample');
  t.true(wrapped instanceof PluginFailureError);
  t.is(wrapped.message, 'gh1/air failed in sample: x is undefined');
  t.is(wrapped.cause, cause);
  for (const thrown of ['text', 0, null, undefined, { code: 'HYP_NOT_OURS' }, Symbol('s'), Object.create(null)]) {
    const error = asHyphaeError(thrown, 'gh1/air', 'start');
    t.true(isHyphaeError(error) && hasCode(error, 'HYP_PLUGIN_FAILURE'), typeof thrown);
  }
});
