import test from 'ava';
import fc from 'fast-check';
import { hasCode } from '../errors/hyphae-error.js';
import { convert, isUnit, type Unit, unitInfo, UNITS } from './unit.js';

const codes = Object.keys(UNITS) as Unit[]; // the keys of the table are its units

/** Equal to about twelve digits, as far as floating point goes. */
const close = (a: number, b: number) => Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(a), Math.abs(b));

test('conversions give the published values', (t) => {
  // NIST SP 811, appendix B, and the definitions of the SI brochure.
  const known: readonly (readonly [number, Unit, number, Unit])[] = [
    [21.5, 'Cel', 70.7, '[degF]'],
    [21.5, 'Cel', 294.65, 'K'],
    [-40, 'Cel', -40, '[degF]'],
    [0, 'K', -459.67, '[degF]'],
    [32, '[degF]', 0, 'Cel'],
    [212, '[degF]', 373.15, 'K'],
    [1013.25, 'hPa', 101_325, 'Pa'],
    [1013.25, 'hPa', 1.01325, 'bar'],
    [101.325, 'kPa', 1013.25, 'hPa'],
    [0.05, '[ppm]', 50, '[ppb]'],
    [3.3, 'V', 3300, 'mV'],
    [20, 'mA', 0.02, 'A'],
    [1.5, 'kW', 1500, 'W'],
    [0.25, 'kW.h', 250, 'W.h'],
    [1.413, 'mS/cm', 1413, 'uS/cm'],
    [250, 'mL', 0.25, 'L'],
    [1.5, 'm', 1500, 'mm'],
    [90, 'min', 1.5, 'h'],
    [1500, 'ms', 1.5, 's'],
    [2, 'MBy', 2_000_000, 'By'],
  ];
  for (const [value, from, expected, to] of known) {
    const found = convert(value, from, to);
    t.true(close(found, expected), `${value} ${from} = ${found} ${to}, expected ${expected}`);
  }
});

test('converting to the same unit changes no bit', (t) => {
  for (const code of codes) t.is(convert(0.1 + 0.2, code, code), 0.1 + 0.2);
});

test('there and back is where one began, for every pair of one quantity', (t) => {
  const pairs = codes.flatMap((a) =>
    codes.filter((b) => UNITS[a].quantity === UNITS[b].quantity).map((b) => [a, b] as const),
  );
  fc.assert(
    fc.property(fc.constantFrom(...pairs), fc.double({ min: -1e6, max: 1e6, noNaN: true }), ([a, b], value) => {
      const back = convert(convert(value, a, b), b, a);
      return Math.abs(back - value) <= 1e-9 * Math.max(1, Math.abs(value));
    }),
  );
  t.pass();
});

test('converting keeps the order of values', (t) => {
  fc.assert(
    fc.property(
      fc.double({ min: -200, max: 200, noNaN: true }),
      fc.double({ min: 0.001, max: 100, noNaN: true }),
      (value, more) => convert(value, 'Cel', '[degF]') < convert(value + more, 'Cel', '[degF]'),
    ),
  );
  t.pass();
});

test('what measures different quantities is not converted', (t) => {
  const error = t.throws(() => convert(1, 'Cel', 'hPa'));
  t.true(hasCode(error, 'HYP_UNIT_MISMATCH'));
  t.like(error, { context: { from: 'Cel', to: 'hPa' } });
  t.true(
    hasCode(
      t.throws(() => convert(1, 'W', 'W.h')),
      'HYP_UNIT_MISMATCH',
    ),
  );
});

test('unknown codes are refused, whatever they are called', (t) => {
  for (const code of ['degC', '°C', 'cel', '', 'toString', '__proto__', 'constructor']) {
    t.false(isUnit(code));
    t.true(
      hasCode(
        t.throws(() => unitInfo(code)),
        'HYP_UNIT_UNKNOWN',
      ),
    );
    t.true(
      hasCode(
        t.throws(() => convert(1, code, 'Cel')),
        'HYP_UNIT_UNKNOWN',
      ),
    );
    t.true(
      hasCode(
        t.throws(() => convert(1, 'Cel', code)),
        'HYP_UNIT_UNKNOWN',
      ),
    );
  }
});

test('every row is complete, and each quantity has one base unit', (t) => {
  const bases = new Map<string, string[]>();
  for (const code of codes) {
    const { symbol, quantity, factor, offset } = unitInfo(code);
    t.true(code === '1' || symbol.length > 0, code);
    t.true(quantity.length > 0 && Number.isFinite(factor) && factor > 0 && Number.isFinite(offset), code);
    if (factor === 1 && offset === 0) bases.set(quantity, [...(bases.get(quantity) ?? []), code]);
  }
  for (const [quantity, units] of bases) t.is(units.length, 1, `${quantity}: ${units.join(', ')}`);
});
