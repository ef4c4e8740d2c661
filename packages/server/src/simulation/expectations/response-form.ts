import { type EpochMs, formatMs } from '@hyphae/core';
import type { Truth } from './condition.js';
import type { ResponseRule } from './expectation.js';
import type { Outcome, Report, TemporalForm } from './temporal-form.js';
import { writeTime } from './wording.js';

/**
 * Triggers that wait for an answer at most. Answers come in the order of the triggers, so those not kept would have been
 * answered with the ones kept, or come after a violation: only the number of violations may be too low, never the outcome.
 */
const MAX_WAITING = 256;

/**
 * Each time `when` becomes true in the time judged, `then` is true at some moment from then on, the end of `within` included,
 * and stays true for `for`. `then` unknown is not true. An answer may come outside the time judged.
 */
export class ResponseForm implements TemporalForm {
  readonly #rule: ResponseRule;
  readonly #report: Report;
  /** When the triggers without an answer came, oldest first. */
  readonly #waiting: EpochMs[] = [];
  #wasTrue = false;
  #answeredSince: EpochMs | undefined;
  #triggers = 0;
  #answers = 0;
  #known = false;

  constructor(rule: ResponseRule, report: Report) {
    this.#rule = rule;
    this.#report = report;
  }

  piece(from: EpochMs, to: EpochMs, judged: boolean, when: Truth, then: Truth): void {
    if (judged && when !== undefined) this.#known = true;
    const isTrue = when === true;
    if (isTrue && !this.#wasTrue && judged) {
      this.#triggers++;
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push(from);
      else this.#answers++; // with the others
    }
    this.#wasTrue = isTrue;
    if (then === true) this.#answer((this.#answeredSince ??= from), to);
    else this.#expire(from, to);
  }

  finish(end: EpochMs): Outcome {
    const { when, then, withinMs, forMs, mayNotHappen } = this.#rule;
    // An answer at the last moment would still have counted, so what is due then was not decided before.
    if (this.#answeredSince === undefined) this.#expire(end, end, true);
    const evaluated = this.#known;
    const lasting = forMs > 0 ? ` and for ${formatMs(forMs)}` : '';
    const followed = `${then.text} followed within ${formatMs(withinMs)}${lasting}`;
    if (this.#answers > 0) {
      return {
        passed: `${when.text} became true ${times(this.#triggers)}, and ${followed} each time it was due`,
        evaluated,
      };
    }
    const untested =
      this.#triggers > 0
        ? `${when.text} became true ${times(this.#triggers)}, but the run ended before an answer was due, so this was never put to the test`
        : `${when.text} never became true in the time judged, so this was never put to the test`;
    if (mayNotHappen) return { passed: untested, evaluated };
    return { failed: `${untested}; write mayNotHappen: true if that is all right`, passed: '', evaluated };
  }

  /** `then` is true since `since`, at least up to `to`. */
  #answer(since: EpochMs, to: EpochMs): void {
    let answered = 0;
    for (const trigger of this.#waiting) {
      if (Math.max(since, trigger) + this.#rule.forMs > to) break;
      answered++;
    }
    if (answered === 0) return;
    this.#answers += answered;
    this.#waiting.splice(0, answered);
  }

  /** `then` is not true from `from` up to `to`, or also at `to`, so whatever falls due in between has no answer. */
  #expire(from: EpochMs, to: EpochMs, isToIncluded = false): void {
    const brokenOff = this.#answeredSince;
    this.#answeredSince = undefined;
    let expired = 0;
    for (const trigger of this.#waiting) {
      const due = trigger + this.#rule.withinMs;
      if (isToIncluded ? due > to : due >= to) break;
      expired++;
      this.#report(Math.max(due, from), (moment) =>
        this.#sentence(trigger, due < from ? brokenOff : undefined, moment),
      );
    }
    if (expired > 0) this.#waiting.splice(0, expired);
  }

  #sentence(trigger: EpochMs, brokenOff: EpochMs | undefined, moment: string): string {
    const { when, then, withinMs, forMs } = this.#rule;
    const start = `${when.text} became true at ${writeTime(trigger)}`;
    if (brokenOff !== undefined) {
      return `${start}, and ${then.text} followed, but did not stay so for ${formatMs(forMs)}: it ended at ${moment}`;
    }
    return `${start}, but ${then.text} did not follow within ${formatMs(withinMs)}, by ${moment}`;
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
