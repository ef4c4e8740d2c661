import test from 'ava';
import fc from 'fast-check';
import { lux, measurementMs, mtregCommands } from './light.js';

test('matches the technical note’s examples', (t) => {
  t.is(Math.round(lux(0b1000_0011_1001_0000, 69) ?? NaN), 28067); // page 10: (2^15 + 2^9 + 2^8 + 2^7 + 2^4) / 1.2
  t.is(lux(0x01e3, 69)?.toFixed(1), '402.5'); // page 7
  t.is(lux(1, 254)?.toFixed(2), '0.23'); // page 11: the finest step of the mode at the longest time
  t.is(lux(1, 69)?.toFixed(2), '0.83');
});

test('the range is 54 612 lx at the default and above full sun at the shortest time', (t) => {
  t.is(Math.round(lux(0xfffe, 69) ?? NaN), 54612);
  t.is(Math.round(lux(0xfffe, 31) ?? NaN), 121555);
});

test('a full counter is no value', (t) => {
  t.is(lux(0xffff, 69), null);
});

test('darkness is a value', (t) => {
  t.is(lux(0, 69), 0);
});

test('sets MTreg by the two commands of the instruction set', (t) => {
  t.deepEqual(mtregCommands(69), [0b0100_0010, 0b0110_0101]); // the default is 0100_0101 (page 11)
  t.deepEqual(mtregCommands(31), [0b0100_0000, 0b0111_1111]);
  t.deepEqual(mtregCommands(254), [0b0100_0111, 0b0111_1110]);
});

test('the time grows with MTreg from 180 ms at the default', (t) => {
  t.is(measurementMs(69), 180);
  t.is(measurementMs(138), 360);
});

test('every count and MTreg give a finite illuminance, or null', (t) => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.integer({ min: 31, max: 254 }), (count, mtreg) => {
      const value = lux(count, mtreg);
      return value === null ? count === 0xffff : Number.isFinite(value) && value >= 0;
    }),
  );
  t.pass();
});
