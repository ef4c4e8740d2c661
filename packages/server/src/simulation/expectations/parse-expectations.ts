import { formatMs } from '@hyphae/core';
import { suggest } from '../../config/suggest.js';
import { EntryReader, type ExpectationProblem } from './entry-reader.js';
import type { Expectation, Rule } from './expectation.js';
import { writeList } from './wording.js';

/** Keys every entry may have. */
const COMMON = ['name', 'after', 'during', 'zone'];
/** Keys of each form. */
const KEYS = {
  always: ['always', 'share', 'for'],
  until: ['always', 'until', 'mayNotHappen'],
  never: ['never', 'longerThan', 'inAny'],
  response: ['when', 'then', 'within', 'for', 'mayNotHappen'],
} as const;
type Form = keyof typeof KEYS;
const SHOWN: Readonly<Record<Form, string>> = {
  always: 'always',
  until: 'always … until',
  never: 'never',
  response: 'when … then',
};
const KNOWN: readonly string[] = [...new Set([...COMMON, ...Object.values(KEYS).flat()])];

/** Keys that are near to what a form has. */
const INSTEAD: Readonly<Record<string, string>> = {
  'never for': 'write longerThan: how long it may last at most',
  'never share': 'write always: not (…) with the share',
  'never within': 'write inAny: with longerThan: for a total within some time',
  'always longerThan': 'write for: how long a break lasts before it counts',
  'always within': 'write when: … then: … within: … for an answer in time',
  'always inAny': 'write never: not (…) with longerThan: and inAny:',
  'until within': 'write when: … then: … within: … for an answer in time',
  'until share': 'make two entries of it',
  'until for': 'make two entries of it',
  'response longerThan': 'write for: how long the answer stays at least',
  'response until': 'write within: when the answer comes at the latest',
};

const MAX_ENTRIES = 1_000;

/** What a list of expectations came to. With problems, the entries that have none are there all the same. */
export interface ParsedExpectations {
  readonly expectations: readonly Expectation[];
  readonly problems: readonly ExpectationProblem[];
}

/**
 * Reads the `expect:` list of a scenario and reports everything that is wrong with it at once. The path of a problem is the
 * index of the entry and the key, or the index alone for the entry as a whole, or empty for the list.
 */
export function parseExpectations(list: unknown): ParsedExpectations {
  if (!Array.isArray(list)) {
    return { expectations: [], problems: [{ path: [], message: 'write a list of expectations, such as - always: …' }] };
  }
  if (list.length > MAX_ENTRIES) {
    const message = `${list.length} expectations are too many; at most ${MAX_ENTRIES} are possible`;
    return { expectations: [], problems: [{ path: [], message }] };
  }
  const expectations: Expectation[] = [];
  const problems: ExpectationProblem[] = [];
  const names = new Map<string, number>();
  for (const [index, entry] of (list as unknown[]).entries()) {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
      problems.push({ path: [index], message: 'write an expectation, such as always: gh1/air/temperature in 20..22' });
      continue;
    }
    const before = problems.length;
    const reader = new EntryReader(entry, index, problems);
    const expectation = readEntry(reader, names, index);
    if (expectation && problems.length === before) expectations.push(expectation);
  }
  return { expectations, problems };
}

function readEntry(reader: EntryReader, names: Map<string, number>, index: number): Expectation | undefined {
  const form = formOf(reader);
  checkKeys(reader, form);
  const name = reader.name();
  const sameName = name === undefined ? undefined : names.get(name);
  if (sameName !== undefined)
    reader.report('name', `entry ${sameName + 1} of the list has this name already; give another`);
  else if (name !== undefined) names.set(name, index);
  const afterMs = reader.duration('after', '2 h') ?? 0;
  const during = reader.window();
  const rule = form && readRule(reader, form);
  if (!rule) return undefined;
  const windowMs = during?.lengthMs;
  if (windowMs !== undefined) checkWindow(reader, rule, windowMs);
  const conditions = rule.form === 'response' ? [rule.when, rule.then] : [rule.condition];
  if (rule.form === 'until') conditions.push(rule.until);
  return {
    name: name ?? describe(rule),
    paths: [...new Set(conditions.flatMap(({ paths }) => paths))],
    rule,
    afterMs,
    ...(during && { during }),
  };
}

/** The form an entry has; reports one that has none or several. */
function formOf(reader: EntryReader): Form | undefined {
  const [first, ...others] = ['always', 'never', 'when'].filter((key) => reader.has(key));
  for (const other of others) {
    reader.report(other, `stands beside ${first}, and an entry is one expectation; make two entries of it`);
  }
  if (others.length > 0) return undefined;
  if (first === 'always') return reader.has('until') ? 'until' : 'always';
  if (first === 'never') return 'never';
  if (first === 'when' || reader.has('then')) return 'response';
  if (reader.has('until')) return 'until';
  reader.report(undefined, 'says nothing that is expected; write always:, never:, or when: with then: and within:');
  return undefined;
}

function checkKeys(reader: EntryReader, form: Form | undefined): void {
  const own: readonly string[] = form ? [...COMMON, ...KEYS[form]] : KNOWN;
  for (const key of reader.keys) {
    if (own.includes(key)) continue;
    if (!form || !KNOWN.includes(key)) {
      reader.report(key, `unknown key "${key}"; ${suggest(key, own)}`);
      continue;
    }
    const forms = (Object.keys(KEYS) as Form[]).filter((each) => KEYS[each].some((known) => known === key)); // its own keys
    const shown = forms.map((each) => SHOWN[each]);
    const instead = INSTEAD[`${form} ${key}`] ?? `it goes with ${writeList(shown, 'or')}; leave it out`;
    reader.report(key, `does not go with ${SHOWN[form]}: ${instead}`);
  }
}

function readRule(reader: EntryReader, form: Form): Rule | undefined {
  const missing = KEYS[form].filter((key) => REQUIRED[form].includes(key) && !reader.has(key));
  for (const key of missing)
    reader.report(undefined, `${SHOWN[form]} needs ${key}:; add ${key}: ${EXAMPLES[key] ?? ''}`);
  switch (form) {
    case 'always': {
      const condition = reader.condition('always');
      const share = reader.share('share');
      const forMs = reader.duration('for', '5 min') ?? 0;
      return condition && { form, condition, forMs, ...(share !== undefined && { share }) };
    }
    case 'until': {
      const condition = reader.condition('always');
      const until = reader.condition('until');
      const mayNotHappen = reader.flag('mayNotHappen');
      return condition && until && { form, condition, until, mayNotHappen };
    }
    case 'never': {
      const condition = reader.condition('never');
      const longerThanMs = reader.duration('longerThan', '10 min');
      const inAnyMs = reader.duration('inAny', '1 h');
      checkTotal(reader, longerThanMs, inAnyMs);
      return (
        condition && {
          form,
          condition,
          ...(longerThanMs !== undefined && { longerThanMs }),
          ...(inAnyMs !== undefined && { inAnyMs }),
        }
      );
    }
    case 'response': {
      const when = reader.condition('when');
      const then = reader.condition('then');
      const withinMs = reader.duration('within', '5 s');
      const forMs = reader.duration('for', '1 min') ?? 0;
      const mayNotHappen = reader.flag('mayNotHappen');
      return when && then && withinMs !== undefined ? { form, when, then, withinMs, forMs, mayNotHappen } : undefined;
    }
  }
}

const REQUIRED: Readonly<Record<Form, readonly string[]>> = {
  always: ['always'],
  until: ['always', 'until'],
  never: ['never'],
  response: ['when', 'then', 'within'],
};
const EXAMPLES: Readonly<Record<string, string>> = {
  always: 'gh1/heater/state == off',
  until: 'gh1/air/temperature > 20',
  when: 'gh1/air/temperature is stale',
  then: 'gh1/heater/state == off',
  within: '5 s',
};

function checkTotal(reader: EntryReader, longerThanMs: number | undefined, inAnyMs: number | undefined): void {
  if (reader.has('inAny') && !reader.has('longerThan')) {
    reader.report(
      'inAny',
      'is the time in which a total is taken; add longerThan: 10 min, what the total may be at most',
    );
  }
  if (longerThanMs === undefined || inAnyMs === undefined || longerThanMs < inAnyMs) return;
  reader.report(
    'longerThan',
    `${formatMs(longerThanMs)} in any ${formatMs(inAnyMs)} can never be exceeded; write less than ${formatMs(inAnyMs)}, or a longer inAny`,
  );
}

/** A break or a stretch ends with the part of the day that is judged. */
function checkWindow(reader: EntryReader, rule: Rule, windowMs: number): void {
  const lasting =
    rule.form === 'always'
      ? { key: 'for', ms: rule.forMs, isTooLong: rule.forMs > windowMs }
      : rule.form === 'never' && rule.inAnyMs === undefined && rule.longerThanMs !== undefined
        ? { key: 'longerThan', ms: rule.longerThanMs, isTooLong: rule.longerThanMs >= windowMs }
        : undefined;
  if (!lasting?.isTooLong) return;
  const { key, ms } = lasting;
  reader.report(
    key,
    `${formatMs(ms)} do not fit into the ${formatMs(windowMs)} of during:; write less, or leave during: out`,
  );
}

/** What an expectation without a name is called. */
function describe(rule: Rule): string {
  switch (rule.form) {
    case 'always': {
      const share = rule.share === undefined ? '' : `, ${Number((rule.share * 100).toFixed(4))} % of the time`;
      return `always ${rule.condition.text}${share}${rule.forMs > 0 ? `, but for ${formatMs(rule.forMs)}` : ''}`;
    }
    case 'never': {
      const longer = rule.longerThanMs === undefined ? '' : ` for longer than ${formatMs(rule.longerThanMs)}`;
      return `never ${rule.condition.text}${longer}${rule.inAnyMs === undefined ? '' : ` in any ${formatMs(rule.inAnyMs)}`}`;
    }
    case 'response': {
      const lasting = rule.forMs > 0 ? ` for ${formatMs(rule.forMs)}` : '';
      return `when ${rule.when.text}, then ${rule.then.text} within ${formatMs(rule.withinMs)}${lasting}`;
    }
    case 'until':
      return `always ${rule.condition.text} until ${rule.until.text}`;
  }
}
