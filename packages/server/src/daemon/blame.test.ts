import test from 'ava';
import { PluginFailureError } from '@hyphae/core';
import { blame } from './run-until-signal.js';

test('an error of the catalogue names its instance', (t) => {
  t.deepEqual(blame(new PluginFailureError({ instance: 'gh1/air', hook: 'sample', why: 'x' })), {
    instance: 'gh1/air',
  });
});

test('any other error is blamed on the innermost package in its stack that is not one of ours', (t) => {
  const error = new Error('x');
  error.stack = [
    'Error: x',
    '    at f (file:///d/node_modules/@hyphae/core/dist/index.js:1:1)',
    '    at g (file:///d/node_modules/@scope/soil/index.js:1:1)',
    '    at h (file:///d/node_modules/other/index.js:1:1)',
  ].join('\n');
  t.deepEqual(blame(error), { package: '@scope/soil' });
});

test('what has no stack is nobody’s', (t) => {
  t.deepEqual(blame('text'), {});
  t.deepEqual(blame(undefined), {});
});
