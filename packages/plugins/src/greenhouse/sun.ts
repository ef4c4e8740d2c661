import type { EpochMs } from '@hyphae/core';

const RADIANS = Math.PI / 180;
/** Noon of 1 January 2000 UTC, the epoch of the formulae below. */
const J2000_MS = 946_728_000_000;
const DAY_MS = 86_400_000;

/**
 * Sine of the sun's elevation: 1 overhead, 0 at the horizon, below 0 at night. Refraction is left out.
 *
 * Source: Astronomical Almanac, low-precision formulae for the sun (0.01° between 1950 and 2050).
 *
 * @param at wall-clock time
 * @param latitude degrees, north positive
 * @param longitude degrees, east positive
 */
export function sinSolarElevation(at: EpochMs, latitude: number, longitude: number): number {
  const days = (at - J2000_MS) / DAY_MS;
  const meanLongitude = 280.46 + 0.9856474 * days;
  const anomaly = (357.528 + 0.9856003 * days) * RADIANS;
  const ecliptic = (meanLongitude + 1.915 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly)) * RADIANS;
  const obliquity = (23.439 - 0.0000004 * days) * RADIANS;
  const sinDeclination = Math.sin(obliquity) * Math.sin(ecliptic);
  const cosDeclination = Math.sqrt(1 - sinDeclination ** 2);
  const rightAscension = Math.atan2(Math.cos(obliquity) * Math.sin(ecliptic), Math.cos(ecliptic));
  const siderealDegrees = 280.46061837 + 360.98564736629 * days + longitude;
  const hourAngle = siderealDegrees * RADIANS - rightAscension;
  const place = latitude * RADIANS;
  return Math.sin(place) * sinDeclination + Math.cos(place) * cosDeclination * Math.cos(hourAngle);
}

/**
 * Global radiation on level ground under a clear sky, W/m² (B. Haurwitz, Journal of Meteorology 2 (1945) 154–166).
 *
 * @param sinElevation of {@link sinSolarElevation}
 */
export function clearSkyRadiation(sinElevation: number): number {
  return sinElevation > 0 ? 1098 * sinElevation * Math.exp(-0.057 / sinElevation) : 0;
}

/**
 * The share of it that clouds let through (F. Kasten and G. Czeplak, Solar Energy 24 (1980) 177–189).
 *
 * @param cover of the sky, 0 to 1
 */
export function cloudTransmission(cover: number): number {
  return 1 - 0.75 * cover ** 3.4;
}
