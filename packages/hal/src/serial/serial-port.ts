import type { Duration, Need } from '@hyphae/core';

/**
 * Cuts a byte stream into frames: the length of the first whole frame in `bytes`, or 0 for "more, please". A negative number
 * −n says that the first n bytes belong to no frame: they are dropped and the rest is looked at again.
 *
 * `bytes` is a view of the port's buffer, to be looked at only. What it throws (a checksum error, say) reaches the caller, and what
 * has arrived is dropped.
 */
export type Framing = (bytes: Uint8Array) => number;

/** An open port. At most 64 KiB wait for a frame; more without one is dropped and reported. */
export interface SerialPort {
  readonly name: string;
  /** Resolves when the bytes have left the machine, not when they are buffered. */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Sends a request and returns the next frame. Exchanges on one port queue; they never interleave. What arrived before is
   * dropped; after an exchange without an answer the next one first waits for the line to be quiet, so that a late answer is
   * not taken for its own.
   *
   * @param options.timeout from the moment it has its turn
   * @param options.accept says whether a frame answers this request; others are dropped. Default: any does.
   * @throws HYP_SERIAL_TIMEOUT, HYP_SERIAL_CLOSED, HYP_SERIAL_OVERFLOW, HYP_SERIAL_FRAMING, or what the framing throws
   */
  exchange(
    request: Uint8Array,
    framing: Framing,
    options: {
      readonly timeout: Duration;
      readonly signal?: AbortSignal;
      readonly accept?: (frame: Uint8Array) => boolean;
    },
  ): Promise<Uint8Array>;
  /**
   * Frames of a device that talks unasked, until the signal aborts. One reader at a time.
   *
   * @throws HYP_SERIAL_IN_USE, HYP_SERIAL_CLOSED, HYP_SERIAL_OVERFLOW (reading again goes on with what comes then),
   * HYP_SERIAL_FRAMING, or what the framing throws
   */
  frames(framing: Framing, options?: { readonly signal?: AbortSignal }): AsyncIterable<Uint8Array>;
  /** Throws away what has arrived and not been read. */
  discard(): Promise<void>;
}

/** Settings of a port. */
export interface SerialSpec {
  readonly baudRate: number;
  readonly dataBits?: 7 | 8;
  readonly parity?: 'none' | 'even' | 'odd';
  readonly stopBits?: 1 | 2;
}

/** Asks for a serial port. The user names it: `/dev/serial0`, best by a stable name of `/dev/serial/by-id`. */
export function serialPort(spec: SerialSpec): Need<SerialPort> {
  return { kind: 'serial', choices: [], spec: { ...spec } };
}
