import { CycleError } from '../errors/catalogue.js';

/** One vertex of the dependency graph. */
export interface Vertex {
  readonly id: string;
  readonly needs: readonly string[];
}

/** Who needs whom. Pure: built from a plan, asked for orders and consequences. */
export class Graph {
  readonly #vertices: ReadonlyMap<string, Vertex>;
  readonly #dependants = new Map<string, string[]>();

  /** @throws HYP_CYCLE naming the circle. Needs that name no vertex are left to whoever starts the instance. */
  constructor(vertices: readonly Vertex[]) {
    this.#vertices = new Map(vertices.map((vertex) => [vertex.id, vertex]));
    for (const { id, needs } of vertices) {
      for (const need of needs) this.#dependants.set(need, [...(this.#dependants.get(need) ?? []), id]);
    }
    this.#refuseCycles();
  }

  needs(id: string): readonly string[] {
    return this.#vertices.get(id)?.needs ?? [];
  }

  /** Everything that stands on one of these, directly or not, without themselves. */
  dependants(ids: Iterable<string>): Set<string> {
    const start = new Set(ids);
    const found = new Set<string>();
    const queue = [...start];
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      for (const next of this.#dependants.get(id) ?? []) {
        if (found.has(next) || start.has(next)) continue;
        found.add(next);
        queue.push(next);
      }
    }
    return found;
  }

  #refuseCycles(): void {
    const done = new Set<string>();
    for (const root of this.#vertices.keys()) {
      // Depth first without recursion: a long chain must not exhaust the stack.
      const path: { id: string; next: number }[] = [{ id: root, next: 0 }];
      const onPath = new Set([root]);
      for (let top = path.at(-1); top; top = path.at(-1)) {
        const need = done.has(top.id) ? undefined : this.needs(top.id)[top.next++];
        if (need === undefined) {
          done.add(top.id);
          onPath.delete(top.id);
          path.pop();
        } else if (onPath.has(need)) {
          const ids = path.map(({ id }) => id);
          throw new CycleError({ cycle: [...ids.slice(ids.indexOf(need)), need] });
        } else if (this.#vertices.has(need) && !done.has(need)) {
          path.push({ id: need, next: 0 });
          onPath.add(need);
        }
      }
    }
  }
}
