import { type EpochMs, formatMs } from '@hyphae/core';
import { AlwaysForm } from './always-form.js';
import type { Condition } from './condition.js';
import { evaluate } from './evaluate-condition.js';
import type { Expectation, Observation, Rule, Verdict } from './expectation.js';
import { NeverForm } from './never-form.js';
import { PathHistory } from './path-history.js';
import { ResponseForm } from './response-form.js';
import type { Report, TemporalForm } from './temporal-form.js';
import { UntilForm } from './until-form.js';
import { writeList, writeMoment, writeReading } from './wording.js';

/**
 * Follows a run and judges one expectation. Between records, every channel is as its last record says; several records of the
 * same moment are one change, so what is true only in between them does not count. Time never goes back: a record dated
 * before the one ahead of it counts as of the same moment. Work is done only for records of the channels it speaks of, and
 * memory does not grow with their number.
 */
export class Monitor {
  readonly #expectation: Expectation;
  readonly #form: TemporalForm;
  readonly #first: Condition;
  readonly #second: Condition | undefined;
  readonly #startedAt: EpochMs;
  readonly #readings = new Map<string, Observation>();
  readonly #histories = new Map<string, PathHistory>();
  /** Channels that have had no reading in the time judged, though their conditions mean nothing without. */
  readonly #unseen: Set<string>;
  #now: EpochMs;
  #isJudged = false;
  #wasJudged = false;
  /** Up to when `#isJudged` is right. */
  #edge: EpochMs;
  #violations = 0;
  #at: EpochMs | undefined;
  #why = '';
  #verdict: Verdict | undefined;

  constructor(expectation: Expectation, startedAt: EpochMs) {
    this.#expectation = expectation;
    const { rule, paths } = expectation;
    this.#form = formOf(rule, (at, sentence) => this.#violated(at, sentence));
    this.#first = rule.form === 'response' ? rule.when : rule.condition;
    this.#second = rule.form === 'response' ? rule.then : rule.form === 'until' ? rule.until : undefined;
    this.#startedAt = startedAt;
    this.#now = startedAt;
    this.#edge = startedAt;
    for (const path of paths) this.#histories.set(path, new PathHistory());
    this.#unseen = new Set([...this.#first.needed, ...(this.#second?.needed ?? [])]);
  }

  /** Takes the next record of the run, of whatever channel. */
  observe(observation: Observation): void {
    const history = this.#histories.get(observation.path);
    if (!history || this.#verdict) return;
    if (observation.at > this.#now && observation.at < Infinity) this.#advance(observation.at);
    this.#readings.set(observation.path, observation);
    history.add(observation);
  }

  /** The run ended at this time. */
  end(at: EpochMs): Verdict {
    if (this.#verdict) return this.#verdict;
    if (at > this.#now && at < Infinity) this.#advance(at);
    this.#piece(this.#now); // the last moment
    return (this.#verdict = this.#judge());
  }

  #advance(to: EpochMs): void {
    while (this.#now < to) {
      if (this.#now >= this.#edge) this.#nextEdge();
      this.#piece(Math.min(this.#edge, to));
    }
  }

  #nextEdge(): void {
    const { afterMs, during } = this.#expectation;
    const begin = this.#startedAt + afterMs;
    if (this.#now < begin) {
      this.#edge = begin;
      return;
    }
    this.#isJudged = during?.contains(this.#now) ?? true;
    this.#edge = during?.nextChange(this.#now) ?? Infinity;
  }

  /** Nothing changes up to `to`. */
  #piece(to: EpochMs): void {
    if (this.#now >= this.#edge) this.#nextEdge();
    if (this.#isJudged) {
      this.#wasJudged = true;
      for (const path of this.#unseen) if (this.#readings.has(path)) this.#unseen.delete(path);
    }
    const first = evaluate(this.#first.root, this.#readings);
    const second = this.#second && evaluate(this.#second.root, this.#readings);
    this.#form.piece(this.#now, to, this.#isJudged, first, second);
    this.#now = to;
  }

  #violated(at: EpochMs, sentence: (moment: string) => string): void {
    this.#violations++;
    if (this.#at !== undefined) return;
    this.#at = at;
    this.#why = `${sentence(writeMoment(at, this.#startedAt))}: ${this.#values()}`;
    for (const history of this.#histories.values()) history.freeze();
  }

  #values(): string {
    return writeList(this.#expectation.paths.map((path) => writeReading(path, this.#readings.get(path))));
  }

  #judge(): Verdict {
    const { name } = this.#expectation;
    const { failed, passed, evaluated, tolerant = false, share } = this.#form.finish(this.#now);
    const common = { name, violations: this.#violations, ...(share !== undefined && { share }) };
    const fail = (why: string): Verdict => ({
      ...common,
      outcome: 'failed',
      ...(this.#at !== undefined && { at: this.#at }),
      why,
      around: this.#around(),
    });
    if (this.#violations > 0 && !tolerant) return fail(this.#why);
    if (!this.#wasJudged) return fail(this.#neverJudged());
    if (this.#unseen.size > 0) {
      const channels = writeList([...this.#unseen]);
      return fail(`${channels} never had a reading in the time judged, so this could not be evaluated`);
    }
    if (!evaluated) {
      return fail(
        `this could not be evaluated: no value that decides it was usable in the time judged; at the end, ${this.#values()}`,
      );
    }
    if (failed === undefined) return { ...common, outcome: 'passed', why: passed, around: [] };
    if (this.#violations > 0) return fail(`${failed}; first, ${this.#why}`);
    // What should have happened and did not is missed at the end.
    const isMissed = this.#expectation.rule.form === 'until';
    return isMissed ? { ...fail(`${failed}; ${this.#values()}`), at: this.#now, violations: 1 } : fail(failed);
  }

  #neverJudged(): string {
    const { afterMs, during } = this.#expectation;
    const lasted = this.#now - this.#startedAt;
    if (lasted < afterMs) {
      return `the run lasted ${formatMs(lasted)}, and the first ${formatMs(afterMs)} are not judged, so this could not be evaluated`;
    }
    return `the time of day ${during?.text ?? ''} never came, so this could not be evaluated`;
  }

  #around(): readonly Observation[] {
    const all = [...this.#histories.values()].flatMap((history) => history.list());
    return all.sort((a, b) => a.at - b.at);
  }
}

function formOf(rule: Rule, report: Report): TemporalForm {
  switch (rule.form) {
    case 'always':
      return new AlwaysForm(rule, report);
    case 'never':
      return new NeverForm(rule, report);
    case 'response':
      return new ResponseForm(rule, report);
    case 'until':
      return new UntilForm(rule, report);
  }
}
