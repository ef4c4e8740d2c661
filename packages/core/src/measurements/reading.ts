import type { EpochMs } from '../time/clock.js';
import type { Measurement } from './measurement.js';
import type { Quality } from './quality.js';
import type { Unit } from './unit.js';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What {@link readingOf} makes is a plain object: its prototype is that of a literal. */
function Reading(
  this: Writable<Measurement>,
  source: string,
  channel: string,
  value: number | null,
  unit: Unit,
  at: EpochMs,
  quality: Quality,
): void {
  this.source = source;
  this.channel = channel;
  this.value = value;
  this.unit = unit;
  this.at = at;
  this.quality = quality;
}
Reading.prototype = Object.prototype;
const Make = Reading as unknown as new (...fields: Parameters<typeof Reading>) => Writable<Measurement>; // how `new` calls it

/**
 * A reading of kind `m`, the way the path of every reading makes them. The engine remembers for each object literal how long its objects
 * lived; those of a node's first second wait for the first commit, and from then on it would place every reading among the old
 * objects, where only a full collection finds them: 100 bytes a reading. It has no such memory for `new`.
 */
export function readingOf(
  source: string,
  channel: string,
  value: number | null,
  unit: Unit,
  at: EpochMs,
  quality: Quality,
  simulated: boolean,
): Measurement {
  const reading = new Make(source, channel, value, unit, at, quality);
  if (simulated) reading.simulated = true;
  return reading;
}
