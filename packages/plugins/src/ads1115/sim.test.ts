import { VirtualClock } from '@hyphae/core/testing';
import test from 'ava';
import { Ads1015Sim, Ads1115Sim } from './sim.js';

function powered(chip: Ads1115Sim) {
  const clock = new VirtualClock();
  chip.powerOn(clock);
  const read = (register: number, length = 2) => {
    const [bytes = new Uint8Array()] = chip.transfer([{ write: Uint8Array.of(register) }, { read: length }]) ?? [];
    return [...bytes];
  };
  const write = (...bytes: number[]) => chip.transfer([{ write: Uint8Array.from(bytes) }]);
  return { chip, clock, read, write };
}

test('has the power-on values of the datasheet', (t) => {
  const { read } = powered(new Ads1115Sim({}));
  t.deepEqual([read(0), read(1), read(2), read(3)].flat(), [0, 0, 0x85, 0x83, 0x80, 0, 0x7f, 0xff]);
});

test('the pointer stays at its register of two bytes', (t) => {
  const { chip, read } = powered(new Ads1115Sim({}));
  t.deepEqual(read(1, 5), [0x85, 0x83, 0x85, 0x83, 0x85]);
  read(3);
  t.deepEqual([...(chip.transfer([{ read: 2 }])?.[0] ?? [])], [0x7f, 0xff]);
});

test('OS reads 0 while a conversion is under way, and the result comes at its end', async (t) => {
  const { clock, read, write } = powered(new Ads1115Sim({ a0: 1.024 }));
  write(1, 0xc5, 0x83); // a0, ±2.048 V, 128 samples/s
  t.deepEqual(read(1), [0x45, 0x83]);
  await clock.advance(8.6); // 7.8 ms and 10 % of a slow oscillator
  t.deepEqual(read(0), [0, 0]);
  await clock.advance(0.2);
  t.deepEqual(read(1), [0xc5, 0x83]);
  t.deepEqual(read(0), [0x40, 0x00]);
});

test('an input beyond the range sticks at the end of the scale, on both sides', async (t) => {
  for (const [a0, a1, code] of [
    [3, 0, [0x7f, 0xff]],
    [0, 3, [0x80, 0x00]],
  ] as const) {
    const { clock, read, write } = powered(new Ads1115Sim({ a0, a1 }));
    write(1, 0x85, 0x83); // a0 - a1
    await clock.advance(20);
    t.deepEqual(read(0), code);
  }
});

test('the 12-bit part leaves the last four bits zero, and is as fast as its own table says', async (t) => {
  const { clock, read, write } = powered(new Ads1015Sim({ a0: 1.5005 }));
  write(1, 0xc5, 0x83); // code 100 is 1600 samples/s here
  await clock.advance(0.73);
  t.deepEqual(read(0), [0x5d, 0xd0]); // 1501 steps of 1 mV
});

test('continuous mode follows the input by itself', async (t) => {
  const { chip, clock, read, write } = powered(new Ads1115Sim({ a0: 1.024 }));
  write(1, 0xc4, 0x83);
  await clock.advance(10);
  t.deepEqual(read(0), [0x40, 0x00]);
  chip.inputs = { a0: 0.512 };
  await clock.advance(20);
  t.deepEqual(read(0), [0x20, 0x00]);
  chip.powerOff();
  t.deepEqual(clock.waiting, []);
});
