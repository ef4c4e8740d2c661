import type { EpochMs } from '@hyphae/core';

/** Making one takes a millisecond. Only zones that exist get in, so there are a few hundred at most. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** True for a time zone such as `Europe/Berlin` that this computer knows. */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false; // RangeError, says ECMA-402
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
}

/** By how many milliseconds the clocks of a zone are ahead of UTC at a moment. */
export function zoneOffset(zone: string, at: EpochMs): number {
  const second = Math.floor(at / 1_000) * 1_000;
  const field = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of formatOf(zone).formatToParts(second)) {
    if (Object.hasOwn(field, type)) field[type as keyof typeof field] = Number(value); // it is one of the keys
  }
  return Date.UTC(field.year, field.month - 1, field.day, field.hour, field.minute, field.second) - second;
}

/** The first moment after `from`, up to `to`, at which the offset is no longer that of `from`; the two must differ. */
export function offsetChange(zone: string, from: EpochMs, to: EpochMs): EpochMs {
  const before = zoneOffset(zone, from);
  let low = Math.floor(from);
  let high = Math.ceil(to);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zoneOffset(zone, middle) === before) low = middle;
    else high = middle;
  }
  return high;
}
