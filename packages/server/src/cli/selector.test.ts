import test from 'ava';
import { isSelector } from './selector.js';

test('selectors are paths with + for a level and # for the rest', (t) => {
  for (const text of ['#', '+', 'a', 'gh1/air/temperature', 'gh1/+/t', 'gh1/#', '+/+/#', 'a/$state'])
    t.true(isSelector(text), text);
  for (const text of [
    '',
    '/',
    'a/',
    '/a',
    'a//b',
    '#/a',
    'a#',
    'a+/b',
    'a b',
    'x'.repeat(257),
    'a/'.repeat(16) + 'a',
  ]) {
    t.false(isSelector(text), text);
  }
});
