/** Why a selector is refused. */
export type SelectorProblem = 'empty' | 'too_long' | 'too_deep' | 'bad_level';

const MOST_CHARACTERS = 256;
const MOST_LEVELS = 16;

interface Branch {
  readonly next: Map<string, Branch>;
  any?: Branch;
  /** A pattern ends here. */
  end: boolean;
  /** `#` stands below. */
  rest: boolean;
}

const branch = (): Branch => ({ next: new Map(), end: false, rest: false });

/**
 * Says what is wrong with a selector, if anything. A selector is a path whose levels may be `+` (exactly one level) and whose
 * last may be `#` (any number of levels, none included), as in MQTT; nothing else is special.
 */
export function selectorProblem(selector: string): SelectorProblem | undefined {
  if (selector === '') return 'empty';
  if (selector.length > MOST_CHARACTERS) return 'too_long';
  const levels = selector.split('/');
  if (levels.length > MOST_LEVELS) return 'too_deep';
  const last = levels.length - 1;
  const fine = levels.every((level, i) => {
    if (level === '+') return true;
    if (level === '#') return i === last;
    // eslint-disable-next-line no-control-regex -- control characters are what it is there to refuse
    return level !== '' && !/[+#\u0000-\u001f\u007f]/.test(level);
  });
  return fine ? undefined : 'bad_level';
}

/** Selectors compiled to one trie: a path is matched in one walk, however many selectors there are. */
export class SelectorSet {
  readonly #root = branch();
  /** True when every path matches. */
  readonly all: boolean;

  /** The selectors must have no problem. */
  constructor(selectors: readonly string[]) {
    this.all = selectors.includes('#');
    for (const selector of selectors) {
      let at = this.#root;
      let rest = false;
      for (const level of selector.split('/')) {
        if (level === '#') rest = true;
        else if (level === '+') at = at.any ??= branch();
        else {
          let next = at.next.get(level);
          if (!next) at.next.set(level, (next = branch()));
          at = next;
        }
      }
      if (rest) at.rest = true;
      else at.end = true;
    }
  }

  matches(path: string): boolean {
    return this.all || walk(this.#root, path.split('/'), 0);
  }
}

function walk(at: Branch, levels: readonly string[], i: number): boolean {
  if (at.rest) return true;
  const level = levels[i];
  if (level === undefined) return at.end;
  const next = at.next.get(level);
  return (next !== undefined && walk(next, levels, i + 1)) || (at.any !== undefined && walk(at.any, levels, i + 1));
}
