import type { EpochMs } from '@hyphae/core';
import type { Truth } from './condition.js';
import type { UntilRule } from './expectation.js';
import type { Outcome, Report, TemporalForm } from './temporal-form.js';
import { writeTime } from './wording.js';

/** Holds from the start of the time judged until another condition is true, which has to happen in the time judged. */
export class UntilForm implements TemporalForm {
  readonly #rule: UntilRule;
  readonly #report: Report;
  #isBroken = false;
  #isKnown = false;
  #hasBegun = false;
  #releasedAt: EpochMs | undefined;

  constructor(rule: UntilRule, report: Report) {
    this.#rule = rule;
    this.#report = report;
  }

  piece(from: EpochMs, _to: EpochMs, judged: boolean, holds: Truth, released: Truth): void {
    if (!judged || this.#releasedAt !== undefined) return;
    if (released === true) {
      this.#releasedAt = from;
      if (!this.#hasBegun) this.#isKnown = true; // there was nothing to hold
      return;
    }
    this.#hasBegun = true;
    if (holds !== undefined) this.#isKnown = true;
    if (holds === false && !this.#isBroken) {
      const { condition, until } = this.#rule;
      this.#report(from, (moment) => `${condition.text} did not hold at ${moment}, before ${until.text}`);
    }
    this.#isBroken = holds === false;
  }

  finish(end: EpochMs): Outcome {
    const { condition, until, mayNotHappen } = this.#rule;
    const evaluated = this.#isKnown;
    if (this.#releasedAt !== undefined) {
      return { passed: `${condition.text} held until ${until.text} at ${writeTime(this.#releasedAt)}`, evaluated };
    }
    if (mayNotHappen) return { passed: `${condition.text} held all the time, and ${until.text} never came`, evaluated };
    const failed = `${until.text} never came true in the time judged, up to ${writeTime(end)}; write mayNotHappen: true if that is all right`;
    return { failed, passed: '', evaluated };
  }
}
