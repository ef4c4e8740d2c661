import type { Board, Clock, Need, OpenContext, ResourceInfo } from '@hyphae/core';
import { ResourceMissingError } from '@hyphae/core';
import { type Family, type Surroundings, surroundings } from './family.js';
import { listGpioChips } from './gpio-chip.js';
import { GpioFamily } from './gpio-family.js';
import { I2cFamily } from './i2c-family.js';
import { OneWireFamily } from './onewire-family.js';
import { PwmFamily } from './pwm-family.js';
import { SerialFamily } from './serial-family.js';
import { SysfsGpioFamily } from './sysfs-gpio-family.js';

/** Which interface GPIO lines are reached by. `auto`: the character device, and sysfs only on a kernel without it. */
export type GpioInterface = 'auto' | 'character-device' | 'sysfs';

/** This machine: what the kernel offers under `/dev` and `/sys`. Native modules are loaded when a resource first needs one. */
export class LinuxBoard implements Board {
  readonly name = 'linux';
  readonly simulated = false;
  readonly #clock: Clock;
  readonly #families: ReadonlyMap<string, Family>;

  private constructor(clock: Clock, families: readonly Family[]) {
    this.#clock = clock;
    this.#families = new Map(families.map((family) => [family.kind, family]));
  }

  /** Opens the machine as it is now; {@link scan} looks again. */
  static async open(
    clock: Clock,
    given: Partial<Surroundings> & { readonly gpio?: GpioInterface } = {},
  ): Promise<LinuxBoard> {
    const around = surroundings(clock, given);
    const board = new LinuxBoard(clock, [
      new I2cFamily(around),
      await clock.io(gpioFamily(around, given.gpio ?? 'auto')),
      new SerialFamily(around),
      new OneWireFamily(around),
      new PwmFamily(around),
    ]);
    await board.scan();
    return board;
  }

  /** Looks at what is there now: devices come and go. */
  async scan(): Promise<void> {
    await this.#clock.io(Promise.all([...this.#families.values()].map((family) => family.scan())));
  }

  async list(): Promise<readonly ResourceInfo[]> {
    await this.scan();
    return [...this.#families.values()].flatMap((family) => family.list());
  }

  match(need: Need, use?: string): readonly string[] {
    return this.#families.get(need.kind)?.match(need, use) ?? [];
  }

  /** Errors as of the kind of resource. @throws HYP_RESOURCE_MISSING for a kind that Linux does not offer */
  open(need: Need, address: string, context: OpenContext): Promise<unknown> {
    const family = this.#families.get(need.kind);
    if (family) return family.open(need, address, context);
    const offered = [...this.#families.keys()];
    return Promise.reject(new ResourceMissingError({ kind: need.kind, resource: address, offered }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const family of this.#families.values()) await family.close();
  }
}

async function gpioFamily(around: Surroundings, wanted: GpioInterface): Promise<Family> {
  if (wanted === 'character-device') return new GpioFamily(around);
  if (wanted === 'sysfs') return new SysfsGpioFamily(around);
  if ((await listGpioChips(around.dev)).length > 0) return new GpioFamily(around);
  const sysfs = new SysfsGpioFamily(around);
  await sysfs.scan();
  // Without either, a chip that is plugged in later will have a character device.
  return sysfs.list().length > 0 ? sysfs : new GpioFamily(around);
}
