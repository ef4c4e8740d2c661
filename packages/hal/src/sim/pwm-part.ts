import type { Need, OpenContext, ResourceInfo } from '@hyphae/core';
import type { BoardPart, PartContext } from './board-part.js';
import { SimPwmChannel } from './sim-pwm-channel.js';

/** Channels of `pwmchip0` that every simulated board has. */
const DEFAULT_CHANNELS = 4;

/** Brings the ways of naming a channel to one: `0` is `pwmchip0/0`. */
export function channelAddress(text: string): string {
  return /^\d+$/.test(text) ? `pwmchip0/${Number(text)}` : text;
}

/** All channels of a board: those given, and the default ones. */
export function allChannels(given: Readonly<Record<string, SimPwmChannel>>): Map<string, SimPwmChannel> {
  const channels = new Map(Object.entries(given).map(([name, channel]) => [channelAddress(name), channel]));
  for (let n = 0; n < DEFAULT_CHANNELS; n++) {
    const name = `pwmchip0/${n}`;
    if (!channels.has(name)) channels.set(name, new SimPwmChannel());
  }
  return channels;
}

/** The PWM channels of a simulated board. */
export class PwmPart implements BoardPart {
  readonly kind = 'pwm';

  constructor(
    private readonly channels: ReadonlyMap<string, SimPwmChannel>,
    private readonly context: PartContext,
  ) {}

  list(): ResourceInfo[] {
    return [...this.channels].map(([address, channel]) => ({
      kind: this.kind,
      address,
      label: this.context.label(channel),
    }));
  }

  match(_need: Need, use: string | undefined): readonly string[] {
    const address = use === undefined ? undefined : channelAddress(use);
    return address !== undefined && this.channels.has(address) ? [address] : [];
  }

  open(need: Need, address: string, { lifetime }: OpenContext): unknown {
    return this.channels.get(address)?.open(address, need.spec?.['inverted'] === true, lifetime);
  }

  [Symbol.dispose](): void {}
}
