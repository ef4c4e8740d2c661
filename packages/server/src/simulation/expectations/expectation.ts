import type { EpochMs, Quality } from '@hyphae/core';
import type { Condition } from './condition.js';
import type { DayWindow } from './day-window.js';

/** One record of a run. */
export interface Observation {
  readonly at: EpochMs;
  readonly path: string;
  /** `null` where there is no value. */
  readonly value: number | null;
  readonly quality: Quality;
}

/** Holds at every moment, or for a share of the time; only breaks of at least `forMs` count. */
export interface AlwaysRule {
  readonly form: 'always';
  readonly condition: Condition;
  /** From 0 to 1. */
  readonly share?: number;
  readonly forMs: number;
}

/** Is never true, or never for longer than so long: in one stretch, or in total within any window of `inAnyMs`. */
export interface NeverRule {
  readonly form: 'never';
  readonly condition: Condition;
  readonly longerThanMs?: number;
  readonly inAnyMs?: number;
}

/** Each time `when` becomes true, `then` is true within `withinMs`, and stays so for `forMs`. */
export interface ResponseRule {
  readonly form: 'response';
  readonly when: Condition;
  readonly then: Condition;
  readonly withinMs: number;
  readonly forMs: number;
  readonly mayNotHappen: boolean;
}

/** Holds from the start until `until` is true, which has to happen. */
export interface UntilRule {
  readonly form: 'until';
  readonly condition: Condition;
  readonly until: Condition;
  readonly mayNotHappen: boolean;
}

/** What is expected, in one of four temporal forms. */
export type Rule = AlwaysRule | NeverRule | ResponseRule | UntilRule;

/** A temporal property that a run must satisfy. */
export interface Expectation {
  readonly name: string;
  /** The channels it speaks of, in the order in which it names them. */
  readonly paths: readonly string[];
  readonly rule: Rule;
  /** How much of the beginning of a run is not judged. */
  readonly afterMs: number;
  /** The part of each day that is judged; absent: all of it. */
  readonly during?: DayWindow;
}

/** What a run made of an expectation. */
export interface Verdict {
  readonly name: string;
  readonly outcome: 'passed' | 'failed';
  /** The moment of the first violation; absent when there was none, or when the outcome is `passed`. */
  readonly at?: EpochMs;
  /** One sentence, with the values of that moment. */
  readonly why: string;
  /** The last few records of the channels concerned before the first violation, and the first few after it. */
  readonly around: readonly Observation[];
  /** How often it was violated; for a `when` that changes very fast, at least so often. */
  readonly violations: number;
  /** The part of the time judged and known in which an `always` held, from 0 to 1. */
  readonly share?: number;
}
