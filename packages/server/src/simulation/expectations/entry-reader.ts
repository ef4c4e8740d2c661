import { isHyphaeError, toMs } from '@hyphae/core';
import { type Condition } from './condition.js';
import { DayWindow } from './day-window.js';
import { parseCondition } from './parse-condition.js';
import { isZone } from './zone-offset.js';

/** One thing wrong with a list of expectations: the index of the entry and the key, and what to write instead. */
export interface ExpectationProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const MAX_MS = 3_660 * 86_400_000;
const MAX_NAME = 200;

/** Reads the values of one entry. What is absent or wrong is `undefined`; what is wrong is among the problems. */
export class EntryReader {
  readonly #entry: Readonly<Record<string, unknown>>;
  readonly #index: number;
  readonly #problems: ExpectationProblem[];

  constructor(entry: object, index: number, problems: ExpectationProblem[]) {
    this.#entry = entry as Readonly<Record<string, unknown>>; // an object has names and values
    this.#index = index;
    this.#problems = problems;
  }

  /** The keys that were written. */
  get keys(): readonly string[] {
    return Object.keys(this.#entry);
  }

  /** True for a key that was written. */
  has(key: string): boolean {
    return Object.hasOwn(this.#entry, key);
  }

  /** Adds a problem of a key, or of the entry as a whole. */
  report(key: string | undefined, message: string): undefined {
    this.#problems.push({ path: key === undefined ? [this.#index] : [this.#index, key], message });
  }

  /** A short text. */
  name(): string | undefined {
    if (!this.has('name')) return undefined;
    const { name } = this.#entry;
    if (typeof name !== 'string' || name.trim() === '')
      return this.report('name', 'write a text that says what is expected');
    if (name.length > MAX_NAME) return this.report('name', `a name has at most ${MAX_NAME} characters`);
    return name.trim();
  }

  /** A condition. */
  condition(key: string): Condition | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#entry[key];
    if (typeof value !== 'string') return this.report(key, 'write a condition such as gh1/air/temperature in 20..22');
    const parsed = parseCondition(value);
    return 'condition' in parsed ? parsed.condition : this.report(key, parsed.problem);
  }

  /** A length of time, in milliseconds. */
  duration(key: string, example: string): number | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#entry[key];
    if (typeof value === 'number') {
      return this.report(key, `${value} has no unit; write a number and ms, s, min, h or d, such as ${example}`);
    }
    const ms = typeof value === 'string' ? lengthOf(value.trim()) : undefined;
    if (ms === undefined) {
      return this.report(key, `not a length of time; write a number and ms, s, min, h or d, such as ${example}`);
    }
    return ms <= MAX_MS ? ms : this.report(key, 'longer than any run; at most 3660 d are possible');
  }

  /** A share, from 0 to 1. */
  share(key: string): number | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#entry[key];
    const match = typeof value === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(value) : undefined;
    const number = match ? Number(match[1]) : value;
    if (typeof number !== 'number') return this.report(key, 'write a share of the time, such as 95 % or 0.95');
    const share = match?.[2] === '%' ? number / 100 : number;
    if (share > 0 && share <= 1) return share;
    const isMeantAsPercent = share > 1 && share <= 100 && match?.[2] !== '%';
    return this.report(
      key,
      isMeantAsPercent
        ? `a share is at most 1; did you mean ${number} %?`
        : 'a share is more than 0 % and at most 100 %, such as 95 % or 0.95',
    );
  }

  /** `true` or `false`; absent is false. */
  flag(key: string): boolean {
    const value = this.has(key) ? this.#entry[key] : false;
    if (typeof value === 'boolean') return value;
    this.report(key, 'write true or false');
    return false;
  }

  /** `during` and `zone`. */
  window(): DayWindow | undefined {
    const zone = this.#zone();
    if (!this.has('during')) return undefined;
    const { during } = this.#entry;
    const window = typeof during === 'string' ? DayWindow.parse(during, zone) : undefined;
    return (
      window ??
      this.report('during', 'write two different times of day, such as 08:00-20:00; leave it out for the whole day')
    );
  }

  #zone(): string | undefined {
    if (!this.has('zone')) return undefined;
    const { zone } = this.#entry;
    if (!this.has('during')) return this.report('zone', 'says where the times of during: are; add during: 08:00-20:00');
    if (typeof zone === 'string' && isZone(zone)) return zone;
    return this.report('zone', 'not a time zone; write one such as Europe/Berlin, or leave it out for UTC');
  }
}

function lengthOf(text: string): number | undefined {
  try {
    return toMs(text);
  } catch (error) {
    if (isHyphaeError(error)) return undefined;
    throw error;
  }
}
