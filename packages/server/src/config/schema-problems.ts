import { createRequire } from 'node:module';
import { plainCheck } from '@hyphae/core/kernel';
import type { Ajv, ErrorObject, ValidateFunction } from 'ajv';
import type { ConfigPath } from './problem.js';
import { suggest } from './suggest.js';
import type { YamlSource } from './yaml-source.js';

const SHOWN = 60;

let ajv: Ajv | undefined;
const compiled = new WeakMap<object, ValidateFunction>();

/**
 * What a schema finds wrong with a value; nothing: it fits, and its defaults are filled in.
 *
 * @throws Error when it is no valid schema
 */
export function schemaErrors(schema: object, value: unknown): readonly ErrorObject[] {
  if (plainCheck(schema)?.(value) === true) return [];
  const validate = compileSchema(schema);
  return validate(value) ? [] : (validate.errors ?? []);
}

/** The full validator, keeping the parent schemas for messages. A start where nothing is wrong does not load it. */
function compileSchema(schema: object): ValidateFunction {
  const known = compiled.get(schema);
  if (known) return known;
  const { Ajv: Validator } = createRequire(import.meta.url)('ajv') as typeof import('ajv'); // as the import would give
  ajv ??= new Validator({
    allErrors: true,
    verbose: true,
    useDefaults: true,
    strict: false,
    strictNumbers: true, // not part of `strict: false`: NaN is not a number anybody can mean
    coerceTypes: false,
    validateFormats: false,
    addUsedSchema: false,
    // Each schema is used a few times at start: checking it against the schema of schemas and polishing the code made from it
    // would take twice as long as all the rest. The kernel checks the schemas of plugins.
    validateSchema: false,
    meta: false,
    code: { optimize: false },
  });
  const validate = ajv.compile(schema);
  compiled.set(schema, validate);
  return validate;
}

/** Reports what a schema found, each at its place. `base` is where the validated value stands in the file. */
export function reportSchemaErrors(source: YamlSource, base: ConfigPath, errors: readonly ErrorObject[]): void {
  for (const error of withoutBranches(errors)) {
    const path = pointerSteps(source.value, base, error.instancePath);
    const { keyword, propertyName } = error;
    const params = error.params as Readonly<Record<string, unknown>>; // each keyword has its own; read by name below
    if (propertyName !== undefined) {
      if (keyword === 'propertyNames') continue; // reported by the rule the name broke
      const message = `"${shorten(propertyName)}" is not a usable name. ${hint(error)}`;
      source.report([...path, propertyName], message.trim(), 'key');
    } else if (keyword === 'propertyNames') {
      continue;
    } else if (keyword === 'additionalProperties') {
      const key = String(params['additionalProperty']);
      source.report(
        [...path, key],
        `unknown key "${shorten(key)}"; ${suggest(key, knownKeys(error), 'possible')}`,
        'key',
      );
    } else if (keyword === 'required') {
      const key = String(params['missingProperty']);
      const description = describe(property(error.parentSchema, key));
      source.report(path, `"${key}" is missing${description === '' ? '' : `. ${description}`}`, 'key');
    } else {
      const shown = source.isSecret(path) ? 'the value' : show(error.data);
      source.report(path, `${shown} ${complaint(error, params)}${hint(error) === '' ? '' : `. ${hint(error)}`}`);
    }
  }
}

/**
 * Alternatives complain once each: what is wrong inside the one that was meant is kept; where none was, their complaints
 * become one about the whole.
 */
function withoutBranches(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const dropped = new Set<ErrorObject>();
  const merged = new Map<ErrorObject, ErrorObject>();
  for (const whole of errors) {
    if (whole.keyword !== 'anyOf' && whole.keyword !== 'oneOf') continue;
    const branches = errors.filter((error) => error !== whole && error.schemaPath.startsWith(`${whole.schemaPath}/`));
    const kinds = branches.filter(
      ({ keyword, instancePath }) => instancePath === whole.instancePath && (keyword === 'type' || keyword === 'const'),
    );
    for (const kind of kinds) dropped.add(kind);
    if (branches.length > kinds.length) {
      dropped.add(whole);
      continue;
    }
    const of = (keyword: string, param: string) =>
      kinds.filter((kind) => kind.keyword === keyword).map((kind) => (kind.params as Record<string, unknown>)[param]);
    const values = of('const', 'allowedValue');
    const types = of('type', 'type').flat();
    if (values.length > 0 && (types.length === 0 || values.length === kinds.length / 2)) {
      merged.set(whole, { ...whole, keyword: 'enum', params: { allowedValues: values } });
    } else if (types.length > 0) merged.set(whole, { ...whole, keyword: 'type', params: { type: types } });
  }
  return errors.filter((error) => !dropped.has(error)).map((error) => merged.get(error) ?? error);
}

/** The steps of an RFC 6901 pointer below `base`, with numbers where the value has a list. */
function pointerSteps(root: unknown, base: ConfigPath, pointer: string): ConfigPath {
  const below = pointer.split('/').slice(1);
  const steps = [...base, ...below.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))];
  let value = root;
  return steps.map((step) => {
    const found = Array.isArray(value) ? Number(step) : step;
    value = (value as Readonly<Record<string | number, unknown>> | null | undefined)?.[found]; // lists and objects alike
    return found;
  });
}

function complaint(error: ErrorObject, params: Readonly<Record<string, unknown>>): string {
  switch (error.keyword) {
    case 'type': {
      const types = [params['type']].flat().map((type) => TYPE_NAMES[String(type)] ?? String(type));
      return `must be ${types.join(' or ')}`;
    }
    case 'const':
      return `must be ${show(params['allowedValue'])}`;
    case 'enum': {
      const allowed = (params['allowedValues'] as readonly unknown[]).map((value) => String(value)); // ajv: always a list
      return `is not one of the choices; ${suggest(typeof error.data === 'string' ? error.data : '', allowed, 'possible')}`;
    }
    case 'pattern':
      return 'is not written as it should be';
    case 'minLength':
      return 'must not be empty';
    default:
      return error.message ?? 'is not valid';
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'a set of keys and values',
  array: 'a list',
  null: 'empty',
};

const hint = (error: ErrorObject) => describe(error.parentSchema);

function describe(schema: unknown): string {
  const description = (schema as { description?: unknown } | undefined)?.description; // JSON Schema: text, if there at all
  return typeof description === 'string' ? description : '';
}

function property(schema: ErrorObject['parentSchema'], key: string): unknown {
  return (schema?.['properties'] as Readonly<Record<string, unknown>> | undefined)?.[key]; // JSON Schema: an object
}

function knownKeys(error: ErrorObject): string[] {
  return Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {}); // JSON Schema: an object
}

const shorten = (text: string) => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

/** A value as a message shows it: short, on one line, without control characters. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value));
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return 'an empty value';
  return Array.isArray(value) ? 'a list' : 'a set of keys';
}
