import type { Measurement } from '../measurements/measurement.js';
import { splitPath } from '../measurements/measurement.js';
import { qualityFromCode } from '../measurements/quality.js';
import type { EpochMs } from '../time/clock.js';
import type { ChannelInfo } from './measurement-store.js';

/** One record within its channel: what a history holds. `code` is the wire form of quality. */
export interface Point {
  readonly q: number;
  readonly at: EpochMs;
  readonly value: number | null;
  readonly code: number;
}

/** Order of time; among equal times, of commit. */
export function byTime(a: Point, b: Point): number {
  return a.at - b.at || a.q - b.q;
}

/** Dresses a point as the measurement it was. */
export function toMeasurement({ path, unit, kind }: ChannelInfo): (point: Point) => Measurement {
  const { source, channel } = splitPath(path);
  return ({ value, at, code }) => {
    const { quality, simulated } = qualityFromCode(code);
    const measurement: Measurement = { source, channel, value, unit, at, quality };
    if (!simulated && kind === 'm') return measurement;
    return { ...measurement, ...(simulated && { simulated }), ...(kind !== 'm' && { kind }) };
  };
}
