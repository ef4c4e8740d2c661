import { VirtualClock } from '@hyphae/core/testing';
import test from 'ava';
import { RegisterChip } from './register-chip.js';

/** Converts for 5 ms when register 1 is written, then shows 42 in register 2; register 3 is cleared by reading. */
class Converter extends RegisterChip {
  constructor() {
    super(16);
    this.registers[3] = 7;
  }

  protected override onWrite(register: number): void {
    if (register === 1) this.convert('5 ms', () => (this.registers[2] = 42));
  }

  protected override onRead(register: number): number {
    const value = super.onRead(register);
    if (register === 3) this.registers[3] = 0;
    return value;
  }
}

const read = (chip: RegisterChip, register: number, length = 1) => [
  ...(chip.transfer([{ write: Uint8Array.of(register) }, { read: length }])?.[0] ?? []),
];

test('a conversion takes the chip’s time by the clock', async (t) => {
  const clock = new VirtualClock();
  const chip = new Converter();
  chip.powerOn(clock);
  chip.transfer([{ write: Uint8Array.of(1, 1) }]);
  await clock.advance('4.9 ms');
  t.deepEqual(read(chip, 2), [0]);
  await clock.advance('0.1 ms');
  t.deepEqual(read(chip, 2), [42]);
});

test('a new conversion replaces the one in progress', async (t) => {
  const clock = new VirtualClock();
  const chip = new Converter();
  chip.powerOn(clock);
  chip.transfer([{ write: Uint8Array.of(1, 1) }]);
  await clock.advance(3);
  chip.transfer([{ write: Uint8Array.of(1, 1) }]);
  await clock.advance(3);
  t.deepEqual(read(chip, 2), [0]);
  await clock.advance(2);
  t.deepEqual(read(chip, 2), [42]);
});

test('without power nothing goes on, and no timer is left', (t) => {
  const clock = new VirtualClock();
  const chip = new Converter();
  chip.powerOn(clock);
  chip.transfer([{ write: Uint8Array.of(1, 1) }]);
  chip.powerOff();
  t.deepEqual(clock.waiting, []);
  t.notThrows(() => chip.transfer([{ write: Uint8Array.of(1, 1) }]));
});

test('the pointer moves on through reads and writes and wraps at the end of the bank', (t) => {
  const chip = new Converter();
  chip.transfer([{ write: Uint8Array.of(14, 0xa, 0xb, 0xc) }]);
  t.deepEqual(read(chip, 14, 3), [0xa, 0xb, 0xc]);
  t.deepEqual(read(chip, 0), [0xc]);
  t.deepEqual([...(chip.transfer([{ read: 1 }])?.[0] ?? [])], [0], 'it stands behind what was read');
});

test('a register may be made, or cleared, by reading it', (t) => {
  const chip = new Converter();
  t.deepEqual([read(chip, 3), read(chip, 3)], [[7], [0]]);
});

test('an unplugged chip acknowledges nothing until it is plugged in again', (t) => {
  const chip = new Converter();
  chip.unplug();
  t.is(chip.transfer([{ read: 1 }]), undefined);
  t.false(chip.plugged);
  chip.plugIn();
  t.deepEqual(chip.transfer([{ write: new Uint8Array(0) }]), [], 'an empty write asks who is there');
});
