import test from 'ava';
import fc from 'fast-check';
import { hasCode } from '@hyphae/core';
import { decodeCo2 } from './co2.js';
import { answerTo, COMMANDS, decodeAnswer, encodeRequest, mhz19Checksum } from './frame.js';

const bytes = (text: string) => Uint8Array.from(text.split(' '), (byte) => Number.parseInt(byte, 16));

// MH-Z19B user's manual, version 1.0, "Commands".
test('requests are those printed in the manual', (t) => {
  t.deepEqual(encodeRequest(COMMANDS.readCo2), bytes('ff 01 86 00 00 00 00 00 79'));
  t.deepEqual(encodeRequest(COMMANDS.setSelfCalibration, 0xa0), bytes('ff 01 79 a0 00 00 00 00 e6'));
  t.deepEqual(encodeRequest(COMMANDS.setSelfCalibration, 0x00), bytes('ff 01 79 00 00 00 00 00 86'));
});

// revspace.nl/MHZ19, "Setting the measurement range": observed on real sensors.
test('range requests are those that real sensors obey', (t) => {
  t.deepEqual(encodeRequest(COMMANDS.setRange, 0, 0, 0, 2000 >> 8, 2000 & 255), bytes('ff 01 99 00 00 00 07 d0 8f'));
  t.deepEqual(encodeRequest(COMMANDS.setRange, 0, 0, 0, 5000 >> 8, 5000 & 255), bytes('ff 01 99 00 00 00 13 88 cb'));
});

test('the manual’s answer is 544 ppm', (t) => {
  const answer = bytes('ff 86 02 20 00 00 00 00 58');
  t.is(mhz19Checksum(answer), 0x58);
  t.is(decodeCo2(decodeAnswer(answer, 'port'), 5000, 'port'), 544);
});

test('0 ppm and values beyond the range are no readings', (t) => {
  t.throws(() => decodeCo2(Uint8Array.of(0, 0, 0, 0, 0, 0), 5000, 'port'), { code: 'HYP_DEVICE_NOT_READY' });
  t.throws(() => decodeCo2(Uint8Array.of(0xff, 0xff, 0, 0, 0, 0), 10_000, 'port'), { code: 'HYP_DEVICE_NOT_READY' });
  t.is(decodeCo2(Uint8Array.of(0x13, 0x88, 0, 0, 0, 0), 5000, 'port'), 5000);
  t.throws(() => decodeCo2(Uint8Array.of(0x13, 0x89, 0, 0, 0, 0), 5000, 'port'), { code: 'HYP_DEVICE_NOT_READY' });
});

/** Cuts the first frame out of a stream that arrives byte by byte, as a port does. */
function cut(stream: readonly number[]): Uint8Array | undefined {
  const framing = answerTo(COMMANDS.readCo2);
  let waiting: number[] = [];
  for (const byte of stream) {
    waiting.push(byte);
    for (let length = -1; length < 0;) {
      length = framing(Uint8Array.from(waiting));
      if (length > 0) return Uint8Array.from(waiting.slice(0, length));
      waiting = waiting.slice(-length);
    }
  }
  return undefined;
}

test('an answer is found behind noise, and never before it is whole', (t) => {
  const answer = [...bytes('ff 86 02 20 00 00 00 00 58')];
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0x85 }), { maxLength: 30 }), fc.boolean(), (noise, start) => {
      const before = start ? [...noise, 0xff] : noise;
      const found = cut([...before, ...answer]);
      return (
        cut([...before, ...answer.slice(0, 8)]) === undefined &&
        found !== undefined &&
        decodeCo2(decodeAnswer(found, 'port'), 5000, 'port') === 544
      );
    }),
  );
  t.is(cut([...bytes('ff 79 01 00 00 00 00 00 86')]), undefined);
});

test('noise is dropped at once and does not pile up', (t) => {
  const framing = answerTo(COMMANDS.readCo2);
  t.is(framing(new Uint8Array(5000)), -5000);
  t.is(framing(Uint8Array.of(1, 2, 0xff)), -2);
  t.is(framing(Uint8Array.of(0xff)), 0);
  t.is(framing(new Uint8Array(0)), 0);
});

test('a flipped bit in data or checksum is a checksum error', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), fc.integer({ min: 16, max: 71 }), (data, bit) => {
      const frame = Uint8Array.from([0xff, 0x86, ...data, 0]);
      frame[8] = mhz19Checksum(frame);
      frame[bit >> 3] = (frame[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return hasCode(
        t.throws(() => decodeAnswer(frame, 'port')),
        'HYP_CHECKSUM',
      );
    }),
  );
});

test('an answer that is too short is a checksum error, not a value', (t) => {
  t.throws(() => decodeAnswer(bytes('ff 86 02 20'), 'port'), { code: 'HYP_CHECKSUM' });
});
