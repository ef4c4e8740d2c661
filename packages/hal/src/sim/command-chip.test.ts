import { VirtualClock } from '@hyphae/core/testing';
import test from 'ava';
import { CommandChip } from './command-chip.js';
import { sensirionCrc } from './crc8.js';

/** Measures at 0x2400 for 15 ms; 0x5204 stores a word, 0xe102 gives it back; anything else is not acknowledged. */
class Meter extends CommandChip {
  stored = 0;

  protected override onCommand(command: number, words: readonly number[]): boolean | void {
    if (command === 0x2400) return this.work('15 ms', () => this.answer(0xbeef, 0x0000));
    if (command === 0x5204) return void (this.stored = words[0] ?? 0);
    if (command === 0xe102) return this.answer(this.stored);
    return false;
  }
}

function powered() {
  const clock = new VirtualClock();
  const chip = new Meter();
  chip.powerOn(clock);
  const send = (...bytes: number[]) => chip.transfer([{ write: Uint8Array.from(bytes) }]) !== undefined;
  const read = (length: number) => chip.transfer([{ read: length }])?.map((part) => [...part])[0];
  return { clock, chip, send, read };
}

test('the checksum is that of the SHT3x datasheet', (t) => {
  t.is(sensirionCrc([0xbe, 0xef]), 0x92);
  t.is(sensirionCrc([0x00, 0x00]), 0x81);
});

test('it acknowledges nothing while it measures, then gives words with their checksums, once', async (t) => {
  const { clock, send, read } = powered();
  t.true(send(0x24, 0x00));
  await clock.advance(14);
  t.is(read(6), undefined);
  t.false(send(0x24, 0x00));
  await clock.advance(1);
  t.deepEqual(read(6), [0xbe, 0xef, 0x92, 0x00, 0x00, 0x81]);
  t.is(read(6), undefined);
});

test('read further than its answer the bus shows ones', async (t) => {
  const { clock, send, read } = powered();
  send(0x24, 0x00);
  await clock.advance(15);
  t.deepEqual(read(8)?.slice(6), [0xff, 0xff]);
});

test('arguments arrive without their checksums, and not at all with wrong ones', (t) => {
  const { chip, send, read } = powered();
  t.true(send(0x52, 0x04, 0xbe, 0xef, 0x92));
  t.is(chip.stored, 0xbeef);
  t.true(send(0xe1, 0x02));
  t.deepEqual(read(3), [0xbe, 0xef, 0x92]);
  t.false(send(0x52, 0x04, 0x12, 0x34, 0x00));
  t.is(chip.stored, 0xbeef);
});

test('unknown commands and halves of one are not acknowledged', (t) => {
  const { send } = powered();
  t.false(send(0x12, 0x34));
  t.false(send(0x24));
  t.false(send(0x52, 0x04, 0xbe));
});

test('unplugging and losing power end everything', async (t) => {
  const { clock, chip, send, read } = powered();
  send(0x24, 0x00);
  chip.powerOff();
  t.deepEqual(clock.waiting, []);
  chip.powerOn(clock);
  chip.unplug();
  t.false(send(0x24, 0x00));
  chip.plugIn();
  t.is(read(3), undefined);
  t.true(send(0x24, 0x00));
});
