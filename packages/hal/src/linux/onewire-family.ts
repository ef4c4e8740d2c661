import type { Need, OpenContext, ResourceInfo } from '@hyphae/core';
import { DisposedError } from '@hyphae/core';
import type { OneWireThermometer } from '../onewire/thermometer.js';
import type { Family, Surroundings } from './family.js';
import { namesIn } from './sysfs.js';
import { masterOf, W1Bus } from './w1-bus.js';

const ROM_ID = /^([0-9a-f]{2})-[0-9a-f]{12}$/;

/** 1-Wire thermometers that the kernel's w1_therm drives: `28-0000075b3c1a`. */
export class OneWireFamily implements Family {
  readonly kind = 'onewire';
  readonly #around: Surroundings;
  readonly #directory: string;
  readonly #buses = new Map<string, W1Bus>();
  #ids: readonly string[] = [];

  constructor(around: Surroundings) {
    this.#around = around;
    this.#directory = `${around.sysfs}/bus/w1/devices`;
  }

  async scan(): Promise<void> {
    this.#ids = (await namesIn(this.#directory)).filter((name) => ROM_ID.test(name));
  }

  list(): readonly ResourceInfo[] {
    return this.#ids.map((id) => ({ kind: this.kind, address: id, label: `family ${id.slice(0, 2)}` }));
  }

  match({ choices }: Need, use: string | undefined): readonly string[] {
    const wanted = use?.toLowerCase();
    return this.#ids.filter((id) =>
      wanted === undefined
        ? choices.includes(id.slice(0, 2))
        : id === wanted || (id.startsWith(`${wanted}-`) && choices.includes(wanted)),
    );
  }

  async open(_need: Need, id: string, { lifetime }: OpenContext): Promise<OneWireThermometer> {
    const { clock } = this.#around;
    const directory = `${this.#directory}/${id}`;
    return {
      name: id,
      measure: async () => {
        if (lifetime.signal.aborted) throw new DisposedError({ what: id });
        // The master is looked up each time: after a replug the same thermometer may hang on another.
        const master = await clock.io(masterOf(directory));
        return this.#bus(master).measure(id, directory);
      },
    };
  }

  async close(): Promise<void> {
    this.#buses.clear();
  }

  #bus(master: string): W1Bus {
    let bus = this.#buses.get(master);
    if (!bus) this.#buses.set(master, (bus = new W1Bus(master, this.#around.clock)));
    return bus;
  }
}
