import { hex, type Need, type OpenContext, type ResourceInfo } from '@hyphae/core';
import { parseI2cAddress } from '../i2c/arguments.js';
import type { I2cDevice } from '../i2c/i2c-device.js';
import { SharedI2cBus } from '../i2c/shared-i2c-bus.js';
import type { Family, Surroundings } from './family.js';
import { type I2cAdapter, LinuxI2cBus, listI2cAdapters } from './linux-i2c-bus.js';

interface OpenBus {
  readonly raw: LinuxI2cBus;
  readonly shared: SharedI2cBus;
}

/** The kernel ends a transfer itself, most adapters after one second; a little later it must have done so. */
const DEADLINE = '1.5 s';

/** I²C: `i2c-1/0x76`. */
export class I2cFamily implements Family {
  readonly kind = 'i2c';
  readonly #around: Surroundings;
  readonly #open = new Map<string, OpenBus>();
  #adapters: readonly I2cAdapter[] = [];

  constructor(around: Surroundings) {
    this.#around = around;
  }

  async scan(): Promise<void> {
    this.#adapters = await listI2cAdapters(this.#around.dev, this.#around.sysfs);
  }

  list(): readonly ResourceInfo[] {
    return this.#adapters.map(({ number, label }) => ({ kind: this.kind, address: `i2c-${number}`, label }));
  }

  /**
   * A full address that the user wrote is taken at its word: the driver finds out who is there. With a bus alone the need's own
   * addresses are tried on it. Without a bus a machine with several has no answer: writing to a chip's address on the wrong
   * bus (a graphics card's, say) is no way of finding out.
   */
  match({ choices }: Need, use: string | undefined): readonly string[] {
    const { bus, address } = parseUse(use);
    if (bus === undefined && address === undefined && use !== undefined) return [];
    const all = this.#adapters.map(({ number }) => `i2c-${number}`);
    const buses = bus === undefined ? all : all.filter((name) => name === bus);
    if (bus === undefined && buses.length > 1) return [];
    const addresses = address === undefined ? choices.map(parseI2cAddress) : [address];
    return buses.flatMap((name) => addresses.map((each) => `${name}/${hex(each)}`));
  }

  async open({ spec }: Need, address: string, { lifetime }: OpenContext): Promise<I2cDevice> {
    const { bus = '', address: device = 0 } = parseUse(address);
    const priority = typeof spec?.['priority'] === 'number' ? spec['priority'] : 0;
    return this.#bus(bus).shared.device(device, { lifetime, priority });
  }

  async close(): Promise<void> {
    const buses = [...this.#open.values()];
    this.#open.clear();
    for (const { raw, shared } of buses) {
      shared[Symbol.dispose]();
      await raw[Symbol.asyncDispose]();
    }
  }

  #bus(name: string): OpenBus {
    const known = this.#open.get(name);
    if (known) return known;
    const { clock, load } = this.#around;
    const raw = new LinuxI2cBus(Number(name.slice('i2c-'.length)), load);
    const declared = {
      name,
      transfer: (...call: Parameters<LinuxI2cBus['transfer']>) => clock.io(raw.transfer(...call)),
    };
    const opened = { raw, shared: new SharedI2cBus(declared, { clock, deadline: DEADLINE }) };
    this.#open.set(name, opened);
    return opened;
  }
}

function parseUse(use: string | undefined): { readonly bus?: string; readonly address?: number } {
  const match = /^(?:\/dev\/)?(i2c-\d+)?\/?(0x[0-9a-f]+|\d+)?$/i.exec(use ?? '');
  const [, bus, text] = match ?? [];
  const address = text === undefined ? undefined : parseI2cAddress(text);
  return { ...(bus === undefined ? {} : { bus }), ...(address === undefined ? {} : { address }) };
}
