import type { Logger } from '../logging/logger.js';
import type { HalProvider } from '../resources/board.js';
import type { Random } from '../time/random.js';
import type { OptionsOf, OptionsSchema } from './options.js';
import { type AnyPlugin, markPlugin, type Plugin } from './plugin.js';

/** What a provider definition may use to build its provider. */
export interface ProviderContext<Options = unknown> {
  readonly options: Options;
  readonly log: Logger;
  readonly random: Random;
  /** Other discovered plugins by kind and id: a simulated board finds its chips and plants here. */
  find(kind: string, id: string): AnyPlugin | undefined;
  /** The ids of one kind, for messages. */
  ids(kind: string): readonly string[];
}

/** A way of reaching hardware that the configuration can name. */
export interface ProviderDefinition<S extends OptionsSchema = OptionsSchema> {
  readonly id: string;
  readonly description?: string;
  readonly options?: S;
  create(context: ProviderContext<OptionsOf<S>>): HalProvider;
}

/** Defines a provider plugin. */
export function defineProvider<const S extends OptionsSchema = Record<string, never>>(
  definition: ProviderDefinition<S>,
): Plugin<'provider', ProviderDefinition<S>> {
  return markPlugin('provider', definition);
}
