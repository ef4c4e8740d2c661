import test from 'ava';
import { defineError, hasCode, HyphaeError, isHyphaeError } from './hyphae-error.js';

const LostError = defineError<{ port: string; tries: number }>()('HYP_LOST', '{port} is gone after {tries} tries', {
  retryable: true,
  remedy: 'Plug it in again.',
});

/** What an error looks like that another copy of this package made: the same mark, another class. */
function fromAnotherCopy(code: string): Error {
  return Object.assign(new Error('from elsewhere'), { code, [Symbol.for('hyphae.error')]: true });
}

test('a row gives an error with code, context, message and advice', (t) => {
  const cause = new Error('EIO');
  const error = new LostError({ port: '/dev/ttyS0', tries: 0 }, { cause });
  t.true(error instanceof Error);
  t.true(error instanceof HyphaeError);
  t.is(error.code, 'HYP_LOST');
  t.is(error.name, 'HYP_LOST');
  t.is(error.message, '/dev/ttyS0 is gone after 0 tries');
  t.deepEqual(error.context, { port: '/dev/ttyS0', tries: 0 });
  t.is(error.cause, cause);
  t.true(error.retryable);
  t.deepEqual([LostError.code, LostError.retryable, LostError.remedy], ['HYP_LOST', true, 'Plug it in again.']);
  t.regex(error.stack ?? '', /hyphae-error\.test/);
});

test('what goes into a message is written readably', (t) => {
  const AnyError = defineError<{ value: unknown }>()('HYP_ANY', 'found {value}', { remedy: '' });
  const shown = (value: unknown) => new AnyError({ value }).message;
  t.is(shown(undefined), 'found undefined');
  t.is(shown(null), 'found null');
  t.is(shown(0), 'found 0');
  t.is(shown(''), 'found ');
  t.is(shown(['a', 'b', ['c']]), 'found a, b, c');
  t.is(shown({ a: 1 }), 'found {"a":1}');
  t.is(shown(10n), 'found 10');
  t.is(shown('$& {value}'), 'found $& {value}', 'a value is never read as a template');
});

test('a value that cannot be written does not hide the error', (t) => {
  const AnyError = defineError<{ value: unknown }>()('HYP_ANY', 'found {value}', { remedy: '' });
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const hostile = {
    toJSON() {
      throw new Error('no');
    },
  };
  const list: unknown[] = [];
  list.push(list);
  for (const value of [circle, hostile, { big: 1n }, Object.create(null), list]) {
    t.true(new AnyError({ value }).message.startsWith('found '));
  }
});

test('a code is recognised across two copies of the package', (t) => {
  const error = fromAnotherCopy('HYP_LOST');
  t.false(error instanceof HyphaeError);
  t.true(isHyphaeError(error));
  t.true(hasCode(error, 'HYP_LOST'));
  t.false(hasCode(error, 'HYP_FOUND'));
});

test('what merely looks like an error of ours is none', (t) => {
  for (const other of [
    Object.assign(new Error('x'), { code: 'HYP_LOST' }),
    { code: 'HYP_LOST', [Symbol.for('hyphae.error')]: true },
    'HYP_LOST',
    null,
    undefined,
  ]) {
    t.false(isHyphaeError(other));
    t.false(hasCode(other, 'HYP_LOST'));
  }
});

test('the mark does not show when an error is printed or copied', (t) => {
  const error = new LostError({ port: 'a', tries: 1 });
  t.deepEqual(Object.getOwnPropertySymbols({ ...error }), []);
});

test('context and code are typed', (t) => {
  const error: unknown = new LostError({ port: 'a', tries: 1 });
  if (hasCode(error, 'HYP_LOST')) {
    const code: 'HYP_LOST' = error.code;
    t.is(code, 'HYP_LOST');
  }
  const wrong = () => {
    // @ts-expect-error a fact is missing
    new LostError({ port: 'a' });
    // @ts-expect-error a fact of another type
    new LostError({ port: 'a', tries: 'two' });
    // @ts-expect-error not a code
    defineError()('LOST', '', { remedy: '' });
    // @ts-expect-error every row says what to do
    defineError()('HYP_LOST', '', {});
  };
  t.is(typeof wrong, 'function');
});
