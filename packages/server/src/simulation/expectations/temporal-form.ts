import type { EpochMs } from '@hyphae/core';
import type { Truth } from './condition.js';

/**
 * Takes note of a violation. The sentence is only asked for where it will be shown; it is given the moment, written out, and
 * the values of that moment follow it.
 */
export type Report = (at: EpochMs, sentence: (moment: string) => string) => void;

/** What a form has to say at the end of a run. */
export interface Outcome {
  /** Why it failed, beyond the violations reported; absent when it did not. */
  readonly failed?: string;
  /** Why it passed. */
  readonly passed: string;
  /** False when its condition was unknown at every moment judged. */
  readonly evaluated: boolean;
  /** True when the violations reported do not make it fail by themselves. */
  readonly tolerant?: boolean;
  readonly share?: number;
}

/** One way to judge the course of one or two conditions. */
export interface TemporalForm {
  /**
   * The conditions are as given from `from` up to, not including, `to`. Pieces follow each other without a gap. The last one
   * of a run is its last moment, and has no length.
   */
  piece(from: EpochMs, to: EpochMs, judged: boolean, first: Truth, second: Truth): void;
  /** The run ended. */
  finish(end: EpochMs): Outcome;
}
