import { VirtualClock } from '@hyphae/core/testing';
import test from 'ava';
import { Bh1750Sim } from './sim.js';

function powered(light: number) {
  const chip = new Bh1750Sim({ light });
  const clock = new VirtualClock();
  chip.powerOn(clock);
  const command = (opcode: number) => chip.transfer([{ write: Uint8Array.of(opcode) }]);
  const count = () => {
    const [high = 0, low = 0] = chip.transfer([{ read: 2 }])?.[0] ?? [];
    return (high << 8) | low;
  };
  return { chip, clock, command, count };
}

test('a one-time measurement takes 180 ms, and nothing follows it', async (t) => {
  const { chip, clock, command, count } = powered(1000);
  command(0x20);
  await clock.advance(179);
  t.is(count(), 0);
  await clock.advance(2);
  t.is(count(), 1200);
  chip.surroundings = { light: 10 };
  await clock.advance('1 s');
  t.is(count(), 1200);
  t.deepEqual(clock.waiting, []);
});

test('continuous measurements follow the light until power-down', async (t) => {
  const { chip, clock, command, count } = powered(1000);
  command(0x10);
  await clock.advance(200);
  chip.surroundings = { light: 10 };
  await clock.advance(400);
  t.is(count(), 12);
  command(0x00);
  t.deepEqual(clock.waiting, []);
});

test('the other resolutions differ in scale and time', async (t) => {
  const { clock, command, count } = powered(1000);
  command(0x21);
  await clock.advance(181);
  t.is(count(), 2400);
  command(0x07); // it is powered down again: not obeyed
  t.is(count(), 2400);
  command(0x01);
  command(0x07);
  t.is(count(), 0);
  command(0x23);
  await clock.advance(24.5);
  t.is(count(), 1200);
});

test('MTreg is set in two parts, and scales count and time', async (t) => {
  const { clock, command, count } = powered(1000);
  command(0b0100_0100);
  command(0b0110_1010); // 138, twice the default
  command(0x20);
  await clock.advance(359);
  t.is(count(), 0);
  await clock.advance(2);
  t.is(count(), 2400);
});

test('bright light fills the counter', async (t) => {
  const { clock, command, count } = powered(100_000);
  command(0x20);
  await clock.advance(181);
  t.is(count(), 0xffff);
});
