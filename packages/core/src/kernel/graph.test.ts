import test from 'ava';
import fc from 'fast-check';
import { Graph, type Vertex } from './graph.js';

const vertices = (edges: Readonly<Record<string, readonly string[]>>): Vertex[] =>
  Object.entries(edges).map(([id, needs]) => ({ id, needs }));

test('dependants are found through any number of steps, without the start itself', (t) => {
  const graph = new Graph(vertices({ a: [], b: ['a'], c: ['b'], d: ['c', 'a'], e: [] }));
  t.deepEqual([...graph.dependants(['a'])].toSorted(), ['b', 'c', 'd']);
  t.deepEqual([...graph.dependants(['c'])], ['d']);
  t.deepEqual([...graph.dependants(['e'])], []);
});

test('a circle is refused by name, also one that does not include where the search began', (t) => {
  const error = t.throws(() => new Graph(vertices({ a: ['b'], b: ['c'], c: ['d'], d: ['b'] })));
  t.is(error.message, 'These instances need each other in a circle: b, c, d, b');
  t.is(t.throws(() => new Graph(vertices({ a: ['a'] }))).message, 'These instances need each other in a circle: a, a');
});

test('a need that names nothing is no circle', (t) => {
  t.notThrows(() => new Graph(vertices({ a: ['ghost'], b: ['a', 'ghost'] })));
});

test('a chain of a hundred thousand does not exhaust the stack', (t) => {
  const chain: Vertex[] = Array.from({ length: 100_000 }, (_, i) => ({
    id: String(i),
    needs: i > 0 ? [String(i - 1)] : [],
  }));
  t.is(new Graph(chain.reverse()).dependants(['0']).size, 99_999);
});

test('a graph is refused exactly when it has a circle', (t) => {
  const edge = fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 }));
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 20 }), (edges) => {
      const needs = new Map<string, string[]>(Array.from({ length: 8 }, (_, i) => [String(i), []]));
      for (const [from, to] of edges) needs.get(String(from))?.push(String(to));
      // Kahn's algorithm as the judge: what cannot be removed step by step is a circle.
      const left = new Map([...needs].map(([id, list]) => [id, new Set(list)]));
      for (let removed = true; removed;) {
        removed = false;
        for (const [id, list] of left) {
          if (list.size > 0) continue;
          left.delete(id);
          for (const other of left.values()) other.delete(id);
          removed = true;
        }
      }
      const build = () => new Graph([...needs].map(([id, list]) => ({ id, needs: list })));
      if (left.size > 0) t.throws(build);
      else t.notThrows(build);
    }),
    { seed: 7 },
  );
});
