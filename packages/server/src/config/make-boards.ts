import { type HalProvider, isHyphaeError, type Logger, type ProviderDefinition, type Random } from '@hyphae/core';
import type { BoardPlan } from '@hyphae/core/kernel';
import { type Check, instances } from './check.js';
import { checkOptions } from './check-instances.js';
import { suggest } from './suggest.js';

/** What providers are built with. */
export interface BoardParts {
  readonly log: Logger;
  readonly random: Random;
}

/** Builds the provider of every board. Nothing is opened; what a provider finds wrong with its options is reported. */
export async function makeBoards(check: Check, { log, random }: BoardParts): Promise<Record<string, BoardPlan>> {
  const { config, source, plugins } = check;
  const boards: Record<string, BoardPlan> = {};
  const taken = new Set([...instances(config)].map(([, name]) => name.toLowerCase()));
  for (const { name } of config.boards ?? []) if (name !== undefined) taken.add(name.toLowerCase());
  for (const [index, { provider: id, name: given, ...options }] of (config.boards ?? []).entries()) {
    const path = ['boards', index];
    const plugin = plugins.find('provider', id);
    if (!plugin) {
      source.report(
        [...path, 'provider'],
        `no board provider is called "${id}"; ${suggest(id, plugins.ids('provider'))}`,
      );
      continue;
    }
    const definition = plugin as unknown as ProviderDefinition; // the kind decides the definition's type
    const checked = await checkOptions(check, path, definition, options);
    if (!checked) continue;
    const name = given ?? freeName(id, taken);
    taken.add(name.toLowerCase());
    try {
      const provider: HalProvider = definition.create({
        options: checked.value,
        log: log.child({ board: name }),
        random: random.fork(`board ${name}`),
        find: (kind, wanted) => plugins.find(kind, wanted),
        ids: (kind) => plugins.ids(kind),
      });
      boards[name] = { provider, key: JSON.stringify([id, checked.value]) };
    } catch (error) {
      const problems = isHyphaeError(error) ? error.context['problems'] : undefined;
      const texts = Array.isArray(problems)
        ? problems.map(String)
        : [error instanceof Error ? error.message : String(error)];
      for (const text of texts) source.report(path, text);
    }
  }
  return boards;
}

/** The provider's id, with a number where that is taken: boards and instances share one space of names. */
function freeName(id: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? id : `${id}-${number}`;
    if (!taken.has(name.toLowerCase())) return name;
  }
}
