import type { Clock, OptionsOf, OptionsSchema, Plugin, Random, Unit } from '@hyphae/core';
import { markPlugin } from '@hyphae/core';
import type { I2cSegment } from '../i2c/i2c-bus.js';

/** An I²C chip as the bus sees it. */
export interface SimI2cChip {
  /** Serves one transaction. `undefined`: it did not acknowledge. */
  transfer(segments: readonly I2cSegment[]): Uint8Array[] | undefined;
  /** Gives the chip its sense of time, so that conversions take as long as on the real one. */
  powerOn?(clock: Clock): void;
  powerOff?(): void;
}

/** A device at the other end of a serial line. */
export interface SimSerialDevice {
  /** Bytes from the host have arrived. `send` puts bytes on the line towards the host, now. */
  receive(bytes: Uint8Array): void;
  powerOn?(clock: Clock, send: (bytes: Uint8Array) => void): void;
  powerOff?(): void;
}

/** A 1-Wire thermometer as a bus master sees it. */
export interface SimOneWireDevice {
  /** Takes a temperature conversion, as the broadcast CONVERT T does. */
  convert(): void;
  /** The nine bytes of the scratchpad. `undefined`: it is not there. */
  scratchpad(): Uint8Array | undefined;
  powerOn?(clock: Clock): void;
  powerOff?(): void;
}

/** How a simulated chip is connected. */
export type ChipBus = 'i2c' | 'serial' | 'onewire';

/** What each bus wants a chip to be. */
export interface ChipOf {
  readonly i2c: SimI2cChip;
  readonly serial: SimSerialDevice;
  readonly onewire: SimOneWireDevice;
}

/** What a chip feels, by quantity. Read it whenever the chip would: its values move with the plant. */
export type Surroundings<Q extends string = string> = { readonly [K in Q]: number };

/** A simulated chip that a configuration can name. */
export interface ChipDefinition<
  B extends ChipBus = ChipBus,
  Q extends Readonly<Record<string, Unit>> = Readonly<Record<string, Unit>>,
  S extends OptionsSchema = OptionsSchema,
> {
  readonly id: string;
  readonly bus: B;
  /** The quantities of its surroundings it measures, and their units. */
  readonly feels: Q;
  readonly options?: S;
  create(context: {
    readonly surroundings: Surroundings<keyof Q & string>;
    readonly options: OptionsOf<S>;
    readonly random: Random;
  }): ChipOf[B];
}

/** Defines a simulated chip. */
export function defineChip<
  const B extends ChipBus,
  const Q extends Readonly<Record<string, Unit>>,
  const S extends OptionsSchema = Record<string, never>,
>(definition: ChipDefinition<B, Q, S>): Plugin<'chip', ChipDefinition<B, Q, S>> {
  return markPlugin('chip', definition);
}
