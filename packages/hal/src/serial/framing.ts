import type { Framing } from './serial-port.js';

/** Frames of one fixed length. */
export function fixedLength(length: number): Framing {
  return (bytes) => (bytes.length >= length ? length : 0);
}

/** Frames that end with this byte, which belongs to them. */
export function delimited(end: number): Framing {
  return (bytes) => bytes.indexOf(end) + 1;
}
