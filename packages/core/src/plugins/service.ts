import type { Handles, Need, Needs, NeedsFor } from '../resources/need.js';
import type { PluginContext } from './context.js';
import type { OptionsOf, OptionsSchema } from './options.js';
import { markPlugin, type Plugin } from './plugin.js';

/** Something plugins share: a Modbus master, an MQTT connection, a calculation. It is injected where it is needed. */
export interface ServiceDefinition<T = unknown, N extends Needs = Needs, S extends OptionsSchema = OptionsSchema> {
  readonly id: string;
  readonly description?: string;
  /** What it needs, possibly depending on the options. */
  readonly needs: N | NeedsFor<OptionsOf<S>, N>;
  readonly options?: S;
  /** Builds the service. It is disposed with its instance where it is disposable. */
  start(handles: Handles<N>, context: PluginContext<OptionsOf<S>>): Promise<T> | T;
}

/** Defines a service plugin. */
export function defineService<T, const N extends Needs, const S extends OptionsSchema = Record<string, never>>(
  definition: ServiceDefinition<T, N, S>,
): Plugin<'service', ServiceDefinition<T, N, S>> {
  return markPlugin('service', definition);
}

/** Asks for a service by its definition or plugin id; the user may name an instance under `use`. */
export function service<T>(
  definition: { readonly id: string; start(handles: never, context: never): Promise<T> | T } | string,
): Need<T> {
  return { kind: 'service', choices: [typeof definition === 'string' ? definition : definition.id] };
}
