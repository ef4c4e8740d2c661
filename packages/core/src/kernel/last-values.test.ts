import test from 'ava';
import type { Measurement } from '../measurements/measurement.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { LastValues } from './last-values.js';

const good: Measurement = { source: 'gh1/air', channel: 'x', value: 0, unit: 'Cel', at: 5, quality: 'good' };

test('the last reading is given back as it was set, also null, simulated and of another kind', (t) => {
  const values = new LastValues(new VirtualClock());
  const slot = values.slot('gh1/air/x');
  t.is(slot.last, undefined);
  const readings: Measurement[] = [
    good,
    { ...good, value: null, quality: 'bad' },
    { ...good, value: -1.5, simulated: true, quality: 'suspect' },
    { ...good, kind: 's', unit: '1', at: 1.7e12 },
    good,
  ];
  for (const reading of readings) {
    values.set(slot, reading);
    t.deepEqual(values.get('gh1/air/x'), reading);
    t.is(slot.quality, reading.quality);
  }
  values.clear('gh1/air/x');
  t.is(slot.last, undefined);
  t.is(slot.quality, undefined);
  t.deepEqual(values.all(), []);
});

test('listeners hear of each reading until they leave; a slot somebody listens to is kept', (t) => {
  const values = new LastValues(new VirtualClock());
  const slot = values.slot('gh1/air/x');
  let heard = 0;
  const listening = slot.listen(() => heard++);
  values.set(slot, good);
  values.clear('gh1/air/x');
  t.is(values.slot('gh1/air/x'), slot);
  values.set(slot, good);
  listening[Symbol.dispose]();
  values.set(slot, good);
  t.is(heard, 2);
  values.clear('gh1/air/x');
  t.not(values.slot('gh1/air/x'), slot);
});
