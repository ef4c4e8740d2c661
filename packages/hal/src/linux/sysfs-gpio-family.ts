import type { Need, OpenContext, ResourceInfo } from '@hyphae/core';
import type { GpioInput, GpioOutput } from '../gpio/gpio.js';
import type { Family, Surroundings } from './family.js';
import type { GpioNeedSpec } from './gpio-family.js';
import { openSysfsLine } from './sysfs-gpio-line.js';
import { namesIn, readAttribute } from './sysfs.js';

interface SysfsChip {
  /** `gpiochip0`, as the character device would call it. */
  readonly name: string;
  readonly label: string;
  /** The global number of its first line: 512 and up on current kernels, another on every board. */
  readonly base: number;
  readonly lines: number;
}

/**
 * GPIO over the legacy sysfs interface, for kernels without character device: `gpiochip0/17` or `pinctrl-bcm2835/17`. Lines have
 * no names there, and only numbers that count from a base which is looked up, never assumed.
 */
export class SysfsGpioFamily implements Family {
  readonly kind = 'gpio';
  readonly #around: Surroundings;
  #chips: readonly SysfsChip[] = [];

  constructor(around: Surroundings) {
    this.#around = around;
  }

  async scan(): Promise<void> {
    const directory = `${this.#around.sysfs}/class/gpio`;
    const found: (Omit<SysfsChip, 'name'> & { readonly device: string | undefined })[] = [];
    for (const name of await namesIn(directory)) {
      if (!/^gpiochip\d+$/.test(name)) continue;
      const path = `${directory}/${name}`;
      const [label = '', base = '', count = ''] = await Promise.all(
        ['label', 'base', 'ngpio'].map((attribute) => readAttribute(`${path}/${attribute}`).catch(() => '')),
      );
      // Kernels since 4.6 show the chip's real name beside it, under the device.
      const inside = (await namesIn(`${path}/device`)).filter((each) => /^gpiochip\d+$/.test(each));
      if (/^\d+$/.test(base) && /^\d+$/.test(count)) {
        const device = inside.length === 1 ? inside[0] : undefined;
        found.push({ label, base: Number(base), lines: Number(count), device });
      }
    }
    found.sort((a, b) => a.base - b.base);
    const taken = new Set(found.map(({ device }) => device));
    let next = 0;
    this.#chips = found.map(({ label, base, lines, device }) => {
      let name = device;
      while (name === undefined) {
        const candidate = `gpiochip${next++}`;
        if (!taken.has(candidate)) name = candidate;
      }
      return { name, label, base, lines };
    });
  }

  list(): readonly ResourceInfo[] {
    return this.#chips.flatMap(({ name, label, lines }) =>
      Array.from({ length: lines }, (_, offset) => ({ kind: this.kind, address: `${name}/${offset}`, label })),
    );
  }

  match(_need: Need, use: string | undefined): readonly string[] {
    const [, place = '', number = ''] = /^(.+)\/(\d+)$/.exec(use ?? '') ?? [];
    const offset = Number(number);
    const chips = this.#chips.filter(({ name, label, lines }) => (name === place || label === place) && offset < lines);
    return place !== '' && chips.length === 1 ? chips.map(({ name }) => `${name}/${offset}`) : [];
  }

  async open({ spec }: Need, address: string, { lifetime }: OpenContext): Promise<GpioInput | GpioOutput> {
    const [name = '', offset = ''] = address.split('/');
    const base = this.#chips.find((chip) => chip.name === name)?.base ?? 0; // the address came from match
    const { clock, load } = this.#around;
    const wanted = (spec ?? { direction: 'in' }) as unknown as GpioNeedSpec; // made by gpioInput or gpioOutput
    return clock.io(openSysfsLine({ name: address, number: base + Number(offset), clock, load }, wanted, lifetime));
  }

  async close(): Promise<void> {}
}
