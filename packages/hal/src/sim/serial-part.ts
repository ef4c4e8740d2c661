import type { Clock, Lifetime, Need, OpenContext, ResourceInfo } from '@hyphae/core';
import type { ByteTransport } from '../serial/byte-transport.js';
import { FramedPort } from '../serial/framed-port.js';
import type { BoardPart, PartContext } from './board-part.js';
import type { SimSerialDevice } from './chip.js';
import type { SerialFaults } from './serial-faults.js';

/** One simulated serial line: the device at its far end, and whoever holds the near one. */
class SimSerialLine {
  #deliver: ((bytes: Uint8Array) => void) | undefined;
  readonly #sending = new Set<() => void>();

  constructor(
    readonly name: string,
    private readonly device: SimSerialDevice,
    private readonly faults: SerialFaults,
    private readonly clock: Clock,
    private readonly busTime: boolean,
  ) {
    device.powerOn?.(clock, (bytes) => {
      const arrived = faults.distort(bytes);
      if (arrived.length > 0) this.#deliver?.(arrived);
    });
  }

  /** Takes the near end. What the device sends while nobody has it is lost. */
  open(baudRate: number, lifetime: Lifetime): FramedPort {
    const transport: ByteTransport = {
      name: this.name,
      write: async (bytes) => {
        // Start bit, eight data bits, stop bit.
        if (this.busTime) await this.#takeTime((bytes.length * 10_000) / baudRate);
        this.device.receive(Uint8Array.from(bytes));
      },
      onData: (listener) => (this.#deliver = listener),
      onClose: (listener) => this.faults.onUnplug(listener),
    };
    const port = new FramedPort(transport, { clock: this.clock });
    lifetime.defer(() => {
      this.#deliver = undefined;
      this.faults.onUnplug(undefined);
      port[Symbol.dispose]();
    }, `port ${this.name}`);
    return port;
  }

  close(): void {
    for (const cancel of this.#sending) cancel();
    this.device.powerOff?.();
  }

  #takeTime(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        timer[Symbol.dispose]();
        this.#sending.delete(done);
        resolve();
      };
      const timer = this.clock.timer(`sending on ${this.name}`, ms, done);
      this.#sending.add(done);
    });
  }
}

/** The serial ports of a simulated board. */
export class SerialPart implements BoardPart {
  readonly kind = 'serial';
  readonly #lines = new Map<string, SimSerialLine>();

  constructor(
    private readonly devices: Readonly<Record<string, SimSerialDevice>>,
    faults: (port: string) => SerialFaults,
    busTime: boolean,
    private readonly context: PartContext,
  ) {
    for (const [name, device] of Object.entries(devices)) {
      this.#lines.set(name, new SimSerialLine(name, device, faults(name), context.clock, busTime));
    }
  }

  list(): ResourceInfo[] {
    return Object.entries(this.devices).map(([address, device]) => ({
      kind: this.kind,
      address,
      label: this.context.label(device),
    }));
  }

  match(need: Need, use: string | undefined): readonly string[] {
    const wanted = use === undefined ? need.choices : [use];
    return wanted.filter((address) => this.#lines.has(address));
  }

  open(need: Need, address: string, { lifetime }: OpenContext): unknown {
    const baudRate = typeof need.spec?.['baudRate'] === 'number' ? need.spec['baudRate'] : 9600;
    return this.#lines.get(address)?.open(baudRate, lifetime);
  }

  [Symbol.dispose](): void {
    for (const line of this.#lines.values()) line.close();
  }
}
