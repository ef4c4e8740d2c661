/** A member of an interlock group. */
export interface Interlocked {
  readonly id: string;
  /** Away from safe, or not known to be safe. */
  readonly active: boolean;
  /** Another member became safe: look again. */
  reconsider(): void;
}

/** Groups of outputs of which at most one is away from safe. */
export class Interlocks {
  readonly #groups = new Map<string, Set<Interlocked>>();

  join(group: string, member: Interlocked): Disposable {
    const members = this.#groups.get(group) ?? new Set();
    this.#groups.set(group, members.add(member));
    return { [Symbol.dispose]: () => void members.delete(member) };
  }

  /** The member that keeps this one at safe. */
  blocker(group: string, member: Interlocked): Interlocked | undefined {
    for (const other of this.#groups.get(group) ?? []) if (other !== member && other.active) return other;
    return undefined;
  }

  /** Called by a member that became safe. */
  released(group: string, member: Interlocked): void {
    for (const other of this.#groups.get(group) ?? []) if (other !== member) other.reconsider();
  }
}
