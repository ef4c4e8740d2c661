import type { Need, OpenContext, ResourceInfo } from '@hyphae/core';
import type { PwmChannel } from '../pwm/pwm-channel.js';
import type { Family, Surroundings } from './family.js';
import { namesIn, readAttribute } from './sysfs.js';
import { openSysfsPwm } from './sysfs-pwm.js';

interface PwmChip {
  readonly name: string;
  readonly channels: number;
}

/** Hardware PWM over sysfs: `pwmchip0/0`. */
export class PwmFamily implements Family {
  readonly kind = 'pwm';
  readonly #around: Surroundings;
  #chips: readonly PwmChip[] = [];

  constructor(around: Surroundings) {
    this.#around = around;
  }

  async scan(): Promise<void> {
    const names = (await namesIn(this.#directory)).filter((name) => /^pwmchip\d+$/.test(name));
    this.#chips = await Promise.all(
      names.map(async (name) => {
        const channels = Number(await readAttribute(`${this.#directory}/${name}/npwm`).catch(() => '0'));
        return { name, channels };
      }),
    );
  }

  list(): readonly ResourceInfo[] {
    return this.#chips.flatMap(({ name, channels }) =>
      Array.from({ length: channels }, (_, channel) => {
        return { kind: this.kind, address: `${name}/${channel}`, label: `channel ${channel} of ${channels}` };
      }),
    );
  }

  match(_need: Need, use: string | undefined): readonly string[] {
    const [, name = '', number = ''] = /^(pwmchip\d+)\/(\d+)$/.exec(use ?? '') ?? [];
    const chip = this.#chips.find((each) => each.name === name);
    return chip && Number(number) < chip.channels ? [`${name}/${Number(number)}`] : [];
  }

  async open({ spec }: Need, address: string, { lifetime }: OpenContext): Promise<PwmChannel> {
    const [chip = '', channel = ''] = address.split('/');
    const place = {
      name: address,
      chip: `${this.#directory}/${chip}`,
      channel: Number(channel),
      clock: this.#around.clock,
    };
    return openSysfsPwm(place, spec?.['inverted'] === true, lifetime);
  }

  async close(): Promise<void> {}

  get #directory(): string {
    return `${this.#around.sysfs}/class/pwm`;
  }
}
