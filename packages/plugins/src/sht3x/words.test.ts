import { hasCode } from '@hyphae/core';
import test from 'ava';
import fc from 'fast-check';
import { crc8 } from './crc8.js';
import { celsius, decodeWords, relativeHumidity } from './words.js';

test('the checksum matches the datasheet’s example and that of every captured word', (t) => {
  t.is(crc8(Uint8Array.of(0xbe, 0xef)), 0x92); // Datasheet SHT3x-DIS table 20
  // Frames of a real SHT31, as published in the tests of senlib, with the values it gave for them.
  const captured = [
    { frame: [98, 60, 181, 109, 223, 190], temperature: 22.15, humidity: 42.92 },
    { frame: [98, 44, 246, 110, 48, 124], temperature: 22.11, humidity: 43.04 },
    { frame: [98, 50, 170, 110, 68, 64], temperature: 22.12, humidity: 43.07 },
  ];
  for (const { frame, temperature, humidity } of captured) {
    const [a = NaN, b = NaN] = decodeWords(Uint8Array.from(frame), 2);
    t.true(Math.abs(celsius(a) - temperature) < 0.01, `${celsius(a)}`);
    t.true(Math.abs(relativeHumidity(b) - humidity) < 0.01, `${relativeHumidity(b)}`);
  }
});

test('the scale ends where the datasheet says', (t) => {
  t.deepEqual([celsius(0), celsius(0xffff)], [-45, 130]); // §4.13
  t.deepEqual([relativeHumidity(0), relativeHumidity(0xffff)], [0, 100]);
});

test('one to three flipped bits in a word never pass', (t) => {
  const word = fc.integer({ min: 0, max: 0xffff });
  const bits = fc.uniqueArray(fc.nat(23), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(word, bits, (value, flips) => {
      const frame = Uint8Array.of(value >> 8, value & 0xff, 0);
      frame[2] = crc8(frame.subarray(0, 2));
      if (decodeWords(frame, 1)[0] !== value) return false;
      for (const bit of flips) frame[bit >> 3] = (frame[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      try {
        decodeWords(frame, 1);
        return false;
      } catch (error) {
        return hasCode(error, 'HYP_CHECKSUM');
      }
    }),
    { numRuns: 10_000 },
  );
  t.pass();
});

test('a line stuck high or low does not pass for a reading', (t) => {
  for (const level of [0x00, 0xff]) {
    const error = t.throws(() => decodeWords(new Uint8Array(6).fill(level), 2, 'i2c-1/0x44'));
    t.true(hasCode(error, 'HYP_CHECKSUM'), `${level}`);
  }
});

test('an answer that is too short is not a reading', (t) => {
  const error = t.throws(() => decodeWords(Uint8Array.of(98, 60, 181), 2, 'i2c-1/0x44'));
  t.true(hasCode(error, 'HYP_DEVICE_NOT_READY'));
});
