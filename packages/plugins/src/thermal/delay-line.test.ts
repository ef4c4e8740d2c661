import test from 'ava';
import { DelayLine } from './delay-line.js';

test('what goes in comes out after the dead time, in order', (t) => {
  const line = new DelayLine(100);
  line.push(0, 0.5);
  line.push(40, 1);
  const seen = [0, 99, 100, 139, 140, 1000].map((nowMs) => {
    line.passTo(nowMs);
    return line.value;
  });
  t.deepEqual(seen, [0, 0, 0.5, 0.5, 1, 1]);
  t.is(line.nextMs, Infinity);
});

test('without a dead time it comes out at once', (t) => {
  const line = new DelayLine(0);
  line.push(5, 1);
  t.is(line.value, 1);
});

test('two values of one moment are the later one', (t) => {
  const line = new DelayLine(10);
  line.push(0, 1);
  line.push(0, 0.25);
  line.passTo(10);
  t.is(line.value, 0.25);
});

test('however many changes come, few wait, and the last one wins', (t) => {
  const line = new DelayLine(1e9);
  for (let n = 1; n <= 5000; n++) line.push(n, n / 5000);
  let changes = 0;
  while (line.nextMs < Infinity) {
    line.passTo(line.nextMs);
    changes++;
  }
  t.is(changes, 1000);
  t.is(line.value, 1);
});
