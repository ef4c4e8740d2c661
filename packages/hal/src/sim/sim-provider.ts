import type { Board, Clock, HalProvider, Plugin, ProviderDefinition } from '@hyphae/core';
import { defineProvider, NotReadyError } from '@hyphae/core';
import type { PlantRunner } from './plant-runner.js';
import type { Senses } from './senses.js';
import type { SimBoard } from './sim-board.js';
import { simOptionsSchema } from './sim-options.js';
import { planBoard } from './sim-plan.js';
import { createWorld, type SimWorld } from './sim-world.js';

/**
 * A board made from a configuration. Plant and chips come to be when it is first opened, and stay when it is closed and opened
 * again by the same clock; another clock makes a new world.
 */
export class SimProvider implements HalProvider {
  readonly name = 'sim';
  readonly #create: (clock: Clock) => SimWorld;
  #world: SimWorld | undefined;

  /** @param create makes the world that a clock moves */
  constructor(create: (clock: Clock) => SimWorld) {
    this.#create = create;
  }

  /** The running plant, to look at and to act on; `undefined` where the board has none. @throws HYP_NOT_READY before it was opened */
  get plant(): PlantRunner | undefined {
    return this.#opened.plant;
  }

  /** Far ends and faults of the board. @throws HYP_NOT_READY before it was opened */
  get board(): SimBoard {
    return this.#opened.board;
  }

  /** What its chips make of their surroundings. @throws HYP_NOT_READY before it was opened */
  get senses(): Senses {
    return this.#opened.senses;
  }

  async probe(): Promise<{ readonly present: true }> {
    return { present: true };
  }

  open({ clock }: { readonly clock: Clock }): Promise<Board> {
    if (this.#world?.clock !== clock) this.#world = this.#create(clock);
    return this.#world.board.open({ clock });
  }

  get #opened(): SimWorld {
    if (this.#world) return this.#world;
    throw new NotReadyError({ instance: 'the simulated board', because: 'it has not been opened' });
  }
}

/** Simulated boards for configurations: chips and plants that plugins define, connected as `boards:` says. */
export const simProvider: Plugin<'provider', ProviderDefinition<typeof simOptionsSchema>> = defineProvider({
  id: 'sim',
  description: 'A simulated board: chips at register level, moved by a plant that its lines act on',
  options: simOptionsSchema,
  /** @throws HYP_PLUGIN_UNKNOWN, HYP_OPTIONS_INVALID */
  create(context): SimProvider {
    const plan = planBoard(context);
    return new SimProvider((clock) => createWorld(plan, clock, context.random));
  },
});
