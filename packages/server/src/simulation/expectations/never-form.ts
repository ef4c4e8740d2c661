import { type EpochMs, formatMs } from '@hyphae/core';
import type { Truth } from './condition.js';
import type { NeverRule } from './expectation.js';
import { SlidingTotal } from './sliding-total.js';
import type { Outcome, Report, TemporalForm } from './temporal-form.js';

/**
 * `never`, or never for longer than so long: in one stretch, which ends where the condition is unknown or the time is not
 * judged, or in total within any window of a given length, where such times count as not true. A stretch that is too long is
 * too long for the window too, so the window alone is looked at when there is one.
 */
export class NeverForm implements TemporalForm {
  readonly #rule: NeverRule;
  readonly #report: Report;
  readonly #total: SlidingTotal | undefined;
  #since: EpochMs | undefined;
  #isReported = false;
  #known = false;

  constructor(rule: NeverRule, report: Report) {
    this.#rule = rule;
    this.#report = report;
    const { condition, longerThanMs = 0, inAnyMs } = rule;
    if (inAnyMs === undefined) return;
    this.#total = new SlidingTotal(inAnyMs, longerThanMs, (at) =>
      report(
        at,
        (moment) =>
          `${condition.text} had been true for ${formatMs(longerThanMs)} of the ${formatMs(inAnyMs)} up to ${moment} and went on`,
      ),
    );
  }

  piece(from: EpochMs, to: EpochMs, judged: boolean, isTrue: Truth): void {
    if (judged && isTrue !== undefined) this.#known = true;
    const counts = judged && isTrue === true;
    if (this.#total) this.#total.piece(from, to, counts);
    else if (counts) this.#stretch(from, to);
    else {
      this.#since = undefined;
      this.#isReported = false;
    }
  }

  finish(): Outcome {
    const { condition, longerThanMs, inAnyMs } = this.#rule;
    const longer = longerThanMs === undefined ? '' : ` for longer than ${formatMs(longerThanMs)}`;
    const within = inAnyMs === undefined ? '' : ` in any ${formatMs(inAnyMs)}`;
    return { passed: `${condition.text} was never true${longer}${within}`, evaluated: this.#known };
  }

  #stretch(from: EpochMs, to: EpochMs): void {
    const since = (this.#since ??= from);
    const { condition, longerThanMs } = this.#rule;
    if (this.#isReported || (longerThanMs !== undefined && to - since <= longerThanMs)) return;
    this.#isReported = true;
    this.#report(since + (longerThanMs ?? 0), (moment) =>
      longerThanMs === undefined
        ? `${condition.text} was true at ${moment}`
        : `${condition.text} had been true for ${formatMs(longerThanMs)} at ${moment} and went on`,
    );
  }
}
