import test from 'ava';
import { hasCode } from '@hyphae/core';
import { isLoopback, parseListen } from './listen-address.js';

test('addresses are host and port, with brackets around version 6', (t) => {
  t.deepEqual(parseListen('127.0.0.1:8080'), { host: '127.0.0.1', port: 8080 });
  t.deepEqual(parseListen(' localhost:0 '), { host: 'localhost', port: 0 });
  t.deepEqual(parseListen('[::1]:65535'), { host: '::1', port: 65535 });
});

test('everything else is refused with what to write', (t) => {
  for (const text of [
    '',
    ':',
    '8080',
    ':8080',
    'localhost',
    'localhost:',
    '::1:80',
    'a b:1',
    'http://x:1',
    'x:65536',
    'x:-1',
    'x:1\ny',
  ]) {
    const error = t.throws(() => parseListen(text), undefined, JSON.stringify(text));
    t.true(hasCode(error, 'HYP_LISTEN'));
  }
});

test('only loopback addresses are private to the machine', (t) => {
  for (const host of ['localhost', '::1', '127.0.0.1', '127.8.9.1']) t.true(isLoopback(host), host);
  for (const host of ['0.0.0.0', '::', '192.168.1.2', '127.0.0.1.evil.example', 'greenhouse.local'])
    t.false(isLoopback(host), host);
});
