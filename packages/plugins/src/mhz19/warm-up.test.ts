import type { SerialPort } from '@hyphae/hal';
import { SerialClosedError, SerialTimeoutError } from '@hyphae/hal';
import test from 'ava';
import { WarmUp } from './warm-up.js';

const silence = new SerialTimeoutError({ port: '/dev/ttyS0', timeout: '1 s' });
const port = () => ({ name: '/dev/ttyS0' }) as SerialPort; // only ever the key of a map

test('a sensor is known by the claim of its port', (t) => {
  const [one, other] = [port(), port()];
  t.is(WarmUp.of(one), WarmUp.of(one));
  t.not(WarmUp.of(one), WarmUp.of(other));
});

test('a sensor warms up at first, and again after two lost readings in a row, however often each was tried', (t) => {
  const warmUp = WarmUp.of(port());
  warmUp.begin(0, 100);
  t.false(warmUp.answered());
  t.true(warmUp.warming(99));
  t.false(warmUp.warming(100));
  for (let attempt = 0; attempt < 5; attempt++) warmUp.failed(silence, 1000);
  warmUp.begin(1000, 100);
  t.false(warmUp.warming(1000));
  t.false(warmUp.answered());
  warmUp.failed(silence, 2000);
  warmUp.begin(2000, 100);
  warmUp.failed(silence, 3000);
  warmUp.begin(3000, 100);
  t.true(warmUp.warming(3099));
  t.true(warmUp.answered(), 'which is worth a word');
  t.false(warmUp.answered(), 'once');
});

test('a port that was closed may have been pulled out with the supply of its sensor', (t) => {
  const warmUp = WarmUp.of(port());
  warmUp.begin(0, 100);
  warmUp.failed(new SerialClosedError({ port: '/dev/ttyS0', why: 'unplugged' }));
  warmUp.begin(1000, 100);
  t.true(warmUp.warming(1000));
});
