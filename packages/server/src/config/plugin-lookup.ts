import type { AnyPlugin } from '@hyphae/core';

/** Discovered plugins by kind and id. */
export interface PluginLookup {
  find(kind: string, id: string): AnyPlugin | undefined;
  /** The ids of one kind, sorted. */
  ids(kind: string): readonly string[];
}
