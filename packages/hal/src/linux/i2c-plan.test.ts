import test from 'ava';
import fc from 'fast-check';
import type { I2cSegment } from '../i2c/i2c-bus.js';
import { planTransfer } from './i2c-plan.js';
import type { I2cFunctions } from './native.js';

const ALL: I2cFunctions = {
  i2c: true,
  smbusQuick: true,
  smbusReceiveByte: true,
  smbusSendByte: true,
  smbusReadByte: true,
  smbusWriteByte: true,
  smbusReadWord: true,
  smbusWriteWord: true,
  smbusReadI2cBlock: true,
  smbusWriteI2cBlock: true,
};
const SMBUS = { ...ALL, i2c: false };
const NO_BLOCKS = { ...SMBUS, smbusReadI2cBlock: false, smbusWriteI2cBlock: false };
const write = (...bytes: number[]): I2cSegment => ({ write: Uint8Array.from(bytes) });
const read = (length: number): I2cSegment => ({ read: length });

test('a plain adapter writes and reads as asked', (t) => {
  t.like(planTransfer([write(1, 2, 3)], ALL), { how: 'write' });
  t.deepEqual(planTransfer([read(6)], ALL), { how: 'read', length: 6 });
});

test('a register read keeps its repeated start, up to 32 bytes as a block read and beyond as a combined transfer', (t) => {
  t.deepEqual(planTransfer([write(0x88), read(26)], ALL), { how: 'read-block', register: 0x88, length: 26 });
  t.like(planTransfer([write(0x88), read(32)], ALL), { how: 'read-block', length: 32 });
  t.deepEqual(planTransfer([write(0x88), read(33)], ALL), { how: 'combined' });
  t.deepEqual(planTransfer([write(0, 1), read(2)], ALL), { how: 'combined' });
  t.deepEqual(planTransfer([write(0), read(1), write(1), read(1)], ALL), { how: 'combined' });
  t.deepEqual(planTransfer([write(0), write(1)], ALL), { how: 'combined' });
});

test('an SMBus adapter gets the command with the same bits on the wire', (t) => {
  t.deepEqual(planTransfer([write(0xe3)], SMBUS), { how: 'send-byte', byte: 0xe3 });
  t.deepEqual(planTransfer([read(1)], SMBUS), { how: 'receive-byte' });
  t.deepEqual(planTransfer([write(0xf4, 0x25)], SMBUS), { how: 'write-byte', register: 0xf4, byte: 0x25 });
  t.like(planTransfer([write(1, 2, 3)], SMBUS), { how: 'write-block', register: 1 });
  t.like(planTransfer([write(1), read(32)], SMBUS), { how: 'read-block', length: 32 });
  t.deepEqual(planTransfer([write(1, 0x34, 0x12)], NO_BLOCKS), { how: 'write-word', register: 1, word: 0x1234 });
  t.deepEqual(planTransfer([write(1), read(2)], NO_BLOCKS), { how: 'read-word', register: 1 });
  t.deepEqual(planTransfer([write(1), read(1)], NO_BLOCKS), { how: 'read-byte', register: 1 });
});

test('what SMBus cannot say is impossible, with the reason', (t) => {
  for (const segments of [
    [read(2)],
    [write(1), read(33)],
    [write(1, 2), read(1)],
    [write(...new Array<number>(34).fill(0))],
  ]) {
    const plan = planTransfer(segments, SMBUS);
    t.is(plan.how, 'impossible');
    t.regex('why' in plan ? plan.why : '', /SMBus/);
  }
  t.is(planTransfer([write(1), read(3)], NO_BLOCKS).how, 'impossible');
});

test('an empty write asks who is there, where the adapter can', (t) => {
  t.deepEqual(planTransfer([write()], ALL), { how: 'quick' });
  t.is(planTransfer([write()], { ...ALL, smbusQuick: false }).how, 'impossible');
});

test('nothing to do is no transaction', (t) => {
  t.is(planTransfer([], ALL).how, 'impossible');
  t.is(planTransfer([read(0)], ALL).how, 'impossible');
  t.is(planTransfer([write(1), read(0)], ALL).how, 'impossible');
});

test('every transaction has a plan that this adapter can carry out, or a reason', (t) => {
  const segment = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes): I2cSegment => ({ write: bytes })),
    fc.integer({ min: 1, max: 40 }).map((length): I2cSegment => ({ read: length })),
  );
  const functions = fc.record(
    Object.fromEntries(Object.keys(ALL).map((name) => [name, fc.boolean()])),
  ) as unknown as fc.Arbitrary<I2cFunctions>; // the keys are those of ALL
  const needs = {
    write: 'i2c',
    read: 'i2c',
    combined: 'i2c',
    quick: 'smbusQuick',
    'receive-byte': 'smbusReceiveByte',
    'send-byte': 'smbusSendByte',
    'read-byte': 'smbusReadByte',
    'read-word': 'smbusReadWord',
    'read-block': 'smbusReadI2cBlock',
    'write-byte': 'smbusWriteByte',
    'write-word': 'smbusWriteWord',
    'write-block': 'smbusWriteI2cBlock',
  } as const;
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 4 }), functions, (segments, can) => {
      const plan = planTransfer(segments, can);
      if (plan.how === 'impossible') return plan.why.length > 0;
      if ('length' in plan && plan.how === 'read-block' && plan.length > 32) return false;
      if (plan.how === 'write-block' && plan.bytes.length > 32) return false;
      return can[needs[plan.how]];
    }),
    { seed: 1, numRuns: 2000 },
  );
  t.pass();
});
