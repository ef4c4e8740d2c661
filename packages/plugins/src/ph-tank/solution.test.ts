import test from 'ava';
import { conductivityOf, naturalWater, phOf, type Solution } from './solution.js';

const nothing: Solution = { cations: 0, anions: 0, carbonate: 0, phosphate: 0 };
const ph = (given: Partial<Solution>) => phOf({ ...nothing, ...given });
const near = (found: number, expected: number, allowed: number) => Math.abs(found - expected) <= allowed;

test('pure water is neutral, and strong acids and bases have the pH of their concentration', (t) => {
  t.true(near(ph({}), 7, 1e-9));
  t.true(near(ph({ anions: 1 }), 3, 1e-6));
  t.true(near(ph({ anions: 1000 }), 0, 1e-6));
  t.true(near(ph({ cations: 1 }), 11, 1e-6));
});

test('a buffer of equal parts has the pH of its constant', (t) => {
  // 100 mmol/L of each of KH2PO4 and K2HPO4, of KHCO3 and dissolved CO2
  t.true(near(ph({ phosphate: 200, cations: 300 }), 7.2, 1e-3));
  t.true(near(ph({ carbonate: 200, cations: 100 }), 6.35, 1e-3));
});

test('salts of half neutralised acids lie in the middle of their constants', (t) => {
  t.true(near(ph({ carbonate: 100, cations: 100 }), (6.35 + 10.33) / 2, 0.01));
  t.true(near(ph({ phosphate: 1000, cations: 1000 }), (2.15 + 7.2) / 2, 0.01));
});

test('weak acids alone have the pH of the quadratic equation', (t) => {
  const alone = (constant: number, molar: number) =>
    -Math.log10((-constant + Math.sqrt(constant * constant + 4 * constant * molar)) / 2);
  t.true(near(ph({ phosphate: 10 }), alone(10 ** -2.15, 0.01), 1e-3)); // 10 mmol/L of phosphoric acid
  t.true(near(ph({ carbonate: 1 }), alone(10 ** -6.35, 0.001), 1e-3)); // carbonated water
});

test('natural water has the pH it was made for', (t) => {
  for (const alkalinity of [0.1, 2, 20]) {
    for (const wanted of [5, 6.2, 7.5, 8.3]) t.true(near(phOf(naturalWater(alkalinity, wanted)), wanted, 1e-9));
  }
  t.is(naturalWater(0, 9).carbonate, 0, 'no carbonate makes water without alkalinity basic');
});

test('a dilute salt conducts as its ions do', (t) => {
  const salt: Solution = { ...nothing, cations: 1, anions: 1 };
  t.true(near(conductivityOf(salt, phOf(salt)), 0.145, 0.0002)); // Λ° of KNO3: 144.9 S·cm²/mol
  const acid: Solution = { ...nothing, anions: 1 };
  t.true(near(conductivityOf(acid, phOf(acid)), 0.421, 0.0002)); // Λ° of HNO3: 421 S·cm²/mol
  t.true(near(conductivityOf(nothing, 7) * 1000, 0.055, 0.0003)); // pure water: 0.055 µS/cm
});

test('what cannot be dissolved has a pH all the same', (t) => {
  for (const size of [1e9, 1e300]) {
    t.true(Number.isFinite(ph({ cations: size })));
    t.true(Number.isFinite(ph({ anions: size, phosphate: size })));
  }
});
