import { type EpochMs, formatMs } from '@hyphae/core';
import type { Observation } from './expectation.js';

/** Writes a moment of a run: `2026-06-01T10:00:00Z (2 h into the run)`. */
export function writeMoment(at: EpochMs, startedAt: EpochMs): string {
  return `${writeTime(at)} (${formatMs(at - startedAt)} into the run)`;
}

/** Writes a time in UTC, without needless zeros. */
export function writeTime(at: EpochMs): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

/** Writes what a channel's last reading was: `gh1/air/temperature was 23.4`. */
export function writeReading(path: string, reading: Observation | undefined): string {
  if (!reading) return `${path} had no reading yet`;
  const quality = reading.quality === 'good' ? '' : ` (${reading.quality})`;
  return reading.value === null ? `${path} had no value${quality}` : `${path} was ${reading.value}${quality}`;
}

/** Writes a share so that one that was missed by little does not look reached: rounded down. */
export function writeShare(share: number): string {
  return `${Math.floor(share * 10_000 + 1e-6) / 100} %`;
}

/** Writes a list the way people say it. */
export function writeList(items: readonly string[], joint: 'and' | 'or' = 'and'): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} ${joint} ${last}`;
}
