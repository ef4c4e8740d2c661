import { VirtualClock } from '@hyphae/core/testing';
import test from 'ava';
import { Mhz19Sim, type Mhz19SimOptions } from './sim.js';

function powered(co2: number, options?: Mhz19SimOptions) {
  const clock = new VirtualClock();
  const sensor = new Mhz19Sim({ co2 }, options);
  const heard: number[] = [];
  sensor.powerOn(clock, (bytes) => heard.push(...bytes));
  const ask = async (...bytes: number[]) => {
    heard.length = 0;
    sensor.receive(Uint8Array.from(bytes));
    await clock.advance('100 ms');
    return [...heard];
  };
  return { clock, sensor, ask };
}

const READ = [0xff, 0x01, 0x86, 0, 0, 0, 0, 0, 0x79];

test('answers the manual’s request with the manual’s header, value and a checksum that adds up', async (t) => {
  const { ask } = powered(544);
  const answer = await ask(...READ);
  t.deepEqual(answer.slice(0, 4), [0xff, 0x86, 0x02, 0x20]);
  t.is(answer.slice(1).reduce((sum, byte) => sum + byte, 0) % 256, 0);
});

test('ignores requests with a wrong checksum and finds the next good one', async (t) => {
  const { ask } = powered(544);
  t.deepEqual(await ask(...READ.slice(0, 8), 0x78), []);
  t.is((await ask(0x12, 0xff, ...READ)).length, 9);
});

test('hears a request in pieces', async (t) => {
  const { ask } = powered(600);
  t.deepEqual(await ask(...READ.slice(0, 4)), []);
  t.deepEqual((await ask(...READ.slice(4))).slice(2, 4), [0x02, 0x58]);
});

test('stays within its range', async (t) => {
  const { ask, sensor } = powered(9000);
  t.deepEqual((await ask(...READ)).slice(2, 4), [5000 >> 8, 5000 & 255]);
  await ask(0xff, 0x01, 0x99, 0, 0, 0, 0x07, 0xd0, 0x8f);
  t.is(sensor.range, 2000);
  t.is(sensor.settingsWritten, 1);
  t.deepEqual((await ask(...READ)).slice(2, 4), [0x07, 0xd0]);
});

test('repeats 410 ppm until it is warm', async (t) => {
  const { ask, clock } = powered(800, { preheat: '3 min' });
  t.deepEqual((await ask(...READ)).slice(2, 4), [0x01, 0x9a]);
  await clock.advance('3 min');
  t.deepEqual((await ask(...READ)).slice(2, 4), [0x03, 0x20]);
});

test('unplugged or switched off it says nothing, not even what it was about to', async (t) => {
  const { clock, sensor, ask } = powered(800);
  sensor.receive(Uint8Array.from(READ));
  sensor.unplug();
  t.deepEqual(clock.waiting, []);
  t.deepEqual(await ask(...READ), []);
  sensor.plug();
  t.is((await ask(...READ)).length, 9);
  sensor.receive(Uint8Array.from(READ));
  sensor.powerOff();
  t.deepEqual(clock.waiting, []);
});
