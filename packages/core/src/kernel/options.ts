import { createRequire } from 'node:module';
import type { Ajv, ValidateFunction } from 'ajv';
import { OptionsInvalidError, PluginInvalidError } from '../errors/catalogue.js';
import type { OptionsSchema, StandardSchema } from '../plugins/options.js';
import { plainCheck } from './plain-check.js';

const isStandard = (schema: OptionsSchema): schema is StandardSchema => '~standard' in schema;

let ajv: Ajv | undefined;
const compiled = new WeakMap<object, ValidateFunction>();

/**
 * The full validator. Loaded when there is something to complain about, or a schema that asks for it; at once, as a wait for the
 * disk would be none that a virtual clock knows of.
 */
function compile(plugin: string, schema: object): ValidateFunction {
  const known = compiled.get(schema);
  if (known) return known;
  const { Ajv: Validator } = createRequire(import.meta.url)('ajv') as typeof import('ajv'); // as the import would give
  ajv ??= new Validator({
    allErrors: true,
    useDefaults: true,
    strict: false,
    strictNumbers: true,
    validateFormats: false,
    code: { optimize: false },
  });
  try {
    const validate = ajv.compile(schema);
    compiled.set(schema, validate);
    return validate;
  } catch (error) {
    throw new PluginInvalidError({ plugin, why: `its options schema: ${(error as Error).message}` }, { cause: error });
  }
}

/**
 * Checks options against a plugin's schema and fills in its defaults. The input is not changed.
 *
 * @throws HYP_OPTIONS_INVALID with every problem, HYP_PLUGIN_INVALID when the schema itself is broken
 */
export async function validateOptions(
  plugin: string,
  schema: OptionsSchema | undefined,
  options: unknown,
): Promise<unknown> {
  const input = options ?? {};
  if (!schema) {
    const extra = Object.keys(input);
    if (extra.length > 0)
      throw new OptionsInvalidError({ plugin, problems: [`it has no options, found ${extra.join(', ')}`] });
    return input;
  }
  if (isStandard(schema)) {
    const result = await schema['~standard'].validate(input);
    if (!result.issues) return result.value;
    const problems = result.issues.map((issue) => `${issue.path?.map(String).join('.') ?? ''} ${issue.message}`.trim());
    throw new OptionsInvalidError({ plugin, problems });
  }
  const value = structuredClone(input);
  if (plainCheck(schema)?.(value) === true) return value;
  const validate = compile(plugin, schema);
  if (validate(value)) return value;
  const problems = (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const extra = (params as { additionalProperty?: string }).additionalProperty;
    return `${instancePath.slice(1).replaceAll('/', '.') || 'options'} ${message ?? 'is not valid'}${extra ? ` (${extra})` : ''}`;
  });
  throw new OptionsInvalidError({ plugin, problems });
}
