import type { Framing } from './serial-port.js';

/** Frames of one fixed length. */
export function fixedLength(length: number): Framing {
  return (bytes) => (bytes.length >= length ? length : 0);
}

/** Frames that end with this byte, which belongs to them. */
export function delimited(end: number): Framing {
  return (bytes) => bytes.indexOf(end) + 1;
}

/**
 * Frames of one length that begin with these bytes. What comes before a beginning is dropped, so that the stream is found again
 * after garbage or a lost byte.
 */
export function marked(start: readonly number[], length: number): Framing {
  return (bytes) => {
    let skipped = 0;
    while (skipped < bytes.length && !beginsAt(bytes, skipped, start)) skipped++;
    if (skipped > 0) return -skipped;
    return bytes.length >= length ? length : 0;
  };
}

/** True when the bytes from `offset` on are the mark, as far as they have arrived. */
function beginsAt(bytes: Uint8Array, offset: number, mark: readonly number[]): boolean {
  return mark.every((byte, i) => offset + i >= bytes.length || bytes[offset + i] === byte);
}
