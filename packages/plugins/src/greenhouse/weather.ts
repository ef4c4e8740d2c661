import type { EpochMs, Random } from '@hyphae/core';
import { saturatedVapour } from './moist-air.js';
import { SmoothNoise } from './smooth-noise.js';
import { clearSkyRadiation, cloudTransmission, sinSolarElevation } from './sun.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365.2425 * DAY_MS;
/** Solar hour at which the day is warmest. */
const WARMEST_HOUR = 15;
/** 20 July, ms into the year: when the northern year is warmest. */
const WARMEST_DAY_MS = 200 * DAY_MS;
/** 1 January 2000. */
const YEAR_START_MS = 946_684_800_000;
/** How far the dew point lies below the daily mean temperature, K. */
const DEW_POINT_SPREAD = 4;

/** What the weather is made of. */
export interface Climate {
  readonly latitude: number;
  readonly longitude: number;
  readonly outsideMean: number;
  readonly outsideSeasonal: number;
  readonly outsideDaily: number;
  readonly outsideWeather: number;
  readonly cloudiness: number;
  readonly pressure: number;
}

/** The weather outside: a function of time and seed alone, so looking at it changes nothing. */
export class Weather {
  readonly #climate: Climate;
  readonly #warmth: SmoothNoise;
  readonly #clouds: SmoothNoise;
  readonly #gaps: SmoothNoise;
  readonly #highs: SmoothNoise;

  constructor(climate: Climate, random: Random) {
    this.#climate = climate;
    this.#warmth = new SmoothNoise(random.fork('warmth'), 1.5 * DAY_MS);
    this.#clouds = new SmoothNoise(random.fork('clouds'), 6 * HOUR_MS);
    this.#gaps = new SmoothNoise(random.fork('gaps'), HOUR_MS / 3);
    this.#highs = new SmoothNoise(random.fork('highs'), 2 * DAY_MS);
  }

  /** Air temperature, Cel. */
  temperature(at: EpochMs): number {
    const { longitude, outsideDaily } = this.#climate;
    const solarTimeMs = at + (longitude / 360) * DAY_MS;
    const phase = (solarTimeMs - WARMEST_HOUR * HOUR_MS) / DAY_MS;
    return this.#dailyMean(at) + outsideDaily * Math.cos(2 * Math.PI * phase);
  }

  /** Water vapour, kg/m³: that of the day's dew point, or saturation where the air is colder. */
  vapour(at: EpochMs, temperature: number): number {
    return saturatedVapour(Math.min(temperature, this.#dailyMean(at) - DEW_POINT_SPREAD));
  }

  /** Global radiation on level ground, W/m². */
  radiation(at: EpochMs): number {
    const { latitude, longitude, cloudiness } = this.#climate;
    const clear = clearSkyRadiation(sinSolarElevation(at, latitude, longitude));
    if (clear === 0) return 0;
    const cover = cloudiness + (0.7 * this.#clouds.at(at) + 0.2 * this.#gaps.at(at)) * (cloudiness > 0 ? 1 : 0);
    return clear * cloudTransmission(Math.min(1, Math.max(0, cover)));
  }

  /** Air pressure, hPa. */
  pressure(at: EpochMs): number {
    return this.#climate.pressure + 12 * this.#highs.at(at);
  }

  #dailyMean(at: EpochMs): number {
    const { latitude, outsideMean, outsideSeasonal, outsideWeather } = this.#climate;
    const season = Math.cos((2 * Math.PI * (at - YEAR_START_MS - WARMEST_DAY_MS)) / YEAR_MS) * (latitude < 0 ? -1 : 1);
    return outsideMean + outsideSeasonal * season + outsideWeather * this.#warmth.at(at);
  }
}
