import { DurationError } from '../errors/catalogue.js';

/** A length of time: milliseconds, or a number and a unit, as in `'10 ms'` or `'1.5 h'`. */
export type Duration = number | `${number} ${'ms' | 's' | 'min' | 'h' | 'd'}`;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
const PATTERN = /^(\d+(?:\.\d+)?)\s*(ms|s|min|h|d)$/;

/** Drivers sleep for the same few literals over and over. */
const known = new Map<string, number>();
const KNOWN_LIMIT = 256;

/**
 * Converts a duration to milliseconds. Text from users may leave out the space (`10s`).
 *
 * @throws HYP_DURATION when it is not a finite, non-negative length of time
 */
export function toMs(duration: number | string): number {
  if (typeof duration === 'number') {
    if (duration >= 0 && duration < Infinity) return duration;
    throw new DurationError({ duration });
  }
  return known.get(duration) ?? parse(duration);
}

function parse(duration: string): number {
  const match = PATTERN.exec(duration);
  const factor = UNIT_MS[match?.[2] ?? ''];
  const ms = match && factor !== undefined ? Number(match[1]) * factor : Infinity;
  if (ms === Infinity) throw new DurationError({ duration });
  if (known.size < KNOWN_LIMIT) known.set(duration, ms);
  return ms;
}

/** Writes milliseconds the way a person would say them: `90_000` is `1.5 min`. */
export function formatMs(ms: number): string {
  for (const unit of ['d', 'h', 'min', 's'] as const) {
    const size = UNIT_MS[unit] ?? 1;
    if (ms >= size) return `${Number((ms / size).toFixed(2))} ${unit}`;
  }
  return `${Number(ms.toFixed(2))} ms`;
}
