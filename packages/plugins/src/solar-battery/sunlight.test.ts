import test from 'ava';
import { clearSunlight } from './sunlight.js';

/** The sine of the sun's height whose sunlight by Haurwitz is the one found. */
function heightOf(at: string, latitude: number, longitude: number): number {
  const found = clearSunlight(Date.parse(at), latitude, longitude);
  let [low, high] = [1e-6, 1];
  for (let n = 0; n < 60; n++) {
    const middle = (low + high) / 2;
    if (1098 * middle * Math.exp(-0.057 / middle) < found) low = middle;
    else high = middle;
  }
  return (Math.asin(low) * 180) / Math.PI;
}

// I. Reda and A. Andreas, "Solar Position Algorithm for Solar Radiation Applications", NREL/TP-560-34302, appendix A.5.1
test('the sun stands where the worked example of NREL’s algorithm has it', (t) => {
  const found = heightOf('2003-10-17T19:30:30Z', 39.742476, -105.1786);
  t.true(Math.abs(found - 39.872) < 0.02, String(found));
});

test('noon of the solstices is 90° − latitude ± 23.44° high', (t) => {
  t.true(Math.abs(heightOf('2030-06-21T12:02:00Z', 51.5, 0) - (90 - 51.5 + 23.44)) < 0.05);
  t.true(Math.abs(heightOf('2030-12-21T11:58:00Z', 51.5, 0) - (90 - 51.5 - 23.44)) < 0.05);
});

test('nights are dark, and so are polar winters', (t) => {
  t.is(clearSunlight(Date.parse('2030-06-21T00:00:00Z'), 51.5, 0), 0);
  for (let hour = 0; hour < 24; hour++) {
    const of = (month: string) => clearSunlight(Date.parse(`2030-${month}-21T00:00:00Z`) + hour * 3_600_000, 70, 20);
    t.is(of('12'), 0);
    t.true(of('06') > 0);
  }
});
