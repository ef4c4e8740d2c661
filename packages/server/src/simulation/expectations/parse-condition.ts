import { type Condition, conditionOf, type Expression, OPERATORS, QUALITY_WORDS } from './condition.js';

/** A condition, or what is wrong with its text, with the position. */
export type ParsedCondition = { readonly condition: Condition } | { readonly problem: string };

const MAX_LENGTH = 2_000;
const MAX_DEPTH = 32;

const NAME = '[A-Za-z0-9][A-Za-z0-9_.-]*';
const PATH = new RegExp(`${NAME}(?:/${NAME})+`, 'y');
const NUMBER = /[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const OPERATOR = new RegExp(OPERATORS.join('|'), 'y');
const SPACE = /\s*/y;
const WORDS = ['and', 'or', 'not', 'in', 'is', 'on', 'off', 'missing', 'present', ...QUALITY_WORDS] as const;
type Word = (typeof WORDS)[number];
/** Not the beginning of a longer word or of a path. */
const WORD = new Map<Word, RegExp>(WORDS.map((word) => [word, new RegExp(`${word}(?![\\w./-])`, 'y')]));

/** What people write who come from other languages. */
const INSTEAD: Readonly<Record<string, string>> = {
  '=': '==',
  '===': '==',
  '<>': '!=',
  '=>': '>=',
  '=<': '<=',
  '&&': 'and',
  '||': 'or',
  '!': 'not',
  true: 'on',
  false: 'off',
};

/**
 * Reads a condition: comparisons of a channel with a number (`gh1/air/temperature < 22`), a range (`gh1/air/temperature in
 * 20..22`), `on` or `off`, or its last reading's quality (`is good`, `is missing`, …), joined by `not`, `and`, `or` and
 * parentheses, which bind in this order.
 */
export function parseCondition(text: string): ParsedCondition {
  if (text.length > MAX_LENGTH) {
    return {
      problem: `has ${text.length} characters, and ${MAX_LENGTH} are possible; make several expectations of it`,
    };
  }
  try {
    return { condition: conditionOf(new ConditionParser(text).parse()) };
  } catch (error) {
    if (error instanceof Misfit) return { problem: error.message };
    throw error;
  }
}

/** Never leaves this file. */
class Misfit extends Error {}

class ConditionParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Expression {
    const root = this.#any();
    if (this.#at < this.#text.length) throw this.#expected('and, or or the end');
    return root;
  }

  #any(): Expression {
    const parts = [this.#all()];
    while (this.#word('or')) parts.push(this.#all());
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'any', of: parts };
  }

  #all(): Expression {
    const parts = [this.#term()];
    while (this.#word('and')) parts.push(this.#term());
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'all', of: parts };
  }

  #term(): Expression {
    if (++this.#depth > MAX_DEPTH) throw this.#misfit(`nested more than ${MAX_DEPTH} deep; make it simpler`);
    const term = this.#word('not') ? { kind: 'not' as const, of: this.#term() } : (this.#group() ?? this.#statement());
    this.#depth--;
    return term;
  }

  #group(): Expression | undefined {
    if (!this.#sign('(')) return undefined;
    const inner = this.#any();
    if (!this.#sign(')')) throw this.#expected('and, or or )');
    return inner;
  }

  #statement(): Expression {
    const path = this.#take(PATH);
    if (path === undefined) throw this.#expected('a channel such as gh1/air/temperature, not or (');
    const operator = this.#take(OPERATOR);
    if (operator !== undefined) {
      const known = OPERATORS.find((each) => each === operator);
      if (known)
        return { kind: 'compare', path, operator: known, value: this.#switched() ?? this.#number(', on or off') };
    }
    if (this.#word('in')) return this.#range(path);
    if (this.#word('is')) return this.#state(path);
    throw this.#expected(`<, <=, >, >=, ==, !=, in or is after ${path}`);
  }

  #switched(): number | undefined {
    if (this.#word('on')) return 1;
    return this.#word('off') ? 0 : undefined;
  }

  #range(path: string): Expression {
    const low = this.#number(' as in 20..22');
    if (!this.#sign('..')) throw this.#expected('.. and the upper end, as in 20..22');
    const high = this.#number(' as in 20..22');
    if (low > high) throw this.#misfit(`nothing is in ${low}..${high}; write ${high}..${low}`);
    return { kind: 'range', path, low, high };
  }

  #state(path: string): Expression {
    if (this.#word('missing')) return { kind: 'presence', path, present: false };
    if (this.#word('present')) return { kind: 'presence', path, present: true };
    for (const quality of QUALITY_WORDS) if (this.#word(quality)) return { kind: 'quality', path, quality };
    const instead = this.#word('not') ? `; "not" stands before the channel: not ${path} is …` : '';
    throw this.#expected(`good, stale, suspect, bad, missing or present after is`, instead);
  }

  #number(more: string): number {
    this.#skip();
    const start = this.#at;
    const text = this.#take(NUMBER);
    if (text === undefined) throw this.#expected(`a number${more}`);
    const value = Number(text) + 0; // minus zero is zero
    if (Number.isFinite(value)) return value;
    this.#at = start;
    throw this.#misfit(`${text} is too large a number`);
  }

  #word(word: Word): boolean {
    const pattern = WORD.get(word);
    return pattern !== undefined && this.#take(pattern) !== undefined;
  }

  #sign(sign: string): boolean {
    this.#skip();
    if (!this.#text.startsWith(sign, this.#at)) return false;
    this.#at += sign.length;
    this.#skip();
    return true;
  }

  #take(pattern: RegExp): string | undefined {
    this.#skip();
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return undefined;
    this.#at += found.length;
    this.#skip();
    return found;
  }

  #skip(): void {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.#text)?.[0].length ?? 0;
  }

  #expected(what: string, instead?: string): Misfit {
    const found = /^(?:[\w.]+|[()]|[^\s\w()]+)/.exec(this.#text.slice(this.#at))?.[0] ?? '';
    if (found === '') return this.#misfit(`expected ${what}, but the text ends here${instead ?? ''}`);
    const known = Object.hasOwn(INSTEAD, found) ? INSTEAD[found] : undefined;
    const hint = instead ?? (known !== undefined ? `; write ${known}` : this.#unitHint());
    return this.#misfit(`expected ${what}, found "${found.slice(0, 40)}"${hint}`);
  }

  /** A number with something directly or soon after it is most likely one with its unit. */
  #unitHint(): string {
    const isAfterNumber = /\d\s*$/.test(this.#text.slice(0, this.#at));
    return isAfterNumber && /^[A-Za-z%°[]/.test(this.#text.slice(this.#at)) ? '; a number stands without its unit' : '';
  }

  #misfit(message: string): Misfit {
    return new Misfit(`character ${this.#at + 1}: ${message}`);
  }
}
