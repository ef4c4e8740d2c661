import type { Kind } from '@hyphae/client';
import type { StreamChannel } from './channel-state.js';
import { SelectorSet } from './selector.js';

/** Which channels a subscription is about: what was selected, of these kinds, and of that only what the token may read. */
export interface FilterSpec {
  readonly sel: readonly string[];
  readonly kinds: readonly Kind[];
  /** Selectors of the channels the token may read. */
  readonly allowed: readonly string[];
}

/** A compiled filter. Equal keys accept the same channels. */
export class ChannelFilter {
  readonly key: string;
  readonly #selected: SelectorSet;
  readonly #allowed: SelectorSet;
  readonly #kinds: ReadonlySet<Kind>;

  constructor({ sel, kinds, allowed }: FilterSpec) {
    this.key = JSON.stringify([[...new Set(sel)].sort(), [...new Set(kinds)].sort(), [...allowed].sort()]);
    this.#selected = new SelectorSet(sel);
    this.#allowed = new SelectorSet(allowed);
    this.#kinds = new Set(kinds);
  }

  accepts({ path, kind }: StreamChannel): boolean {
    return this.#kinds.has(kind) && this.#selected.matches(path) && this.#allowed.matches(path);
  }
}
