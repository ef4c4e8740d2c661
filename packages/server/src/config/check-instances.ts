import { isHyphaeError, type Needs, type OptionsSchema, type StandardSchema } from '@hyphae/core';
import { type Check, type InstanceSection, instances, pluginOf, type Section, SECTIONS } from './check.js';
import { type ConfigPath, formatPath } from './problem.js';
import { reportSchemaErrors, schemaErrors } from './schema-problems.js';
import { suggest } from './suggest.js';

/** What the definitions of all kinds have in common, as far as it is looked at here. */
interface Definition {
  readonly id: string;
  readonly options?: OptionsSchema;
  readonly needs?: Needs | ((options: unknown) => Needs);
}

/** Kinds whose resources have one owner at a time, so that the same address twice is a mistake. */
const EXCLUSIVE = new Set(['i2c', 'gpio', 'serial', 'onewire', 'pwm']);

/** Every instance names a known plugin, options the plugin accepts, and resources that suit it and are nobody else's. */
export async function checkInstances(check: Check): Promise<void> {
  const taken = new Map<string, ConfigPath>();
  for (const [section, name, instance] of instances(check.config)) {
    const plugin = pluginOf(check, section, instance);
    if (!plugin) {
      reportUnknownPlugin(check, section, name, instance.plugin);
      continue;
    }
    const definition = plugin as Definition; // discovery checked the parts of the definition
    const path = [section, name];
    const options = await checkOptions(check, [...path, 'options'], definition, instance.options);
    if (section === 'functions' || options === undefined) continue;
    const needs = needsOf(check, path, definition, options.value);
    if (needs) checkUse(check, path, definition, instance, needs, taken);
  }
}

/**
 * What can be said of the instances of a file that does not fit the schema: unknown plugins everywhere, and the rest of the
 * checks for those instances the schema found nothing wrong with.
 */
export async function checkSoundInstances({ source, plugins }: Omit<Check, 'config'>): Promise<void> {
  const faulty = source.problems.map(({ path }) => path);
  const isFaulty = (path: string) =>
    faulty.some((each) => each === path || each.startsWith(`${path}.`) || path.startsWith(`${each}.`));
  const sound: Record<string, Record<string, InstanceSection>> = {};
  for (const section of Object.keys(SECTIONS) as Section[]) {
    // its own keys
    const entries = (source.value as Record<string, unknown> | null)?.[section]; // not checked: any value has properties
    if (typeof entries !== 'object' || entries === null) continue;
    for (const [name, instance] of Object.entries(entries as Record<string, unknown>)) {
      const { plugin } = (instance ?? {}) as { plugin?: unknown }; // likewise
      if (typeof plugin !== 'string') continue;
      if (!isFaulty(formatPath([section, name])))
        (sound[section] ??= {})[name] = instance as InstanceSection; // it fits
      else if (!plugins.find(SECTIONS[section], plugin)) {
        reportUnknownPlugin({ source, plugins }, section, name, plugin);
      }
    }
  }
  await checkInstances({ source, plugins, config: { hyphae: 1, ...sound }, partial: true });
}

function reportUnknownPlugin(
  { source, plugins }: Omit<Check, 'config'>,
  section: Section,
  name: string,
  id: string,
): void {
  const kind = SECTIONS[section];
  const path = [section, name, 'plugin'];
  for (const other of Object.keys(SECTIONS) as Section[]) {
    // its own keys
    if (!plugins.find(SECTIONS[other], id)) continue;
    return source.report(path, `"${id}" is a plugin for ${other}, not for ${section}; move "${name}" there`);
  }
  source.report(path, `no ${kind} plugin is called "${id}"; ${suggest(id, plugins.ids(kind))}`);
}

/** Checks options against the plugin's schema; the value has its defaults filled in. `undefined`: they do not fit. */
export async function checkOptions(
  { source }: Pick<Check, 'source'>,
  path: ConfigPath,
  { id, options: schema }: Pick<Definition, 'id' | 'options'>,
  options: unknown,
): Promise<{ readonly value: unknown } | undefined> {
  const value = structuredClone(options ?? {});
  if (!schema) {
    const extra = Object.keys(value);
    for (const key of extra) source.report([...path, key], `${id} has no options; remove "${key}"`, 'key');
    return extra.length === 0 ? { value } : undefined;
  }
  if ('~standard' in schema) {
    const result = await (schema as StandardSchema)['~standard'].validate(value); // the key decides which of the two it is
    if (!result.issues) return { value: result.value };
    for (const { message, path: at = [] } of result.issues) {
      const steps = at.map((step) => (typeof step === 'object' && step !== null && 'key' in step ? step.key : step));
      source.report([...path, ...steps.map((step) => (typeof step === 'number' ? step : String(step)))], message);
    }
    return undefined;
  }
  try {
    const errors = schemaErrors(schema, value);
    if (errors.length === 0) return { value };
    reportSchemaErrors(source, path, errors);
  } catch (error) {
    source.report(
      path,
      `the options of ${id} cannot be checked, its schema is broken: ${String((error as Error).message)}`,
    );
  }
  return undefined;
}

function needsOf(
  { source }: Check,
  path: ConfigPath,
  { id, needs = {} }: Definition,
  options: unknown,
): Needs | undefined {
  if (typeof needs !== 'function') return needs;
  try {
    return needs(options);
  } catch (error) {
    const why = isHyphaeError(error) || error instanceof Error ? error.message : String(error);
    source.report([...path, 'options'], `${id} cannot say what it needs with these options: ${why}`);
    return undefined;
  }
}

function checkUse(
  check: Check,
  path: ConfigPath,
  { id }: Definition,
  { use = {} }: InstanceSection,
  needs: Needs,
  taken: Map<string, ConfigPath>,
): void {
  const { source } = check;
  for (const name of Object.keys(use)) {
    if (Object.hasOwn(needs, name)) continue;
    const known = Object.keys(needs);
    const what = known.length === 0 ? `${id} needs nothing; remove it` : suggest(name, known, 'it needs');
    source.report([...path, 'use', name], `${id} does not need "${name}"; ${what}`, 'key');
  }
  for (const [name, need] of Object.entries(needs)) {
    const address = Object.hasOwn(use, name) ? use[name] : undefined;
    const at = [...path, 'use', name];
    if (need.kind === 'service') {
      if (check.partial) continue;
      checkService(check, at, address, need.choices, need.optional === true);
    } else if (address === undefined) {
      if (need.choices.length > 0 || need.optional === true) continue;
      source.report(
        path,
        `${id} needs to know its ${need.kind} resource; add use: { ${name}: ${EXAMPLES[need.kind] ?? '…'} }`,
        'key',
      );
    } else {
      checkAddress(check, at, need.kind, address, need.choices, id);
      const key = exclusiveKey(need.kind, address);
      if (key === undefined) continue;
      const first = taken.get(key);
      if (!first) taken.set(key, at);
      else {
        const { line } = source.locate(first);
        source.report(
          at,
          `"${String(first[1])}" uses ${address} already (line ${line}); give one of them another address`,
        );
      }
    }
  }
}

const EXAMPLES: Readonly<Record<string, string>> = {
  i2c: 'i2c-1/0x76',
  gpio: 'gpiochip0/17',
  serial: '/dev/serial0',
  onewire: '28-0000075b3c1a',
  pwm: 'pwmchip0/0',
};

function checkService(
  { config, source }: Check,
  path: ConfigPath,
  instance: string | undefined,
  choices: readonly string[],
  optional: boolean,
): void {
  const services = Object.entries(config.services ?? {});
  if (instance !== undefined) {
    const found = services.find(([name]) => name === instance);
    const suitable = services.filter(([, { plugin }]) => choices.includes(plugin)).map(([name]) => name);
    if (!found)
      source.report(path, `there is no service called "${instance}"; ${suggest(instance, suitable, 'suitable')}`);
    else if (!choices.includes(found[1].plugin)) {
      source.report(path, `the service "${instance}" is a ${found[1].plugin}; needed is a ${choices.join(' or ')}`);
    }
  } else if (!optional && !services.some(([, { plugin }]) => choices.includes(plugin))) {
    source.report(
      path.slice(0, 2),
      `needs a service of the plugin ${choices.join(' or ')}; add one under services`,
      'key',
    );
  }
}

function checkAddress(
  { source }: Check,
  path: ConfigPath,
  kind: string,
  address: string,
  choices: readonly string[],
  id: string,
): void {
  const chip = kind === 'i2c' ? /\/(0x[0-9a-f]+)$/i.exec(address)?.[1] : undefined;
  if (chip === undefined || choices.length === 0) return;
  if (choices.some((choice) => Number(choice) === Number(chip))) return;
  source.report(path, `${id} answers at ${choices.join(' or ')}, not at ${chip}`);
}

/** Two uses with the same key exclude each other. `undefined`: it names a part of an address, or a kind that may be shared. */
function exclusiveKey(kind: string, address: string): string | undefined {
  if (!EXCLUSIVE.has(kind)) return undefined;
  if (kind !== 'i2c') return `${kind} ${address.toLowerCase()}`;
  const parts = /^(.*)\/(0x[0-9a-f]+)$/i.exec(address);
  return parts ? `i2c ${String(parts[1]).toLowerCase()}/${Number(parts[2])}` : undefined;
}
