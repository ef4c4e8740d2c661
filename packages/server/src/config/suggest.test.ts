import test from 'ava';
import { nearest, suggest } from './suggest.js';

test('a word that is nearly right is recognised, also with two letters swapped', (t) => {
  t.is(nearest('perod', ['period', 'plugin']), 'period');
  t.is(nearest('hafnium', ['period', 'plugin']), undefined);
  t.is(nearest('ues', ['use']), 'use');
  t.is(nearest('BME280', ['bme280', 'bmp280']), 'bme280');
  t.is(nearest('x'.repeat(1000), ['x']), undefined);
});

test('where nothing is near, what there is is listed, within bounds', (t) => {
  t.is(suggest('zzz', ['period', 'plugin'], 'possible'), 'possible: period, plugin');
  t.is(suggest('zzz', [], 'possible'), 'possible: none');
  const many = Array.from({ length: 50 }, (_, index) => `channel-number-${index}`);
  t.regex(suggest('zzz', many), /… \(50 in all\)$/);
});
