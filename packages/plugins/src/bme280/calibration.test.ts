import { hasCode } from '@hyphae/core';
import test from 'ava';
import fc from 'fast-check';
import { decodeCalibration } from './calibration.js';
import { highRegisters, lowRegisters, type Trimming, TYPICAL_TRIMMING } from './trimming.js';

const hexBytes = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

test('unpacks the trimming registers captured from a real chip', (t) => {
  // periph.io devices, bmxx80/bmx280_test.go (Apache-2.0): registers of a BME280 as read.
  const low = hexBytes('10 6e 6c 66 32 00 5d 95 b8 d5 d0 0b 77 1e 9d ff f9 ff ac 26 0a d8 bd 10 00 4b');
  const high = hexBytes('6e 01 00 13 05 00 1e');
  t.deepEqual(decodeCalibration(low, high), {
    t1: 28176,
    t2: 26220,
    t3: 50,
    p1: 38237,
    p2: -10824,
    p3: 3024,
    p4: 7799,
    p5: -99,
    p6: -7,
    p7: 9900,
    p8: -10230,
    p9: 4285,
    humidity: { h1: 75, h2: 366, h3: 0, h4: 309, h5: 0, h6: 30 },
  });
});

test('H4 and H5 share a register, and each keeps its own sign', (t) => {
  const low = lowRegisters(TYPICAL_TRIMMING);
  // 0xe4 and 0xe6 hold the upper eight bits with the sign, 0xe5 the lower four of H4 (low nibble) and of H5 (high nibble).
  const decoded = (e4: number, e5: number, e6: number) => {
    const { humidity } = decodeCalibration(low, Uint8Array.of(0x6a, 0x01, 0x00, e4, e5, e6, 0x1e));
    return [humidity?.h4, humidity?.h5];
  };
  t.deepEqual(decoded(0x13, 0x29, 0x03), [0x139, 0x032]);
  t.deepEqual(decoded(0xff, 0x0f, 0x7f), [-1, 0x7f0]);
  t.deepEqual(decoded(0x7f, 0xf0, 0xff), [0x7f0, -1]);
  t.deepEqual(decoded(0x80, 0x00, 0x80), [-2048, -2048]);
});

test('a BMP280 has no humidity calibration', (t) => {
  const { humidity, ...rest } = decodeCalibration(lowRegisters(TYPICAL_TRIMMING).subarray(0, 24));
  t.is(humidity, undefined);
  t.like(TYPICAL_TRIMMING, rest);
});

test('reads back whatever trimming a chip can hold', (t) => {
  const signed = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
  const word = signed(16);
  const trimming: fc.Arbitrary<Trimming> = fc.record({
    t1: fc.integer({ min: 1, max: 0xffff }),
    t2: word,
    t3: word,
    p1: fc.integer({ min: 1, max: 0xffff }),
    p2: word,
    p3: word,
    p4: word,
    p5: word,
    p6: word,
    p7: word,
    p8: word,
    p9: word,
    humidity: fc.record({
      h1: fc.integer({ min: 0, max: 0xff }),
      h2: fc.integer({ min: 1, max: 0x7fff }),
      h3: fc.integer({ min: 0, max: 0xfe }),
      h4: signed(12),
      h5: signed(12),
      h6: signed(8),
    }),
  });
  fc.assert(
    fc.property(trimming, (chip) => t.deepEqual(decodeCalibration(lowRegisters(chip), highRegisters(chip)), chip)),
  );
  t.pass();
});

test('refuses what cannot be a calibration', (t) => {
  const low = lowRegisters(TYPICAL_TRIMMING);
  const high = highRegisters(TYPICAL_TRIMMING);
  const withoutP1 = low.slice().fill(0, 6, 8);
  const cases: [string, Uint8Array, Uint8Array?][] = [
    ['a floating bus', new Uint8Array(26).fill(0xff), new Uint8Array(7).fill(0xff)],
    ['memory not copied yet', new Uint8Array(26), new Uint8Array(7)],
    ['a humidity block that never came', low, new Uint8Array(7).fill(0xff)],
    ['P1 = 0, by which pressure is divided', withoutP1, high],
    ['too few bytes', low.subarray(0, 25), high],
    ['too few bytes of humidity', low, high.subarray(0, 6)],
    ['too few bytes of a BMP280', low.subarray(0, 23)],
  ];
  for (const [what, a, b] of cases) {
    const error = t.throws(() => decodeCalibration(a, b, 'i2c-1/0x76'), undefined, what);
    t.true(hasCode(error, 'HYP_DEVICE_NOT_READY'), what);
    t.regex(error?.message ?? '', /i2c-1\/0x76/);
  }
});
