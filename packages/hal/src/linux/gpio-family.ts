import { type Need, type OpenContext, type ResourceInfo, ResourceMissingError } from '@hyphae/core';
import type { GpioInput, GpioOutput, Level, LineSpec } from '../gpio/gpio.js';
import type { Family, Surroundings } from './family.js';
import { describeGpioChip, type GpioChipInfo, listGpioChips } from './gpio-chip.js';
import { openGpioInput, openGpioOutput } from './gpio-line.js';
import { type Libc, loadLibc } from './libc.js';

/** What a need of kind `gpio` says, see `gpioInput` and `gpioOutput`. */
export interface GpioNeedSpec extends LineSpec {
  readonly direction: 'in' | 'out';
  readonly initial?: Level;
  readonly drive?: 'push-pull' | 'open-drain' | 'open-source';
}

/** GPIO over the character device: `gpiochip0/17`, also found as `GPIO17` or `pinctrl-bcm2711/17`. */
export class GpioFamily implements Family {
  readonly kind = 'gpio';
  readonly #around: Surroundings;
  #libc: Libc | undefined;
  #names: readonly string[] = [];
  #chips: readonly GpioChipInfo[] = [];

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Chips that may not be read are left out of names and labels; opening one of their lines says why. */
  async scan(): Promise<void> {
    this.#names = await listGpioChips(this.#around.dev);
    if (this.#names.length === 0) {
      this.#chips = [];
      return;
    }
    const libc = await this.#loaded().catch(() => undefined); // opening a line says that koffi is missing
    if (!libc) return;
    const chips = this.#names.map((name) =>
      describeGpioChip(libc, `${this.#around.dev}/${name}`).catch(() => undefined),
    );
    this.#chips = (await Promise.all(chips)).filter((chip) => chip !== undefined);
  }

  list(): readonly ResourceInfo[] {
    return this.#chips.flatMap((chip) =>
      chip.lines.map(({ offset, name, consumer, used }) => ({
        kind: this.kind,
        address: `${chip.name}/${offset}`,
        label: `${name || chip.label}${used ? ` (used by ${consumer || 'the kernel'})` : ''}`,
      })),
    );
  }

  /** There is no best line: the user names one. A name that several lines carry is none. */
  match(_need: Need, use: string | undefined): readonly string[] {
    if (use === undefined) return [];
    const [, place = '', number = ''] = /^(?:\/dev\/)?(.+)\/(\d+)$/.exec(use) ?? [];
    const offset = Number(number);
    if (place !== '' && this.#names.includes(place)) {
      const chip = this.#chips.find(({ name }) => name === place);
      return !chip || offset < chip.lines.length ? [`${place}/${offset}`] : [];
    }
    const labelled = this.#chips.filter(({ label, lines }) => label === place && offset < lines.length);
    if (place !== '') return labelled.length === 1 ? labelled.map(({ name }) => `${name}/${offset}`) : [];
    const named = this.#chips.flatMap((chip) =>
      chip.lines.filter((line) => line.name === use).map((line) => `${chip.name}/${line.offset}`),
    );
    return named.length === 1 ? named : [];
  }

  async open({ spec }: Need, address: string, { lifetime }: OpenContext): Promise<GpioInput | GpioOutput> {
    const [chip = '', offset = ''] = address.split('/');
    const libc = await this.#loaded();
    const { clock, dev } = this.#around;
    const place = { name: address, path: `${dev}/${chip}`, offset: Number(offset), libc, clock };
    const wanted = spec as unknown as GpioNeedSpec | undefined; // needs of this kind are made by gpioInput and gpioOutput
    if (!wanted) throw new ResourceMissingError({ kind: this.kind, resource: address, offered: ['in', 'out'] });
    if (wanted.direction === 'in') return clock.io(openGpioInput(place, wanted, lifetime));
    return clock.io(openGpioOutput(place, { ...wanted, initial: wanted.initial ?? 0 }, lifetime));
  }

  async close(): Promise<void> {}

  async #loaded(): Promise<Libc> {
    return (this.#libc ??= await loadLibc(this.#around.load));
  }
}
