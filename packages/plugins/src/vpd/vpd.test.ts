import test from 'ava';
import fc from 'fast-check';
import { dewPoint, vpd, saturationVapourPressure, vapourPressure, vapourPressureDeficit } from './index.js';

// W. Wagner and A. Pruss, "The IAPWS Formulation 1995", J. Phys. Chem. Ref. Data 31 (2002) 387, table 13.1: kPa.
const REFERENCE = [
  [0.01, 0.611655],
  [10, 1.2282],
  [20, 2.3393],
  [25, 3.1699],
  [30, 4.247],
  [40, 7.3849],
] as const;

test('saturation pressure is within 0.1 % of the reference equation of state between 0 and 40 °C', (t) => {
  for (const [celsius, kpa] of REFERENCE) {
    const found = saturationVapourPressure(celsius);
    t.true(Math.abs(found / kpa - 1) < 0.001, `${celsius} °C: ${found}, reference ${kpa}`);
  }
});

// FAO Irrigation and Drainage Paper 56 (1998), example 3 and annex 2, table 2.3: kPa, with three decimals.
test('saturation pressure agrees with the tables of FAO paper 56', (t) => {
  for (const [celsius, kpa] of [
    [1, 0.657],
    [15, 1.705],
    [18, 2.064],
    [24.5, 3.075],
    [35, 5.624],
  ] as const) {
    const found = saturationVapourPressure(celsius);
    t.true(Math.abs(found - kpa) < 0.002 * kpa, `${celsius} °C: ${found}, table ${kpa}`);
  }
});

test('vapour pressure deficit of 25 °C and 60 % is 1.27 kPa', (t) => {
  // 40 % of the reference saturation pressure of 3.1699 kPa.
  t.true(Math.abs(vapourPressureDeficit(25, 60) - 0.4 * 3.1699) < 0.002);
});

test('dew points are those of psychrometric tables', (t) => {
  // The temperatures at which the reference saturation pressure is 50 % of that at 20, 30 and 40 °C.
  for (const [celsius, dew] of [
    [20, 9.26],
    [30, 18.44],
    [40, 27.59],
  ] as const) {
    const found = dewPoint(vapourPressure(celsius, 50));
    t.true(found !== null && Math.abs(found - dew) < 0.05, `${celsius} °C: ${found}, table ${dew}`);
  }
});

test('saturated air has its own temperature as dew point and no deficit', (t) => {
  fc.assert(
    fc.property(fc.double({ min: -40, max: 60, noNaN: true }), (celsius) => {
      const dew = dewPoint(saturationVapourPressure(celsius));
      return dew !== null && Math.abs(dew - celsius) < 1e-6 && vapourPressureDeficit(celsius, 100) === 0;
    }),
  );
  t.pass();
});

test('the dew point lies below the temperature and rises with humidity', (t) => {
  fc.assert(
    fc.property(
      fc.double({ min: -30, max: 50, noNaN: true }),
      fc.double({ min: 0.1, max: 99, noNaN: true }),
      (celsius, humidity) => {
        const dew = dewPoint(vapourPressure(celsius, humidity));
        const moister = dewPoint(vapourPressure(celsius, humidity + 1));
        return dew !== null && moister !== null && dew < moister && moister <= celsius + 1e-6;
      },
    ),
  );
  t.pass();
});

test('dry air has a deficit and no dew point; humidity beyond the scale counts as its end', (t) => {
  t.is(dewPoint(vapourPressure(20, 0)), null);
  t.is(vapourPressureDeficit(20, 0), saturationVapourPressure(20));
  t.is(vapourPressureDeficit(20, 100.4), 0);
  t.is(vapourPressureDeficit(20, -0.3), saturationVapourPressure(20));
  t.is(dewPoint(Number.NaN), null);
});

test('a cooler leaf has a smaller deficit, and none when it is below the dew point', (t) => {
  const air = vapourPressureDeficit(25, 60);
  t.true(vapourPressureDeficit(25, 60, -2) < air);
  t.is(vapourPressureDeficit(25, 95, -5), 0);
});

test('one step gives both channels', (t) => {
  const step = (leafOffset: number) =>
    vpd.step(vpd.initial, {
      inputs: { temperature: { value: 25, at: 0 }, humidity: { value: 60, at: 0 } },
      options: { leafOffset },
      at: 0,
      elapsedMs: 0,
    }).values;
  t.is(step(0)?.vpd?.toFixed(2), '1.27');
  t.is(step(0)?.dewPoint?.toFixed(1), '16.7');
  t.is(step(-2)?.vpd, vapourPressureDeficit(25, 60, -2));
  t.is(step(-2)?.dewPoint, step(0)?.dewPoint);
});
