import type { Unit } from '@hyphae/core';
import { convert, unitInfo } from '@hyphae/core';
import type { PlantDefinition } from './plant.js';
import type { PlantRunner } from './plant-runner.js';
import type { FeelsEntry } from './sim-options.js';

/** Where each quantity that a chip feels comes from. */
export type Sources = ReadonlyMap<string, { readonly variable: string; readonly unit: Unit } | number>;

/** Sources by quantity, or what is wrong with them. */
export interface PlannedSources {
  readonly sources: Sources;
  readonly problems: readonly string[];
}

/**
 * Finds out where each quantity a chip feels comes from.
 *
 * @param quantities what the chip feels, with units
 * @param feels what the configuration says about it
 */
export function planSources(
  quantities: Readonly<Record<string, Unit>>,
  feels: FeelsEntry | undefined,
  plant: PlantDefinition | undefined,
): PlannedSources {
  const sources = new Map<string, { readonly variable: string; readonly unit: Unit } | number>();
  const problems: string[] = [];
  const names = Object.keys(quantities);
  if (feels === undefined) {
    if (names.length > 0) problems.push(`says nothing of what it feels (${names.join(', ')}): add feels`);
    return { sources, problems };
  }
  if (typeof feels !== 'string') {
    for (const name of Object.keys(feels)) {
      if (!names.includes(name)) problems.push(`does not feel ${name}; it feels ${names.join(', ') || 'nothing'}`);
    }
  }
  for (const [name, unit] of Object.entries(quantities)) {
    const source = typeof feels === 'string' ? `${feels}/${name}` : feels[name];
    if (typeof source === 'number') {
      sources.set(name, source);
      continue;
    }
    const found = source === undefined ? `says nothing of ${name}` : variableProblem(source, unit, plant);
    if (found !== undefined || source === undefined) problems.push(found ?? '');
    else sources.set(name, { variable: source, unit: plant?.variables[source] ?? unit });
  }
  return { sources, problems };
}

/** Says why a plant cannot give this variable in this unit; `undefined` when it can. */
export function variableProblem(variable: string, unit: Unit | undefined, plant: PlantDefinition | undefined) {
  if (!plant) return `feels ${variable}, but the board has no plant`;
  const found = plant.variables[variable];
  if (!found) return `feels ${variable}, but plant ${plant.id} has only ${Object.keys(plant.variables).join(', ')}`;
  if (unit && unitInfo(found).quantity !== unitInfo(unit).quantity) {
    return `feels ${variable} in ${unit}, but plant ${plant.id} has it in ${found}`;
  }
  return undefined;
}

/** What a chip feels, live: each look brings the plant up to the present. `feel` is told the quantity and what is there. */
export function liveSurroundings(
  quantities: Readonly<Record<string, Unit>>,
  sources: Sources,
  runner: PlantRunner | undefined,
  feel: (quantity: string, value: number) => number = (_quantity, value) => value,
): Readonly<Record<string, number>> {
  const surroundings: Record<string, number> = {};
  for (const [name, unit] of Object.entries(quantities)) {
    const source = sources.get(name) ?? NaN;
    const there =
      typeof source === 'number' || !runner
        ? () => (typeof source === 'number' ? source : NaN)
        : () => convert(runner.read(source.variable), source.unit, unit);
    Object.defineProperty(surroundings, name, { get: () => feel(name, there()), enumerable: true });
  }
  return surroundings;
}
