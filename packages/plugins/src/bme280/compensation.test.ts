import test from 'ava';
import fc from 'fast-check';
import { type Calibration, decodeCalibration } from './calibration.js';
import { compensate } from './compensation.js';
import { centiCelsius, fineTemperature, humidityAt, limitHumidity, pressureAt } from './integer-compensation.js';
import { TYPICAL_TRIMMING } from './trimming.js';

const hexBytes = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** The data registers of three readings. */
const registers = (pressure: number, temperature: number, humidity: number) =>
  Uint8Array.of(
    pressure >> 12,
    pressure >> 4,
    pressure << 4,
    temperature >> 12,
    temperature >> 4,
    temperature << 4,
    humidity >> 8,
    humidity,
  );

// Chips of periph.io devices, bmxx80/bmx280_test.go (Apache-2.0): trimming and data as captured, values as Bosch's integer
// formulas give them.
const CAPTURED = decodeCalibration(
  hexBytes('10 6e 6c 66 32 00 5d 95 b8 d5 d0 0b 77 1e 9d ff f9 ff ac 26 0a d8 bd 10 00 4b'),
  hexBytes('6e 01 00 13 05 00 1e'),
);
const CAPTURED_DATA = hexBytes('4a 52 c0 80 96 c0 7a 76');
const SECOND: Calibration = {
  ...CAPTURED,
  t3: 350,
};

test('matches Bosch’s worked example: 519888 and 415148 are 25.08 °C and 100653 Pa', (t) => {
  // BST-BMP280-DS001 §3.12, "Calculating pressure and temperature".
  const air = compensate(registers(415148, 519888, 0), TYPICAL_TRIMMING);
  t.is(air.temperature?.toFixed(2), '25.08');
  t.is(((air.pressure ?? 0) * 100).toFixed(1), '100653.3'); // 100653.27 in the datasheet
});

test('matches a captured reading: 23.72 °C, 65.3 %RH, 1009.43 hPa', (t) => {
  const air = compensate(CAPTURED_DATA, CAPTURED);
  t.is(air.temperature?.toFixed(2), '23.72');
  t.true(Math.abs((air.pressure ?? 0) - 1009.42695) < 0.02);
  t.true(Math.abs((air.humidity ?? 0) - 65.3056) < 0.05);
});

test('the integer formulas match the same published values', (t) => {
  const fine = fineTemperature(519888, TYPICAL_TRIMMING);
  t.is(fine, 128422);
  t.is(centiCelsius(fine), 2508);
  // §3.12 prints 25767236, which is the floating-point value; its printed 64-bit formula gives 3/256 Pa less for everybody.
  t.is(pressureAt(fine, TYPICAL_TRIMMING)(415148), 25767233);

  const second = fineTemperature(524112, SECOND);
  t.is(second, 117407);
  t.is(centiCelsius(second), 2293);
  t.is(pressureAt(second, SECOND)(309104), 25611063);
  t.is(SECOND.humidity && limitHumidity(humidityAt(second, SECOND.humidity)(30987)), 64686);
});

test('floating point and integers agree wherever the chip works', (t) => {
  const raw = { p: fc.integer({ min: 0, max: 0xfffff }), t: fc.integer({ min: 0, max: 0xfffff }), h: fc.nat(0xffff) };
  let compared = 0;
  fc.assert(
    fc.property(raw.p, raw.t, raw.h, (p, temperature, h) => {
      const air = compensate(registers(p, temperature, h), TYPICAL_TRIMMING);
      if (air.temperature === null) return true;
      const fine = fineTemperature(temperature, TYPICAL_TRIMMING);
      compared++;
      const pascal = pressureAt(fine, TYPICAL_TRIMMING)(p) / 256;
      const percent = limitHumidity(humidityAt(fine, TYPICAL_TRIMMING.humidity)(h)) / 1024;
      return (
        Math.abs(air.temperature - fine / 5120) < 0.01 &&
        (air.pressure === null || Math.abs(air.pressure - pascal / 100) < 0.02) &&
        (air.humidity === null || Math.abs(air.humidity - percent) < 0.05)
      );
    }),
    { numRuns: 20_000, seed: 280 },
  );
  t.true(compared > 5_000);
});

test('nothing but a finite number or null comes of any registers and any calibration', (t) => {
  const word = fc.integer({ min: -0x8000, max: 0x7fff });
  const byte = fc.integer({ min: -0x80, max: 0xff });
  const calibration: fc.Arbitrary<Calibration> = fc.record({
    t1: word,
    t2: word,
    t3: word,
    p1: word,
    p2: word,
    p3: word,
    p4: word,
    p5: word,
    p6: word,
    p7: word,
    p8: word,
    p9: word,
    humidity: fc.option(fc.record({ h1: byte, h2: word, h3: byte, h4: word, h5: word, h6: byte }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 10 }), fc.oneof(fc.constant(TYPICAL_TRIMMING), calibration), (data, c) => {
      const { temperature, humidity, pressure } = compensate(data, c);
      return (
        [temperature, humidity, pressure].every((value) => value === null || Number.isFinite(value)) &&
        (humidity === null || (humidity >= 0 && humidity <= 100)) &&
        (temperature !== null || (humidity === null && pressure === null))
      );
    }),
    { numRuns: 20_000 },
  );
  t.pass();
});

test('a zero divisor gives no pressure, and takes nothing else with it', (t) => {
  const air = compensate(CAPTURED_DATA, { ...CAPTURED, p1: 0 });
  t.is(air.pressure, null);
  t.is(air.temperature?.toFixed(2), '23.72');
});

test('a skipped measurement is never a value', (t) => {
  const skipped = { twenty: 0x80000, sixteen: 0x8000 };
  const all = { temperature: null, humidity: null, pressure: null };
  t.deepEqual(compensate(registers(415148, skipped.twenty, 30000), TYPICAL_TRIMMING), all, 'temperature');
  t.deepEqual(compensate(hexBytes('80 00 00 80 00 00 80 00'), TYPICAL_TRIMMING), all, 'after a reset');
  t.like(compensate(registers(skipped.twenty, 519888, skipped.sixteen), TYPICAL_TRIMMING), {
    humidity: null,
    pressure: null,
  });
  t.is(compensate(registers(415148, 519888, 0), { ...TYPICAL_TRIMMING, humidity: undefined }).humidity, null, 'BMP280');
});

test('what no air can be is null: a line stuck high or low', (t) => {
  t.is(compensate(new Uint8Array(8).fill(0xff), TYPICAL_TRIMMING).temperature, null);
  t.is(compensate(new Uint8Array(8), TYPICAL_TRIMMING).temperature, null);
  t.is(compensate(registers(0, 519888, 30000), TYPICAL_TRIMMING).pressure, null);
});

test('humidity stays within 0 and 100 %', (t) => {
  t.is(compensate(registers(415148, 519888, 0), TYPICAL_TRIMMING).humidity, 0);
  t.is(compensate(registers(415148, 519888, 0xffff), TYPICAL_TRIMMING).humidity, 100);
});
