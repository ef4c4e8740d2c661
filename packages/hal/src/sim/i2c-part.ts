import type { Need, OpenContext, ResourceInfo } from '@hyphae/core';
import { hex } from '@hyphae/core';
import { checkI2cAddress, parseI2cAddress } from '../i2c/arguments.js';
import { SharedI2cBus } from '../i2c/shared-i2c-bus.js';
import { I2cArgumentError } from '../errors.js';
import type { BoardPart, PartContext } from './board-part.js';
import type { BusFaults } from './bus-faults.js';
import type { SimI2cChip } from './chip.js';
import { SimI2cBus } from './sim-i2c-bus.js';

/** Chips by address, by address on a bus (`i2c-1/0x76`), or by bus. A key that is no bus belongs to `i2c-1`. */
export type I2cChips = Readonly<Record<string | number, SimI2cChip | Readonly<Record<string | number, SimI2cChip>>>>;

/** The bus meant where none is named, as on a Raspberry Pi. */
export const DEFAULT_BUS = 'i2c-1';

const isChip = (value: object): value is SimI2cChip => 'transfer' in value && typeof value.transfer === 'function';

/**
 * Sorts chips by bus and address.
 *
 * @throws HYP_I2C_ARGUMENT for what is no address, or an address given twice
 */
export function sortChips(chips: I2cChips): Map<string, Map<number, SimI2cChip>> {
  const buses = new Map<string, Map<number, SimI2cChip>>([[DEFAULT_BUS, new Map()]]);
  const add = (bus: string, text: string, chip: SimI2cChip) => {
    const address = parseI2cAddress(text);
    if (address === undefined) throw new I2cArgumentError({ device: `${bus}/${text}`, why: `${text} is no address` });
    checkI2cAddress(bus, address);
    const onBus = buses.get(bus) ?? new Map<number, SimI2cChip>();
    if (onBus.has(address)) {
      throw new I2cArgumentError({ device: `${bus}/${hex(address)}`, why: 'two chips have this address' });
    }
    buses.set(bus, onBus.set(address, chip));
  };
  for (const [key, value] of Object.entries(chips)) {
    const slash = key.lastIndexOf('/');
    if (isChip(value)) {
      add(slash < 0 ? DEFAULT_BUS : key.slice(0, slash), key.slice(slash + 1), value);
    } else {
      if (!buses.has(key)) buses.set(key, new Map());
      for (const [address, chip] of Object.entries(value)) add(key, address, chip);
    }
  }
  return buses;
}

/** The name on its bus of a chip whose address may be written in several ways: `i2c-1/0x76`. */
export function i2cName(written: string): string {
  const slash = written.lastIndexOf('/');
  const address = parseI2cAddress(written.slice(slash + 1));
  return `${slash < 0 ? DEFAULT_BUS : written.slice(0, slash)}/${address === undefined ? '' : hex(address)}`;
}

/** The I²C buses of a simulated board. */
export class I2cPart implements BoardPart {
  readonly kind = 'i2c';
  readonly #chips: ReadonlyMap<string, ReadonlyMap<number, SimI2cChip>>;
  readonly #buses = new Map<string, { readonly raw: SimI2cBus; readonly shared: SharedI2cBus }>();
  readonly #context: PartContext;

  constructor(
    chips: ReadonlyMap<string, ReadonlyMap<number, SimI2cChip>>,
    faults: (bus: string) => BusFaults,
    speedHz: number | undefined,
    context: PartContext,
  ) {
    this.#chips = chips;
    this.#context = context;
    const { clock } = context;
    for (const [name, onBus] of chips) {
      for (const chip of onBus.values()) chip.powerOn?.(clock);
      const raw = new SimI2cBus(name, { clock, chips: onBus, faults: faults(name), speedHz });
      this.#buses.set(name, { raw, shared: new SharedI2cBus(raw, { clock }) });
    }
  }

  list(): ResourceInfo[] {
    return [...this.#chips].flatMap(([bus, onBus]) =>
      [...onBus].map(([address, chip]) => {
        const full = `${bus}/${hex(address)}`;
        return { kind: this.kind, address: full, label: this.#context.label(chip) };
      }),
    );
  }

  /**
   * A full address that the user wrote is taken at its word, also when nothing is there: as on a real bus, the driver finds out.
   * Otherwise only addresses at which a chip stands are offered.
   */
  match(need: Need, use: string | undefined): readonly string[] {
    const slash = use === undefined ? -1 : use.lastIndexOf('/');
    const last = use?.slice(slash + 1);
    const address = last === undefined ? undefined : parseI2cAddress(last);
    if (use !== undefined && slash >= 0) {
      const bus = use.slice(0, slash);
      return address !== undefined && this.#buses.has(bus) ? [`${bus}/${hex(address)}`] : [];
    }
    const buses = use === undefined || address !== undefined ? [...this.#chips.keys()] : [use];
    const addresses = address === undefined ? need.choices.map(parseI2cAddress) : [address];
    return addresses.flatMap((wanted) =>
      buses
        .filter((bus) => wanted !== undefined && this.#chips.get(bus)?.has(wanted))
        .map((bus) => `${bus}/${hex(wanted)}`),
    );
  }

  open(need: Need, address: string, { lifetime }: OpenContext): unknown {
    const slash = address.lastIndexOf('/');
    const bus = this.#buses.get(address.slice(0, slash));
    const priority = typeof need.spec?.['priority'] === 'number' ? need.spec['priority'] : 0;
    return bus?.shared.device(Number(address.slice(slash + 1)), { lifetime, priority });
  }

  /** The raw buses, for measuring how busy they are. */
  bus(name: string): SimI2cBus | undefined {
    return this.#buses.get(name)?.raw;
  }

  [Symbol.dispose](): void {
    for (const { raw, shared } of this.#buses.values()) {
      shared[Symbol.dispose]();
      raw[Symbol.dispose]();
    }
    for (const onBus of this.#chips.values()) for (const chip of onBus.values()) chip.powerOff?.();
  }
}
