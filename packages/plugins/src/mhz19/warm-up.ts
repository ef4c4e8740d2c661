import { hasCode } from '@hyphae/core';
import type { SerialPort } from '@hyphae/hal';

/** Readings in a row that may go without an answer before the sensor is taken to have been without power. */
const LOST_READINGS = 1;

/**
 * What is known of the power of the sensor at one port, over the faults in between: the host begins the driver anew after each,
 * and the sensor does not say how long it has been on. A lost reading, with its retries, is a disturbance of the line, and as
 * little a sign of a loss of power as the silence between two readings. More of them may be one.
 */
export class WarmUp {
  /** By the handle of a claim: another claim knows nothing. */
  static readonly #known = new WeakMap<SerialPort, WarmUp>();
  #warmAt: number | undefined;
  #lost = 0;
  #again = false;
  /** The last reading that was lost. */
  #dueMs: number | undefined;

  static of(port: SerialPort): WarmUp {
    const known = WarmUp.#known.get(port) ?? new WarmUp();
    WarmUp.#known.set(port, known);
    return known;
  }

  /** The driver begins, for the first time or anew after a fault. */
  begin(nowMs: number, warmUpMs: number): void {
    const first = this.#warmAt === undefined;
    if (!first && this.#lost <= LOST_READINGS) return;
    this.#warmAt = nowMs + warmUpMs;
    this.#again = !first && warmUpMs > 0;
  }

  /** True while values may be those of a sensor that has just been switched on. */
  warming(nowMs: number): boolean {
    return nowMs < (this.#warmAt ?? Infinity);
  }

  /**
   * The sensor has answered, be it nonsense: it has power.
   *
   * @returns true once where it is now taken to be warming up again
   */
  answered(): boolean {
    this.#lost = 0;
    const again = this.#again;
    this.#again = false;
    return again;
  }

  /** A question failed, asked for the reading that was due then or, at the start, for none. */
  failed(error: unknown, dueMs?: number): void {
    if (hasCode(error, 'HYP_SERIAL_CLOSED')) {
      this.#lost = Infinity; // perhaps its adapter was pulled, and the sensor's supply with it
    } else if (hasCode(error, 'HYP_SERIAL_TIMEOUT') || hasCode(error, 'HYP_SERIAL_OVERFLOW')) {
      if (this.#lost > 0 && dueMs === this.#dueMs) return; // the same reading, tried again
      this.#dueMs = dueMs;
      this.#lost++;
    }
  }
}
