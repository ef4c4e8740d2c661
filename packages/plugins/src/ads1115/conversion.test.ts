import test from 'ava';
import fc from 'fast-check';
import { ADS1015, ADS1115, conversionMs, encodeConfig, RANGES, volts } from './conversion.js';

test('one step is what the datasheets say for each range', (t) => {
  // SBAS444E table 7-1 in µV, SBAS473E §8.3.3 in mV.
  const steps16 = [187.5, 125, 62.5, 31.25, 15.625, 7.8125];
  const steps12 = [3, 2, 1, 0.5, 0.25, 0.125];
  const digits = (value: number) => Number(value.toFixed(4));
  t.deepEqual(
    RANGES.map((range) => digits((volts(ADS1115, 0x0001, range) ?? NaN) * 1e6)),
    steps16,
  );
  t.deepEqual(
    RANGES.map((range) => digits((volts(ADS1015, 0x0010, range) ?? NaN) * 1e3)),
    steps12,
  );
});

test('codes are two’s complement, left-justified in the 12-bit part', (t) => {
  t.is(volts(ADS1115, 0x0000, 2.048), 0);
  t.is(volts(ADS1115, 0xffff, 2.048), -2.048 / 32768); // SBAS444E §7.5.4
  t.is(volts(ADS1115, 0x4000, 2.048), 1.024);
  t.is(volts(ADS1115, 0xc000, 2.048), -1.024);
  t.is(volts(ADS1015, 0xfff0, 2.048), -0.001);
  t.is(volts(ADS1015, 0x4000, 2.048), 1.024);
  t.is(volts(ADS1015, 0xfffa, 2.048), -0.001, 'the lower four bits are not part of it');
  t.is(volts(ADS1115, 28304, 2.048)?.toFixed(4), '1.7690'); // 62.5 µV a step
});

test('a code at either end is an input beyond the range', (t) => {
  for (const range of RANGES) {
    t.is(volts(ADS1115, 0x7fff, range), null);
    t.is(volts(ADS1115, 0x8000, range), null);
    t.is(volts(ADS1015, 0x7ff0, range), null);
    t.is(volts(ADS1015, 0x8000, range), null);
  }
  t.not(volts(ADS1115, 0x7ffe, 2.048), null);
  t.not(volts(ADS1015, 0x7fe0, 2.048), null);
});

test('whatever the register holds, it is a finite voltage within the range, or null', (t) => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.constantFrom(...RANGES), fc.constantFrom(ADS1115, ADS1015), (word, range, part) => {
      const value = volts(part, word, range);
      return value === null || (Number.isFinite(value) && Math.abs(value) < range);
    }),
  );
  t.pass();
});

test('encodes the configuration register', (t) => {
  // The power-on configuration is AIN0 to AIN1, ±2.048 V, 128 SPS, single-shot, OS set (SBAS444E §8.1.3); DR 100 is 1600 SPS in the ADS1015.
  t.is(encodeConfig(ADS1115, { input: 'a0', minus: 'a1', range: 2.048, rate: 128 }), 0x8583);
  t.is(encodeConfig(ADS1015, { input: 'a0', minus: 'a1', range: 2.048, rate: 1600 }), 0x8583);
  t.is(encodeConfig(ADS1115, { input: 'a0', range: 4.096, rate: 128 }), 0xc383);
  t.is(encodeConfig(ADS1115, { input: 'a3', range: 6.144, rate: 860 }), 0xf1e3);
  t.is(encodeConfig(ADS1115, { input: 'a2', minus: 'a3', range: 0.256, rate: 8 }), 0xbb03);
});

test('refuses pairs the multiplexer has not, and rates the part has not', (t) => {
  t.is(encodeConfig(ADS1115, { input: 'a1', minus: 'a0', range: 2.048, rate: 128 }), undefined);
  t.is(encodeConfig(ADS1115, { input: 'a0', range: 2.048, rate: 1600 }), undefined);
});

test('a conversion takes its rate’s time and a tenth more at most', (t) => {
  t.true(conversionMs(128) > 7.8125 / 0.9 && conversionMs(128) < 8.8);
  t.true(conversionMs(860) < 1.4);
});
