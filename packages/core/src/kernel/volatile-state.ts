import type { StateStore } from '../store/measurement-store.js';

/** State that lives as long as the process, for nodes without a store. */
export class VolatileState implements StateStore {
  readonly #values = new Map<string, Map<string, unknown>>();

  get(owner: string, key: string): Promise<unknown> {
    return Promise.resolve(structuredClone(this.#values.get(owner)?.get(key)));
  }

  set(owner: string, key: string, value: unknown): Promise<void> {
    const values = this.#values.get(owner) ?? new Map<string, unknown>();
    this.#values.set(owner, values);
    if (value === undefined) values.delete(key);
    else values.set(key, structuredClone(value));
    return Promise.resolve();
  }

  list(owner: string): Promise<readonly (readonly [string, unknown])[]> {
    const entries = [...(this.#values.get(owner) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    return Promise.resolve(structuredClone(entries));
  }
}
