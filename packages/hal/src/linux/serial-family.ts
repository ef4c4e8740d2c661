import { statSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import type { Need, OpenContext, ResourceInfo } from '@hyphae/core';
import type { SerialPort, SerialSpec } from '../serial/serial-port.js';
import type { Family, Surroundings } from './family.js';
import { LinuxSerialPort } from './linux-serial-port.js';
import { namesIn, readAttribute, targetOf } from './sysfs.js';

interface Port {
  /** The name that stays: `/dev/serial/by-id/…` where there is one. */
  readonly address: string;
  readonly device: string;
}

/** Serial ports: `/dev/ttyUSB0`, `/dev/serial0`, best `/dev/serial/by-id/usb-…`. */
export class SerialFamily implements Family {
  readonly kind = 'serial';
  readonly #around: Surroundings;
  #ports: readonly Port[] = [];
  /** Every known name of a port, and the one it is claimed by: two names of one port are one resource. */
  #names = new Map<string, string>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  async scan(): Promise<void> {
    const { dev } = this.#around;
    const devices = await this.#devices();
    const links = new Map<string, string>();
    for (const folder of [`${dev}/serial/by-id`, `${dev}/serial/by-path`, dev]) {
      for (const name of await namesIn(folder)) {
        const path = `${folder}/${name}`;
        if (folder === dev && !(await isLink(path))) continue;
        const target = await targetOf(path);
        if (target !== undefined && devices.includes(target)) links.set(path, target);
      }
    }
    const byId = (device: string) =>
      [...links].find(([path, target]) => target === device && path.startsWith(`${dev}/serial/by-id/`))?.[0];
    this.#ports = devices.map((device) => ({ device, address: byId(device) ?? device }));
    const addressOf = new Map(this.#ports.map(({ device, address }) => [device, address]));
    this.#names = new Map(addressOf);
    for (const [path, device] of links) this.#names.set(path, addressOf.get(device) ?? path);
  }

  list(): readonly ResourceInfo[] {
    return this.#ports.map(({ address, device }) => ({ kind: this.kind, address, label: device }));
  }

  /** The user names the port; any character device will do, a pseudo-terminal too. */
  match(_need: Need, use: string | undefined): readonly string[] {
    if (use === undefined || !use.startsWith('/')) return [];
    const known = this.#names.get(use);
    if (known !== undefined) return [known];
    // One look at one file, while a claim is made: a port named by hand need not be in any list.
    return statSync(use, { throwIfNoEntry: false })?.isCharacterDevice() === true ? [use] : [];
  }

  async open({ spec }: Need, address: string, { lifetime }: OpenContext): Promise<SerialPort> {
    const { clock, load } = this.#around;
    const settings = (spec ?? { baudRate: 9600 }) as unknown as SerialSpec; // needs of this kind are made by serialPort
    return LinuxSerialPort.open(address, settings, clock, lifetime, load);
  }

  async close(): Promise<void> {}

  /** Device files of ports that have hardware behind them; a PC's ttyS4 to ttyS31 mostly have none. */
  async #devices(): Promise<string[]> {
    const { sysfs, dev } = this.#around;
    const names = await namesIn(`${sysfs}/class/tty`);
    const real = await Promise.all(
      names.map(async (name) => {
        const directory = `${sysfs}/class/tty/${name}`;
        if ((await targetOf(`${directory}/device`)) === undefined) return undefined;
        const type = await readAttribute(`${directory}/type`).catch(() => undefined); // only 8250-like ports have it
        return type === '0' ? undefined : `${dev}/${name}`;
      }),
    );
    return real.filter((device) => device !== undefined);
  }
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (entry) => entry.isSymbolicLink(),
    () => false,
  );
}
