import type { Board, Need, Needs, OptionsSchema } from '@hyphae/core';
import { createNode, type NodePlan, type SensorPlan } from '@hyphae/core/kernel';
import { VirtualClock } from '@hyphae/core/testing';
import { checkOptions } from '../config/check-instances.js';
import { YamlSource } from '../config/yaml-source.js';

/** What is left of a plan when only simulated boards count, and what was left out and why. */
export interface SimulatedPlan {
  readonly plan: NodePlan;
  readonly left: readonly { readonly name: string; readonly why: string }[];
}

/** Watches for declared real I/O: what uses it is not the same in two runs. That is all there is to know: its end, which may never come, is not waited for. */
class ProbeClock extends VirtualClock {
  real = false;

  override io<T>(work: Promise<T>): Promise<T> {
    this.real = true;
    return work;
  }
}

interface Entry {
  readonly plugin: { readonly id: string; readonly options?: OptionsSchema; readonly needs?: unknown };
  readonly options?: unknown;
  readonly use?: Readonly<Record<string, string>>;
}

/** The names of all boards, and those that are simulated, opened. */
interface Boards {
  readonly all: ReadonlySet<string>;
  readonly simulated: Map<string, Board>;
}

const REAL_BOARD = 'what it uses is not on a simulated board';

/**
 * Takes out of a plan what a simulation cannot repeat: boards that are not simulated, sensors and outputs on them, sensors
 * that read the real world (they say so by `clock.io`), and functions that are left without an input or an output by that.
 */
export async function simulatedPlan(plan: NodePlan): Promise<SimulatedPlan> {
  const left: { name: string; why: string }[] = [];
  const clock = new VirtualClock();
  const boards: Boards = { all: new Set(Object.keys(plan.boards)), simulated: new Map() };
  const kept: Record<string, NodePlan['boards'][string]> = {};
  for (const [name, entry] of Object.entries(plan.boards)) {
    if (entry.provider.name === 'sim') {
      boards.simulated.set(name, await clock.run(entry.provider.open({ clock })));
      kept[name] = entry;
    } else left.push({ name, why: `board provider ${entry.provider.name} is not simulated` });
  }
  try {
    const keep = async <E extends Entry>(
      entries: Readonly<Record<string, E>> | undefined,
      check: (name: string, entry: E) => Promise<string | undefined> | string | undefined,
    ) => {
      const result: Record<string, E> = {};
      for (const [name, entry] of Object.entries(entries ?? {})) {
        const why = await check(name, entry);
        if (why === undefined) result[name] = entry;
        else left.push({ name, why });
      }
      return result;
    };
    const onBoards = async (_name: string, entry: Entry) => ((await fits(entry, boards)) ? undefined : REAL_BOARD);
    const services = await keep(plan.services, onBoards);
    const outputs = await keep(plan.outputs, onBoards);
    const sensors = await keep(plan.sensors, async (name, entry) => {
      const needs = await needsOf(entry);
      if (Object.keys(needs).length > 0) return onBoards(name, entry);
      return (await isReal(name, entry)) ? 'it reads the real world (--with-real includes it)' : undefined;
    });
    const gone = () => new Set(left.map(({ name }) => name));
    const functions = await keep(plan.functions, (_name, { inputs, outputs: moved = {} }) => {
      const missing = gone();
      const sources = Object.values(inputs).map((path) => path.slice(0, path.lastIndexOf('/')));
      const lost = [...sources, ...Object.values(moved)].find((name) => missing.has(name));
      return lost === undefined ? undefined : `${lost} is left out`;
    });
    return { plan: { boards: kept, services, outputs, sensors, functions }, left };
  } finally {
    for (const board of boards.simulated.values()) await clock.run(Promise.resolve(board[Symbol.asyncDispose]()));
  }
}

async function needsOf({ plugin, options }: Entry): Promise<Needs> {
  const { needs } = plugin;
  if (typeof needs !== 'function') return (needs ?? {}) as Needs; // discovery checked the definition
  const nowhere = new YamlSource('', { env: () => ({ why: '' }), file: () => ({ why: '' }) });
  const checked = await checkOptions({ source: nowhere }, [], plugin, options);
  return (needs as (options: unknown) => Needs)(checked?.value ?? {}); // the options have passed the check of the file
}

async function fits(entry: Entry, boards: Boards): Promise<boolean> {
  return Object.entries(await needsOf(entry)).every(
    ([name, need]) =>
      need.kind === 'service' ||
      (need.optional === true && entry.use?.[name] === undefined) ||
      isSimulated(need, entry.use?.[name], boards),
  );
}

/** An address may begin with the name of a board and a colon: then only that one is meant. */
function isSimulated(need: Need, use: string | undefined, { all, simulated }: Boards): boolean {
  const named = [...all].find((name) => use?.startsWith(`${name}:`) === true);
  if (named === undefined) return [...simulated.values()].some((board) => board.match(need, use).length > 0);
  return (simulated.get(named)?.match(need, use?.slice(named.length + 1)) ?? []).length > 0;
}

/** Runs the sensor once by itself to see whether it declares real I/O. */
async function isReal(name: string, sensor: SensorPlan): Promise<boolean> {
  const clock = new ProbeClock();
  const node = createNode({ clock });
  try {
    await clock.run(node.start({ boards: {}, sensors: { [name]: sensor } }));
    await clock.run(node.measure(name)).catch(() => {}); // whether it works is for the run itself to say
  } finally {
    await clock.run(node[Symbol.asyncDispose]());
  }
  return clock.real;
}
