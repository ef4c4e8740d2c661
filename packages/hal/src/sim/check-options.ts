import type { JsonSchema, OptionsSchema, StandardSchema } from '@hyphae/core';

/** Options with defaults filled in, or what is wrong with them. */
export interface CheckedOptions {
  readonly options: unknown;
  readonly problems: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isStandard = (schema: OptionsSchema): schema is StandardSchema => '~standard' in schema;

/**
 * Checks the options of a chip or plant. Of JSON Schema it knows what such options are made of: an object of properties with
 * `type`, `enum`, `const`, bounds, `default`, `required` and `additionalProperties: false`; other keywords are left to who wrote them.
 */
export function checkOptions(schema: OptionsSchema | undefined, given: unknown = {}): CheckedOptions {
  if (!schema) return { options: given, problems: isFields(given) ? [] : ['options are not a mapping'] };
  if (isStandard(schema)) return checkStandard(schema, given);
  if (!isFields(given)) return { options: given, problems: ['options are not a mapping'] };
  const properties = isFields(schema['properties']) ? schema['properties'] : {};
  const problems: string[] = [];
  const options: Record<string, unknown> = { ...given };
  for (const [name, property] of Object.entries(properties)) {
    if (!isFields(property)) continue;
    if (options[name] === undefined && property['default'] !== undefined) options[name] = property['default'];
    if (options[name] !== undefined) problems.push(...valueProblems(name, options[name], property));
  }
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  for (const name of required) if (options[String(name)] === undefined) problems.push(`${String(name)} is missing`);
  if (schema['additionalProperties'] === false) {
    for (const name of Object.keys(given)) {
      if (!Object.hasOwn(properties, name)) problems.push(`${name} is not known; known are: ${list(properties)}`);
    }
  }
  return { options, problems };
}

function checkStandard(schema: StandardSchema, given: unknown): CheckedOptions {
  const result = schema['~standard'].validate(given);
  if (result instanceof Promise)
    return { options: given, problems: ['a schema that answers later cannot be used here'] };
  if (result.issues === undefined) return { options: result.value, problems: [] };
  return { options: given, problems: result.issues.map(({ message }) => message) };
}

function valueProblems(name: string, value: unknown, schema: JsonSchema): string[] {
  const problems: string[] = [];
  const say = (what: string) => problems.push(`${name} ${what}, not ${JSON.stringify(value)}`);
  const types = [schema['type'] ?? []].flat() as unknown[];
  if (types.length > 0 && !types.some((type) => hasType(value, type))) say(`has to be ${types.join(' or ')}`);
  if (Array.isArray(schema['enum']) && !schema['enum'].includes(value)) say(`has to be ${schema['enum'].join(' or ')}`);
  if (schema['const'] !== undefined && schema['const'] !== value) say(`has to be ${JSON.stringify(schema['const'])}`);
  if (typeof value !== 'number') return problems;
  const bound = (keyword: string, holds: (limit: number) => boolean, words: string) => {
    const limit = schema[keyword];
    if (typeof limit === 'number' && !holds(limit)) say(`has to be ${words} ${limit}`);
  };
  bound('minimum', (limit) => value >= limit, 'at least');
  bound('maximum', (limit) => value <= limit, 'at most');
  bound('exclusiveMinimum', (limit) => value > limit, 'above');
  bound('exclusiveMaximum', (limit) => value < limit, 'below');
  return problems;
}

function hasType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isFields(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

function list(fields: Fields): string {
  return Object.keys(fields).join(', ') || 'none';
}
