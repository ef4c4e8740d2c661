/** The mark of every plugin value. `Symbol.for`, so that two copies of core recognise each other's. */
export const PLUGIN = Symbol.for('hyphae.plugin');

/** What kind of part a plugin defines. Third-party kinds (`chip`, `plant`) are strings of their own. */
export type PluginKind = 'sensor' | 'output' | 'function' | 'service' | 'provider' | (string & {});

/** The mark itself: kind and API version. */
export interface PluginMark<K extends PluginKind = PluginKind> {
  readonly kind: K;
  readonly api: 1;
}

/** A marked definition. A plugin is a value: importing or defining one does nothing. */
export type Plugin<K extends PluginKind, D> = D & { readonly [PLUGIN]: PluginMark<K> };

/** Any plugin, as discovery finds it. */
export type AnyPlugin = Plugin<PluginKind, { readonly id: string }>;

/** Marks and freezes a definition. The building block of every `define…` function. */
export function markPlugin<K extends PluginKind, D extends { readonly id: string }>(
  kind: K,
  definition: D,
): Plugin<K, D> {
  return Object.freeze({ ...definition, [PLUGIN]: Object.freeze({ kind, api: 1 as const }) });
}

/** True for a value that any copy of Hyphae marked as a plugin. */
export function isPlugin(value: unknown): value is AnyPlugin {
  return typeof value === 'object' && value !== null && PLUGIN in value;
}
