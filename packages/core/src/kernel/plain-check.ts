/** Whether a value fits a schema. Defaults are filled in on the way, as far as it got. */
export type PlainCheck = (value: unknown) => boolean;

type Rule = (value: unknown) => boolean;
type Fields = Readonly<Record<string, unknown>>;

/** Where in the schema a part stands. */
interface Place {
  readonly depth: number;
  /** Defaults inside of alternatives are none: which one holds is not known yet. */
  readonly fill: boolean;
}

/** Schemas nest no deeper than this here; one that holds itself would have no end. */
const MAX_DEPTH = 16;
const DRAFT_07 = 'http://json-schema.org/draft-07/schema#';
const checks = new WeakMap<object, { readonly check: PlainCheck | undefined }>();

/**
 * The check of a plain JSON Schema: types, ranges, lengths, patterns, choices, alternatives, lists and objects, which is what
 * options are made of. It judges as a full validator does (draft-07 with defaults, formats ignored, numbers finite), without words for
 * what is wrong: ask one for those. A start with nothing wrong does not load it.
 *
 * @returns `undefined` for schemas that use anything else or are not well-formed
 */
export function plainCheck(schema: object): PlainCheck | undefined {
  let known = checks.get(schema);
  if (!known) checks.set(schema, (known = { check: ruleOf(schema, { depth: 0, fill: true }) }));
  return known.check;
}

function ruleOf(schema: unknown, place: Place): Rule | undefined {
  if (!isFields(schema) || place.depth > MAX_DEPTH) return undefined;
  const rules: Rule[] = [];
  for (const [keyword, argument] of Object.entries(schema)) {
    if (argument === undefined) continue;
    const annotation = Object.hasOwn(ANNOTATIONS, keyword) ? ANNOTATIONS[keyword] : undefined;
    if (annotation?.(argument) === true) continue;
    const make = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined;
    const rule = make?.(argument, { ...place, depth: place.depth + 1 }, schema);
    if (!rule) return undefined;
    // Defaults count as present for everything else that is said about the object.
    if (keyword === 'properties' && place.fill) rules.unshift(defaultsOf(argument as Fields)); // else it had no rule
    rules.push(rule);
  }
  return (value) => rules.every((rule) => rule(value));
}

const isText = (value: unknown) => typeof value === 'string';
const isFlag = (value: unknown) => typeof value === 'boolean';

/** What says nothing about values, and how it has to be written. */
const ANNOTATIONS: Readonly<Record<string, (argument: unknown) => boolean>> = {
  $comment: isText,
  $schema: (argument) => argument === DRAFT_07,
  // Filled in by the object around it. In the code a full validator makes, this name would set a prototype.
  default: (argument) => !JSON.stringify(argument).includes('"__proto__":'),
  deprecated: isFlag,
  description: isText,
  examples: Array.isArray,
  format: isText,
  readOnly: isFlag,
  title: isText,
  writeOnly: isFlag,
};

/** Makes the rule of a keyword; `undefined`: it is not written as it has to be, or not plainly. */
type Make = (argument: unknown, below: Place, schema: Fields) => Rule | undefined;

const KEYWORDS: Readonly<Record<string, Make>> = {
  type(argument) {
    const tests = (Array.isArray(argument) ? argument : [argument]).map((name: unknown) =>
      typeof name === 'string' && Object.hasOwn(TYPES, name) ? TYPES[name] : undefined,
    );
    if (tests.length === 0 || !isUnique(tests)) return undefined;
    if (tests.length === 1) return tests[0];
    return tests.includes(undefined) ? undefined : (value) => tests.some((test) => test?.(value));
  },
  enum: (argument) =>
    Array.isArray(argument) && argument.length > 0 && argument.every(isScalar) && isUnique(argument)
      ? (value) => argument.includes(value)
      : undefined,
  const: (argument) => (isScalar(argument) ? (value) => value === argument : undefined),

  minimum: bound((value, least) => value >= least),
  maximum: bound((value, most) => value <= most),
  exclusiveMinimum: bound((value, least) => value > least),
  exclusiveMaximum: bound((value, most) => value < most),

  minLength: size(textLength, (length, least) => length >= least),
  maxLength: size(textLength, (length, most) => length <= most),
  pattern(argument) {
    if (typeof argument !== 'string') return undefined;
    try {
      const pattern = new RegExp(argument, 'u');
      return (value) => typeof value !== 'string' || pattern.test(value);
    } catch {
      return undefined;
    }
  },

  minItems: size(listLength, (length, least) => length >= least),
  maxItems: size(listLength, (length, most) => length <= most),
  items(argument, below) {
    const rule = ruleOf(argument, below);
    // From an iterator, as `every` on the list itself would pass over holes.
    return rule && ((value) => !Array.isArray(value) || Array.from<unknown>(value).every(rule));
  },

  uniqueItems(argument, _below, { items }) {
    if (argument === false) return () => true;
    // Lists and objects would have to be compared by what is in them.
    const { type, enum: choices } = isFields(items) ? items : {};
    const scalar = Array.isArray(choices) || (typeof type === 'string' && type !== 'array' && type !== 'object');
    return argument === true && scalar ? (value) => !Array.isArray(value) || isUnique(value) : undefined;
  },

  anyOf: alternatives((fitting) => fitting > 0),
  oneOf: alternatives((fitting) => fitting === 1),

  minProperties: size(fieldCount, (count, least) => count >= least),
  maxProperties: size(fieldCount, (count, most) => count <= most),
  required(argument) {
    if (!Array.isArray(argument) || !argument.every(isPlainName) || !isUnique(argument)) return undefined;
    return ofFields((fields) => argument.every((name) => fields[name] !== undefined));
  },
  properties(argument, below) {
    if (!isFields(argument)) return undefined;
    const rules: [string, Rule][] = [];
    for (const [name, schema] of Object.entries(argument)) {
      const rule = isPlainName(name) ? ruleOf(schema, below) : undefined;
      if (!rule) return undefined;
      rules.push([name, rule]);
    }
    return ofFields((fields) => rules.every(([name, rule]) => fields[name] === undefined || rule(fields[name])));
  },
  additionalProperties(argument, below, { properties }) {
    const rule = typeof argument === 'boolean' ? () => argument : ruleOf(argument, below);
    const named = new Set(isFields(properties) ? Object.keys(properties) : []);
    return rule && ofFields((fields) => namesOf(fields).every((name) => named.has(name) || rule(fields[name])));
  },
  propertyNames(argument, below) {
    const rule = ruleOf(argument, below);
    return rule && ofFields((fields) => namesOf(fields).every(rule));
  },
};

const TYPES: Readonly<Record<string, Rule>> = {
  null: (value) => value === null,
  boolean: isFlag,
  string: isText,
  number: Number.isFinite,
  integer: Number.isInteger,
  array: Array.isArray,
  object: (value) => isFields(value),
};

function alternatives(enough: (fitting: number) => boolean): Make {
  return (argument, below) => {
    if (!Array.isArray(argument) || argument.length === 0) return undefined;
    const rules = argument.map((schema: unknown) => ruleOf(schema, { ...below, fill: false }));
    if (rules.includes(undefined)) return undefined;
    return (value) => enough(rules.filter((rule) => rule?.(value)).length);
  };
}

/** Rules about numbers say nothing about anything else, what is not finite included. */
function bound(holds: (value: number, limit: number) => boolean): Make {
  return (limit) =>
    typeof limit === 'number' && Number.isFinite(limit)
      ? (value) => typeof value !== 'number' || !Number.isFinite(value) || holds(value, limit)
      : undefined;
}

function size(of: (value: unknown) => number | undefined, holds: (size: number, limit: number) => boolean): Make {
  return (limit) => {
    if (typeof limit !== 'number' || !Number.isSafeInteger(limit) || limit < 0) return undefined;
    return (value) => {
      const found = of(value);
      return found === undefined || holds(found, limit);
    };
  };
}

/** In characters, not in halves of them. */
function textLength(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  let length = 0;
  for (const _ of value) length++;
  return length;
}

function listLength(value: unknown): number | undefined {
  return Array.isArray(value) ? value.length : undefined;
}

function fieldCount(value: unknown): number | undefined {
  return isFields(value) ? Object.keys(value).length : undefined;
}

/** Rules about objects say nothing about anything else. */
function ofFields(holds: (fields: Fields) => boolean): Rule {
  return (value) => !isFields(value) || holds(value);
}

/** The names a validator goes through, inherited ones included. */
function namesOf(fields: Fields): string[] {
  const names: string[] = [];
  for (const name in fields) names.push(name);
  return names;
}

function defaultsOf(properties: Fields): Rule {
  const defaults: [string, string][] = [];
  for (const [name, schema] of Object.entries(properties)) {
    const text = JSON.stringify((schema as Fields)['default']) as string | undefined; // a schema, or it would have no rule
    if (text !== undefined) defaults.push([name, text]);
  }
  return (value) => {
    if (!isFields(value)) return true;
    const fields = value as Record<string, unknown>; // an object of data: a name can be set
    for (const [name, text] of defaults) if (fields[name] === undefined) fields[name] = JSON.parse(text) as unknown;
    return true;
  };
}

/** A name that no object has by birth. */
const isPlainName = (name: unknown): name is string => typeof name === 'string' && !(name in Object.prototype);

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isUnique = (list: readonly unknown[]) => new Set(list).size === list.length;

const isScalar = (value: unknown) =>
  value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
