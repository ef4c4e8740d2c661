import type { Board, Clock, HalProvider, Random } from '@hyphae/core';
import { hex, ResourceMissingError, SeededRandom } from '@hyphae/core';
import { parseI2cAddress } from '../i2c/arguments.js';
import { type BoardPart, classLabel, type PartContext } from './board-part.js';
import { BusFaults } from './bus-faults.js';
import { allLines, GpioPart, lineAddress } from './gpio-part.js';
import { DEFAULT_BUS, type I2cChips, I2cPart, sortChips } from './i2c-part.js';
import type { SimI2cChip, SimOneWireDevice, SimSerialDevice } from './chip.js';
import { OneWirePart } from './onewire-part.js';
import { SerialFaults } from './serial-faults.js';
import { SerialPart } from './serial-part.js';
import { allChannels, channelAddress, PwmPart } from './pwm-part.js';
import { SimGpioLine } from './sim-gpio-line.js';
import type { SimI2cBus } from './sim-i2c-bus.js';
import { SimPwmChannel } from './sim-pwm-channel.js';

/** What a simulated board carries. */
export interface SimBoardSpec {
  /** Default `sim`. */
  readonly name?: string;
  readonly i2c?: I2cChips;
  /** Lines that the test holds the other end of. `gpiochip0/0` to `/53` exist anyway: see {@link SimBoard.line}. */
  readonly gpio?: Readonly<Record<string, SimGpioLine>>;
  /** Channels that the test holds the other end of. `pwmchip0/0` to `/3` exist anyway: see {@link SimBoard.channel}. */
  readonly pwm?: Readonly<Record<string, SimPwmChannel>>;
  /** Devices by port (`/dev/ttyS0`). */
  readonly serial?: Readonly<Record<string, SimSerialDevice>>;
  /** Thermometers by ROM id (`28-0000075b3c1a`). */
  readonly onewire?: Readonly<Record<string, SimOneWireDevice>>;
  /** Faults by bus (`i2c-1`) or port. Without, {@link SimBoard.busFaults} and {@link SimBoard.serialFaults} make them. */
  readonly faults?: Readonly<Record<string, BusFaults | SerialFaults>>;
  /** Transfers take their bits' time on the clock. Default false. */
  readonly busTime?: boolean;
  /** Rate of the I²C clock for `busTime`. Default 100 kHz. */
  readonly speedHz?: number;
  /** What listings say about a chip, line or channel. Default: its class. */
  readonly labels?: ReadonlyMap<object, string>;
  /** Where the faults that are made when asked draw from. Default: a fixed seed. */
  readonly random?: Random;
}

/** A simulated board, with the ends of its wires that the host does not see. */
export interface SimBoard extends HalProvider {
  /** @throws HYP_RESOURCE_MISSING */
  line(address: string): SimGpioLine;
  /** @throws HYP_RESOURCE_MISSING */
  channel(address: string): SimPwmChannel;
  /** The faults of an I²C bus, default `i2c-1`. */
  busFaults(bus?: string): BusFaults;
  /** The faults of a serial line. */
  serialFaults(port: string): SerialFaults;
  /**
   * Pulls a chip, a 1-Wire device or the device of a serial port off the board (`i2c-1/0x76`, `28-0000075b3c1a`, `/dev/ttyS0`). What is
   * returned plugs it in again, without power in between.
   *
   * @throws HYP_RESOURCE_MISSING
   */
  unplug(resource: string): Disposable;
  /** What can be unplugged, as listings write it. */
  readonly devices: readonly string[];
  /** The raw bus of the board that was opened last, to see how busy it is. */
  bus(name?: string): SimI2cBus | undefined;
}

/**
 * A simulated machine with these chips on it. Chips and lines keep their state when the board is closed and opened again.
 *
 * @example `simBoard({ i2c: { 0x76: new Bme280Sim({ temperature: 21.5, humidity: 48, pressure: 1013.2 }) } })`
 * @throws HYP_I2C_ARGUMENT for what is no address of a chip
 */
export function simBoard(spec: SimBoardSpec = {}): SimBoard {
  const { name = 'sim', busTime = false, speedHz = 100_000, random = new SeededRandom(1) } = spec;
  const chips = sortChips(spec.i2c ?? {});
  const lines = allLines(spec.gpio ?? {});
  const channels = allChannels(spec.pwm ?? {});
  let i2c: I2cPart | undefined;
  let running: Clock | undefined;
  const pulled = new Set<string>();
  const devices = [...chipNames(chips), ...Object.keys(spec.onewire ?? {}), ...Object.keys(spec.serial ?? {})];

  const onBus = new Map<string, BusFaults>();
  const onLine = new Map<string, SerialFaults>();
  for (const [where, faults] of Object.entries(spec.faults ?? {})) {
    if (faults instanceof BusFaults) onBus.set(where, faults);
    else onLine.set(where, faults);
  }
  const busFaults = (bus = DEFAULT_BUS) => ensure(onBus, bus, () => new BusFaults({ random: random.fork(bus) }));
  const serialFaults = (port: string) => ensure(onLine, port, () => new SerialFaults({ random: random.fork(port) }));
  const unplug = (resource: string): Disposable => {
    const found = findChip(chips, resource);
    if (found) {
      const fault = busFaults(found.bus).from('nack', 1, { address: found.address });
      return {
        [Symbol.dispose]: () => {
          fault[Symbol.dispose]();
          found.chip.powerOff?.();
          if (running) found.chip.powerOn?.(running);
        },
      };
    }
    const thermometer = Object.keys(spec.onewire ?? {}).find((id) => id.toLowerCase() === resource.toLowerCase());
    if (thermometer !== undefined) {
      pulled.add(thermometer.toLowerCase());
      return { [Symbol.dispose]: () => void pulled.delete(thermometer.toLowerCase()) };
    }
    if (spec.serial?.[resource] === undefined) {
      throw new ResourceMissingError({ kind: 'device', resource, offered: devices.slice(0, 16) });
    }
    const faults = serialFaults(resource);
    faults.silence();
    faults.unplug();
    return { [Symbol.dispose]: () => faults.silence(false) };
  };
  return {
    name,
    unplug,
    devices,
    busFaults,
    serialFaults,
    line: (address) => known(lines, 'gpio', lineAddress(address)),
    channel: (address) => known(channels, 'pwm', channelAddress(address)),
    bus: (bus = DEFAULT_BUS) => i2c?.bus(bus),
    probe: async () => ({ present: true }),
    async open({ clock }) {
      const context: PartContext = { clock, label: (thing) => spec.labels?.get(thing) ?? classLabel(thing) };
      running = clock;
      i2c = new I2cPart(chips, busFaults, busTime ? speedHz : undefined, context);
      return openBoard(name, [
        i2c,
        new OneWirePart(spec.onewire ?? {}, context, pulled),
        new SerialPart(spec.serial ?? {}, serialFaults, busTime, context),
        new PwmPart(channels, context),
        new GpioPart(lines, context),
      ]);
    },
  };
}

type Chips = ReadonlyMap<string, ReadonlyMap<number, SimI2cChip>>;

function findChip(chips: Chips, resource: string) {
  const slash = resource.lastIndexOf('/');
  const bus = slash < 0 ? DEFAULT_BUS : resource.slice(0, slash);
  const address = parseI2cAddress(resource.slice(slash + 1));
  const chip = address === undefined ? undefined : chips.get(bus)?.get(address);
  return address === undefined || !chip ? undefined : { bus, address, chip };
}

function chipNames(chips: Chips): string[] {
  return [...chips].flatMap(([bus, onBus]) => [...onBus.keys()].map((address) => `${bus}/${hex(address)}`));
}

function ensure<T>(things: Map<string, T>, name: string, make: () => T): T {
  const thing = things.get(name) ?? make();
  things.set(name, thing);
  return thing;
}

function known<T>(things: ReadonlyMap<string, T>, kind: string, address: string): T {
  const thing = things.get(address);
  if (!thing) throw new ResourceMissingError({ kind, resource: address, offered: [...things.keys()].slice(0, 16) });
  return thing;
}

function openBoard(name: string, parts: readonly BoardPart[]): Board {
  const byKind = new Map(parts.map((part) => [part.kind, part]));
  return {
    name,
    simulated: true,
    list: async () => parts.flatMap((part) => part.list()),
    match: (need, use) => byKind.get(need.kind)?.match(need, use) ?? [],
    async open(need, address, context) {
      const handle = byKind.get(need.kind)?.open(need, address, context);
      if (handle === undefined) throw new ResourceMissingError({ kind: need.kind, resource: address, offered: [] });
      return handle;
    },
    async [Symbol.asyncDispose]() {
      for (const part of [...parts].reverse()) part[Symbol.dispose]();
    },
  };
}
