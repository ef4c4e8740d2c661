import type { AnyPlugin, ProviderContext } from '@hyphae/core';
import { OptionsInvalidError, PluginUnknownError } from '@hyphae/core';
import { checkOptions } from './check-options.js';
import type { ChipBus, ChipDefinition } from './chip.js';
import { sortChips } from './i2c-part.js';
import type { PlantDefinition } from './plant.js';
import type { ChipEntry, LineEntry, PwmEntry, SimOptions } from './sim-options.js';
import { planSources, type Sources, variableProblem } from './surroundings.js';

/** A chip to be made. */
export interface PlannedChip {
  readonly bus: ChipBus;
  readonly address: string;
  readonly definition: ChipDefinition;
  readonly sources: Sources;
  readonly options: unknown;
}

/** A board to be made: everything has been found and fits together. */
export interface SimPlan {
  readonly plant: { readonly definition: PlantDefinition; readonly options: unknown } | undefined;
  readonly chips: readonly PlannedChip[];
  readonly lines: Readonly<Record<string, LineEntry>>;
  readonly channels: Readonly<Record<string, PwmEntry>>;
  readonly busTime: boolean;
  readonly speedHz: number | undefined;
}

/**
 * Finds all parts of a board and checks that they fit together.
 *
 * @throws HYP_PLUGIN_UNKNOWN for a chip or plant that nobody provides, HYP_OPTIONS_INVALID with all other problems at once
 */
export function planBoard({
  options,
  find,
  ids,
}: Pick<ProviderContext<SimOptions>, 'options' | 'find' | 'ids'>): SimPlan {
  const problems: string[] = [];
  const look = (kind: string, id: string): AnyPlugin => {
    const plugin = find(kind, id);
    if (!plugin) throw new PluginUnknownError({ plugin: id, kind, known: ids(kind) });
    return plugin;
  };

  const plant = planPlant(options.plant, look, problems);
  const buses: readonly ChipBus[] = ['i2c', 'onewire', 'serial'];
  const chips = buses.flatMap((bus) =>
    Object.entries(options[bus] ?? {}).map(([address, entry]) => {
      const definition = look('chip', entry.chip) as AnyPlugin & ChipDefinition; // what definePlugin('chip') marks
      return planChip(bus, address, entry, definition, plant?.definition, problems);
    }),
  );
  problems.push(...addressProblems(Object.keys(options.i2c ?? {})));
  checkFarEnds(options, plant?.definition, problems);
  if (problems.length > 0) throw new OptionsInvalidError({ plugin: 'sim', problems });
  return {
    plant,
    chips,
    lines: options.gpio ?? {},
    channels: options.pwm ?? {},
    busTime: options.busTime ?? false,
    speedHz: options.speedHz,
  };
}

function planPlant(
  entry: SimOptions['plant'],
  look: (kind: string, id: string) => AnyPlugin,
  problems: string[],
): SimPlan['plant'] {
  if (entry === undefined) return undefined;
  const { model, options } = typeof entry === 'string' ? { model: entry, options: undefined } : entry;
  const definition = look('plant', model) as AnyPlugin & PlantDefinition; // what definePlant marks
  const checked = checkOptions(definition.options, options);
  problems.push(...checked.problems.map((problem) => `plant ${model}: ${problem}`));
  return { definition, options: checked.options };
}

function planChip(
  bus: ChipBus,
  address: string,
  entry: ChipEntry,
  definition: ChipDefinition,
  plant: PlantDefinition | undefined,
  problems: string[],
): PlannedChip {
  const say = (problem: string) => problems.push(`${bus} ${address}: ${problem}`);
  if (definition.bus !== bus) say(`${entry.chip} is connected by ${definition.bus}, not by ${bus}`);
  const checked = checkOptions(definition.options, entry.options);
  checked.problems.forEach(say);
  const { sources, problems: wrong } = planSources(definition.feels, entry.feels, plant);
  wrong.forEach((problem) => say(`${entry.chip} ${problem}`));
  return { bus, address, definition, sources, options: checked.options };
}

/** Addresses that are none, or given twice in different writing. */
function addressProblems(addresses: readonly string[]): string[] {
  const nobody = { transfer: () => undefined };
  try {
    sortChips(Object.fromEntries(addresses.map((address) => [address, nobody])));
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function checkFarEnds(
  { gpio = {}, pwm = {} }: SimOptions,
  plant: PlantDefinition | undefined,
  problems: string[],
): void {
  const drivers = new Map<string, string>();
  const drive = (where: string, actuator: string | undefined) => {
    if (actuator === undefined) return;
    const first = drivers.get(actuator);
    if (!plant) problems.push(`${where}: drives ${actuator}, but the board has no plant`);
    else if (!plant.actuators.includes(actuator)) {
      problems.push(`${where}: drives ${actuator}, but plant ${plant.id} has only ${plant.actuators.join(', ')}`);
    } else if (first !== undefined) problems.push(`${where}: drives ${actuator}, which ${first} drives already`);
    drivers.set(actuator, where);
  };
  for (const [address, line] of Object.entries(gpio)) {
    drive(`gpio ${address}`, line.drives);
    if (line.reads === undefined) continue;
    const problem = variableProblem(line.reads, undefined, plant);
    if (problem !== undefined) problems.push(`gpio ${address}: ${problem.replace('feels', 'reads')}`);
    if ((line.above === undefined) === (line.below === undefined)) {
      problems.push(`gpio ${address}: reads ${line.reads}, and needs either above or below`);
    }
  }
  for (const [address, channel] of Object.entries(pwm)) drive(`pwm ${address}`, channel.drives);
}
