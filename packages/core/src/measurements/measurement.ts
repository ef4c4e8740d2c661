import type { EpochMs } from '../time/clock.js';
import type { Quality } from './quality.js';
import type { Unit } from './unit.js';

/** What a record of the log is: `m` measurement, `s` state or availability, `e` event or output transition, `a` audit. */
export type RecordKind = 'm' | 's' | 'e' | 'a';

/** One value of one channel at one moment. Immutable; the same shape in memory, in the store and on the wire. */
export interface Measurement {
  /** The configured instance, such as `gh1/air`; never the plugin's id. */
  readonly source: string;
  readonly channel: string;
  /** `null` only where the quality is `bad`. */
  readonly value: number | null;
  readonly unit: Unit;
  /** When it was taken, not when it was stored. */
  readonly at: EpochMs;
  readonly quality: Quality;
  /** Present and true when it comes from a simulated board. */
  readonly simulated?: boolean;
  /** Default `m`. */
  readonly kind?: RecordKind;
}

/** A channel's path: `<source>/<channel>`. A source may have levels. */
export function channelPath(source: string, channel: string): string {
  return `${source}/${channel}`;
}

/** Splits a path at its last level. */
export function splitPath(path: string): { readonly source: string; readonly channel: string } {
  const cut = path.lastIndexOf('/');
  return { source: path.slice(0, Math.max(cut, 0)), channel: path.slice(cut + 1) };
}
