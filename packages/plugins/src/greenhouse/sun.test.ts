import test from 'ava';
import { clearSkyRadiation, cloudTransmission, sinSolarElevation } from './sun.js';

const elevation = (at: string, latitude: number, longitude: number) =>
  (Math.asin(sinSolarElevation(Date.parse(at), latitude, longitude)) * 180) / Math.PI;

// I. Reda and A. Andreas, "Solar Position Algorithm for Solar Radiation Applications", NREL/TP-560-34302, appendix A.5.1:
// Golden, Colorado: 39.872046° before the correction for refraction.
test('the sun stands where the worked example of NREL’s algorithm has it', (t) => {
  const found = elevation('2003-10-17T19:30:30Z', 39.742476, -105.1786);
  t.true(Math.abs(found - 39.872) < 0.02, String(found));
});

test('at noon of the solstices it stands 90° − latitude ± 23.44°', (t) => {
  t.true(Math.abs(elevation('2030-06-21T12:02:00Z', 51.5, 0) - (90 - 51.5 + 23.44)) < 0.05);
  t.true(Math.abs(elevation('2030-12-21T11:58:00Z', 51.5, 0) - (90 - 51.5 - 23.44)) < 0.05);
});

test('beyond the polar circle there are days without night and without day', (t) => {
  for (let hour = 0; hour < 24; hour++) {
    const time = `T${String(hour).padStart(2, '0')}:00:00Z`;
    t.true(elevation(`2030-06-21${time}`, 70, 20) > 0, time);
    t.true(elevation(`2030-12-21${time}`, 70, 20) < 0, time);
  }
});

test('the clear sky gives about 1 kW/m² under a high sun and nothing at night', (t) => {
  t.true(Math.abs(clearSkyRadiation(1) - 1037) < 2);
  t.is(clearSkyRadiation(0), 0);
  t.is(clearSkyRadiation(-0.5), 0);
  t.true(clearSkyRadiation(1e-9) >= 0);
});

test('a closed cover lets a quarter through', (t) => {
  t.is(cloudTransmission(0), 1);
  t.is(cloudTransmission(1), 0.25);
});
