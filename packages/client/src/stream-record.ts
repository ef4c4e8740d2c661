/** One committed record as an application sees it. */
export interface StreamRecord {
  /** Its place in the log; missing in a snapshot. */
  readonly q?: number;
  readonly path: string;
  /** UCUM code. */
  readonly unit: string;
  /** `null` only where the quality is `bad`. */
  readonly value: number | null;
  /** Epoch ms at which it was taken. */
  readonly at: number;
  readonly quality: 'good' | 'stale' | 'suspect' | 'bad';
  readonly simulated: boolean;
}

const QUALITIES = ['good', 'stale', 'suspect', 'bad'] as const;

/** Reads the quality of a row: 0 good, 1 stale, 2 suspect, 3 bad, plus 4 where simulated. */
export function readQuality(code: number): Pick<StreamRecord, 'quality' | 'simulated'> {
  return { quality: QUALITIES[code & 3] ?? 'bad', simulated: (code & 4) !== 0 };
}
