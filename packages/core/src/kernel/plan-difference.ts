import type { NodePlan } from './node-plan.js';

interface Entry {
  readonly section: string;
  readonly entry: object;
}

function entries(plan: NodePlan): Map<string, Entry> {
  const all = new Map<string, Entry>();
  for (const [section, instances] of Object.entries(plan) as [string, Readonly<Record<string, object>>][]) {
    for (const [id, entry] of Object.entries(instances ?? {})) all.set(id, { section, entry });
  }
  return all;
}

/** Plain data by value, plugins and providers by identity; a board with a key by its key. */
function same(a: Entry, b: Entry): boolean {
  if (a.section !== b.section) return false;
  const [left, right] = [a.entry as Record<string, unknown>, b.entry as Record<string, unknown>];
  if (left['key'] !== undefined || right['key'] !== undefined) return left['key'] === right['key'];
  if (left['plugin'] !== right['plugin'] || left['provider'] !== right['provider']) return false;
  const plain = (key: string, value: unknown) => (key === 'plugin' || key === 'provider' ? undefined : value);
  return JSON.stringify(left, plain) === JSON.stringify(right, plain);
}

/** The ids that are new, gone, or configured differently. */
export function changedIds(before: NodePlan, after: NodePlan): Set<string> {
  const [old, next] = [entries(before), entries(after)];
  const changed = new Set<string>();
  for (const id of new Set([...old.keys(), ...next.keys()])) {
    const [a, b] = [old.get(id), next.get(id)];
    if (!a || !b || !same(a, b)) changed.add(id);
  }
  return changed;
}
