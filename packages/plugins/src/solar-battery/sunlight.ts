import type { EpochMs } from '@hyphae/core';

const DEGREE = Math.PI / 180;
const DAY_MS = 86_400_000;
/** Noon of 1 January 2000 UTC. */
const J2000_MS = 946_728_000_000;

/**
 * Sunlight on level ground under a clear sky, W/m²: the sun by the Astronomical Almanac's low-precision formulae, the sky after
 * B. Haurwitz, Journal of Meteorology 2 (1945) 154–166.
 *
 * @param latitude degrees, north positive
 * @param longitude degrees, east positive
 */
export function clearSunlight(at: EpochMs, latitude: number, longitude: number): number {
  const days = (at - J2000_MS) / DAY_MS;
  const anomaly = (357.528 + 0.9856003 * days) * DEGREE;
  const sun = (280.46 + 0.9856474 * days + 1.915 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly)) * DEGREE;
  const tilt = 23.439 * DEGREE;
  const declination = Math.asin(Math.sin(tilt) * Math.sin(sun));
  const ascension = Math.atan2(Math.cos(tilt) * Math.sin(sun), Math.cos(sun));
  const hour = (280.46061837 + 360.98564736629 * days + longitude) * DEGREE - ascension;
  const place = latitude * DEGREE;
  const height = Math.sin(place) * Math.sin(declination) + Math.cos(place) * Math.cos(declination) * Math.cos(hour);
  return height > 0 ? 1098 * height * Math.exp(-0.057 / height) : 0;
}
