import test from 'ava';
import { LatenessWindow } from './lateness.js';

test('before the first run all quantiles are zero', (t) => {
  t.deepEqual(new LatenessWindow().quantiles(), { p50: 0, p99: 0, max: 0 });
});

test('quantiles are by nearest rank', (t) => {
  const window = new LatenessWindow();
  for (let i = 100; i >= 1; i--) window.record(i);
  t.deepEqual(window.quantiles(), { p50: 50, p99: 99, max: 100 });
});

test('only the last 4096 runs count', (t) => {
  const window = new LatenessWindow();
  window.record(1_000_000);
  for (let i = 0; i < 4095; i++) window.record(1);
  t.is(window.quantiles().max, 1_000_000);
  window.record(2);
  t.deepEqual(window.quantiles(), { p50: 1, p99: 1, max: 2 });
});
