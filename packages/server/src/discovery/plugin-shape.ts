import { type AnyPlugin, isUnit, PLUGIN, type PluginMark } from '@hyphae/core';

/** One level of a path, without what paths, selectors or terminals take for their own. */
const CHANNEL = /^[\p{L}\p{N}_][\p{L}\p{N}_.:-]{0,63}$/u;
const ID = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** The parts a definition of each kind must have; other kinds are their own business. */
const METHODS: Readonly<Record<string, string>> = {
  sensor: 'start',
  output: 'start',
  service: 'start',
  function: 'step',
  provider: 'create',
  chip: 'create',
  plant: 'create',
};

/** The mark of a plugin. */
export function markOf(plugin: AnyPlugin): PluginMark {
  return plugin[PLUGIN];
}

/** Why a marked value cannot be used as a plugin, or undefined. The definition's author sees the text. */
export function shapeProblem(plugin: AnyPlugin): string | undefined {
  const { kind, api } = markOf(plugin) as { readonly kind: unknown; readonly api: unknown }; // another copy of core made it
  const { id } = plugin as { readonly id: unknown };
  if (typeof id !== 'string' || !ID.test(id)) return 'its id must be lower case letters, digits and hyphens';
  if (api !== 1) return `it is made for plugin API ${String(api)}, this program has API 1`;
  if (typeof kind !== 'string') return 'it has no kind';
  const parts = plugin as unknown as Readonly<Record<string, unknown>>; // read by name, each checked
  const method = METHODS[kind];
  if (method !== undefined && typeof parts[method] !== 'function') return `it has no ${method}()`;
  if (kind === 'sensor' || parts['channels'] !== undefined) {
    const units = Object.entries((parts['channels'] as object | undefined) ?? {});
    if (kind === 'sensor' && units.length === 0) return 'it has no channels';
    const misnamed = units.find(([channel]) => !CHANNEL.test(channel));
    if (misnamed) return `a channel cannot be called ${JSON.stringify(misnamed[0].slice(0, 64))}`;
    const strange = units.find(([, unit]) => typeof unit !== 'string' || !isUnit(unit));
    if (strange) return `channel ${strange[0]} has a unit that is not in the table: ${String(strange[1])}`;
  }
  if ((kind === 'sensor' || kind === 'output' || kind === 'service') && !isNeeds(parts['needs'])) {
    return 'its needs must be an object, or a function of its options';
  }
  if (kind === 'output' && typeof parts['safe'] !== 'number') return 'it has no safe value';
  if (kind === 'function' && (typeof parts['inputs'] !== 'object' || parts['inputs'] === null))
    return 'it has no inputs';
  return undefined;
}

const isNeeds = (needs: unknown) => typeof needs === 'function' || (typeof needs === 'object' && needs !== null);
