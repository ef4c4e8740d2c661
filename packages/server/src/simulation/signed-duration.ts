import { toMs } from '@hyphae/core';

/** Milliseconds of a duration that may have a sign. The text has the form the schema asks for. */
export function signedMs(text: string): number {
  const length = toMs(text.replace(/^[+-]/, '')); // the schema knows the form
  return text.startsWith('-') ? -length : length;
}
