import test from 'ava';
import { ERRNO, errnoName, errnoOf, whyOf } from './errno.js';

test('the error number is found whatever sign it has', (t) => {
  t.is(errnoOf(Object.assign(new Error('negative'), { errno: -121, code: 'EREMOTEIO' })), ERRNO.EREMOTEIO);
  t.is(errnoOf(Object.assign(new Error('positive'), { errno: 121, code: '' })), ERRNO.EREMOTEIO);
});

test('the name counts where there is no number, and neither is 0', (t) => {
  t.is(errnoOf(Object.assign(new Error('named'), { code: 'ENXIO' })), ERRNO.ENXIO);
  t.is(errnoOf(Object.assign(new Error('strange'), { code: 'ERR_SOMETHING' })), 0);
  for (const other of [new Error('plain'), 'text', null, undefined, 5]) t.is(errnoOf(other), 0);
});

test('numbers have names, unknown ones keep the number', (t) => {
  t.is(errnoName(16), 'EBUSY');
  t.is(errnoName(524), 'errno 524');
});

test('the reason is the message, else the name', (t) => {
  t.is(whyOf(new Error('no such device')), 'no such device');
  t.is(whyOf(Object.assign(new Error(''), { errno: -5 })), 'EIO');
});
