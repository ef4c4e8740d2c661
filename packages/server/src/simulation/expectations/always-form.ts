import { type EpochMs, formatMs } from '@hyphae/core';
import type { Truth } from './condition.js';
import type { AlwaysRule } from './expectation.js';
import type { Outcome, Report, TemporalForm } from './temporal-form.js';
import { writeShare } from './wording.js';

/**
 * `always`, with or without a share of the time. A break shorter than `for` counts as if the condition had held. Time in which
 * it is unknown counts for nothing and ends a break, as does the end of the time judged.
 */
export class AlwaysForm implements TemporalForm {
  readonly #rule: AlwaysRule;
  readonly #report: Report;
  #brokenSince: EpochMs | undefined;
  /** Whether the break going on is long enough to count. */
  #counts = false;
  #heldMs = 0;
  #brokenMs = 0;
  #known = false;

  constructor(rule: AlwaysRule, report: Report) {
    this.#rule = rule;
    this.#report = report;
  }

  piece(from: EpochMs, to: EpochMs, judged: boolean, holds: Truth): void {
    if (!judged || holds !== false) this.#endBreak(from);
    if (!judged || holds === undefined) return;
    this.#known = true;
    if (holds) {
      this.#heldMs += to - from;
      return;
    }
    const since = (this.#brokenSince ??= from);
    const { condition, forMs } = this.#rule;
    if (this.#counts || to - since < forMs) return;
    this.#counts = true;
    this.#report(since + forMs, (moment) =>
      forMs === 0
        ? `${condition.text} did not hold at ${moment}`
        : `${condition.text} had not held for ${formatMs(forMs)} at ${moment}`,
    );
  }

  finish(end: EpochMs): Outcome {
    this.#endBreak(end);
    const { condition, share: wanted, forMs } = this.#rule;
    const knownMs = this.#heldMs + this.#brokenMs;
    if (knownMs === 0) {
      return { passed: `${condition.text} held`, evaluated: this.#known && wanted === undefined };
    }
    const share = this.#heldMs / knownMs;
    const held = `${condition.text} held ${writeShare(share)} of the ${formatMs(knownMs)} judged`;
    if (wanted === undefined) {
      const passed = `${condition.text} held all of the ${formatMs(knownMs)} judged${forMs > 0 ? `, but for less than ${formatMs(forMs)} at a time` : ''}`;
      return { passed, evaluated: true, share };
    }
    const outcome = { passed: `${held}, and ${writeShare(wanted)} is enough`, evaluated: true, tolerant: true, share };
    // Sums of many pieces: what is missing by rounding is not missing.
    if (this.#heldMs >= wanted * knownMs - 1e-6) return outcome;
    return { ...outcome, failed: `${held}, and ${writeShare(wanted)} is expected` };
  }

  #endBreak(at: EpochMs): void {
    if (this.#brokenSince === undefined) return;
    if (this.#counts) this.#brokenMs += at - this.#brokenSince;
    else this.#heldMs += at - this.#brokenSince;
    this.#brokenSince = undefined;
    this.#counts = false;
  }
}
