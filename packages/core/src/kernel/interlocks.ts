/** A member of an interlock group. */
export interface Interlocked {
  readonly id: string;
  /** Away from safe, on its way there, or not known to be safe. */
  readonly active: boolean;
  /** Another member became safe: look again. */
  reconsider(): void;
}

/** Groups of outputs of which at most one is away from safe. */
export class Interlocks {
  readonly #groups = new Map<string, Map<string, Interlocked>>();

  /** Joins, in the place of an earlier member of the same name. Disposing leaves. */
  join(group: string, member: Interlocked): Disposable {
    let members = this.#groups.get(group);
    if (!members) this.#groups.set(group, (members = new Map<string, Interlocked>()));
    members.set(member.id, member);
    return {
      [Symbol.dispose]: () => {
        if (members.get(member.id) !== member) return;
        members.delete(member.id);
        this.released(group, member);
      },
    };
  }

  /** The member that keeps this one at safe. */
  blocker(group: string, member: Interlocked): Interlocked | undefined {
    for (const other of this.#groups.get(group)?.values() ?? []) {
      if (other.id !== member.id && other.active) return other;
    }
    return undefined;
  }

  /** To be called by a member that became safe. */
  released(group: string, member: Interlocked): void {
    for (const other of [...(this.#groups.get(group)?.values() ?? [])]) if (other.id !== member.id) other.reconsider();
  }
}
