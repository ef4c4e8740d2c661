/**
 * How far a reading can be trusted. `good`: act on it. `stale`: nothing new has arrived for too long. `suspect`: a value
 * that breaks a plausibility rule. `bad`: there is no value.
 */
export type Quality = 'good' | 'stale' | 'suspect' | 'bad';

const CODES = { good: 0, stale: 1, suspect: 2, bad: 3 } as const;
const QUALITIES = ['good', 'stale', 'suspect', 'bad'] as const;

/** The wire form: 0 good, 1 stale, 2 suspect, 3 bad, plus 4 where simulated (stream protocol). */
export function qualityCode(quality: Quality, simulated = false): number {
  return CODES[quality] + (simulated ? 4 : 0);
}

/** Reads the wire form back. Anything else counts as `bad`. */
export function qualityFromCode(code: number): { readonly quality: Quality; readonly simulated: boolean } {
  const simulated = code >= 4;
  return { quality: QUALITIES[simulated ? code - 4 : code] ?? 'bad', simulated };
}
