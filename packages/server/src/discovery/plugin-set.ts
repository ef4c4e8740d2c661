import type { AnyPlugin } from '@hyphae/core';

/** What became of one candidate package. */
export interface Candidate {
  readonly package: string;
  readonly version?: string;
  /** The folder whose package.json names it, or `built in`. */
  readonly from: string;
  readonly state: 'loaded' | 'skipped' | 'failed';
  /** For `skipped`: why; for `failed`: what went wrong. */
  readonly why?: string;
  /** For `failed`. */
  readonly code?: string;
  /** What it brought, as `kind id`. */
  readonly plugins: readonly string[];
  /** Parts of a loaded package that were left out, and why. */
  readonly notes: readonly string[];
}

/** Which package a plugin came from. */
export interface FoundPlugin {
  readonly plugin: AnyPlugin;
  readonly kind: string;
  readonly package: string;
}

/** All plugins discovery found, by kind and id. The first to bring an id keeps it. */
export class PluginSet {
  readonly #plugins = new Map<string, FoundPlugin>();

  /** Adds a plugin; returns the package that has this kind and id already, or undefined. */
  add(found: FoundPlugin): string | undefined {
    const key = `${found.kind} ${found.plugin.id}`;
    const first = this.#plugins.get(key);
    if (first) return first.package;
    this.#plugins.set(key, found);
    return undefined;
  }

  find(kind: string, id: string): AnyPlugin | undefined {
    return this.#plugins.get(`${kind} ${id}`)?.plugin;
  }

  /** The ids of one kind, sorted. */
  ids(kind: string): readonly string[] {
    return this.all()
      .filter((found) => found.kind === kind)
      .map(({ plugin }) => plugin.id)
      .sort();
  }

  all(): readonly FoundPlugin[] {
    return [...this.#plugins.values()];
  }
}
