import type { Clock, Duration, Lifetime, Need, OpenContext, ResourceInfo } from '@hyphae/core';
import { DisposedError } from '@hyphae/core';
import { DeviceGoneError } from '../errors.js';
import type { OneWireThermometer } from '../onewire/thermometer.js';
import type { BoardPart, PartContext } from './board-part.js';
import type { SimOneWireDevice } from './chip.js';

/** The longest conversion of a DS18B20: 12 bits (datasheet, table 2). The master waits for the slowest. */
const CONVERSION: Duration = '750 ms';

/** One bus: a broadcast conversion serves all who ask while it lasts. */
class SimOneWireBus {
  readonly #devices: ReadonlyMap<string, SimOneWireDevice>;
  readonly #clock: Clock;
  readonly #pulled: ReadonlySet<string>;
  #conversion: Promise<void> | undefined;
  #timer: Disposable | undefined;
  #closed = false;
  #cancel: (() => void) | undefined;

  constructor(devices: ReadonlyMap<string, SimOneWireDevice>, clock: Clock, pulled: ReadonlySet<string>) {
    this.#devices = devices;
    this.#pulled = pulled;
    this.#clock = clock;
    for (const device of devices.values()) device.powerOn?.(clock);
  }

  async measure(name: string, lifetime: Lifetime): Promise<Uint8Array> {
    this.#refuse(lifetime, name);
    await (this.#conversion ??= this.#convert());
    this.#refuse(lifetime, name);
    const scratchpad = this.#pulled.has(name) ? undefined : this.#devices.get(name)?.scratchpad();
    if (!scratchpad) throw new DeviceGoneError({ device: name, why: 'it does not answer on the 1-Wire bus' });
    return scratchpad;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    this.#cancel?.();
    for (const device of this.#devices.values()) device.powerOff?.();
  }

  #refuse(lifetime: Lifetime, what: string): void {
    if (this.#closed || lifetime.signal.aborted) throw new DisposedError({ what });
  }

  #convert(): Promise<void> {
    for (const device of this.#devices.values()) device.convert();
    return new Promise((resolve) => {
      this.#cancel = resolve;
      this.#timer = this.#clock.timer('1-Wire conversion', CONVERSION, () => {
        this.#conversion = undefined;
        resolve();
      });
    });
  }
}

/** The 1-Wire thermometers of a simulated board, all on one bus. */
export class OneWirePart implements BoardPart {
  readonly kind = 'onewire';
  readonly #devices: ReadonlyMap<string, SimOneWireDevice>;
  readonly #bus: SimOneWireBus;

  constructor(
    devices: Readonly<Record<string, SimOneWireDevice>>,
    private readonly context: PartContext,
    /** Ids of those that are pulled off the bus now. */
    pulled: ReadonlySet<string> = new Set(),
  ) {
    this.#devices = new Map(Object.entries(devices).map(([name, device]) => [name.toLowerCase(), device]));
    this.#bus = new SimOneWireBus(this.#devices, context.clock, pulled);
  }

  list(): ResourceInfo[] {
    return [...this.#devices].map(([address, device]) => ({
      kind: this.kind,
      address,
      label: this.context.label(device),
    }));
  }

  /** `use` is a whole ROM id or its beginning, such as a family; nothing means any of the families asked for. */
  match(need: Need, use: string | undefined): readonly string[] {
    const wanted = use?.toLowerCase() ?? '';
    if (this.#devices.has(wanted)) return [wanted];
    return [...this.#devices.keys()].filter(
      (name) => name.startsWith(wanted) && need.choices.some((family) => name.startsWith(`${family}-`)),
    );
  }

  open(_need: Need, address: string, { lifetime }: OpenContext): unknown {
    const thermometer: OneWireThermometer = {
      name: address,
      measure: () => this.#bus.measure(address, lifetime),
    };
    return thermometer;
  }

  [Symbol.dispose](): void {
    this.#bus.close();
  }
}
