import type { Clock, Duration } from '@hyphae/core';

/** A simulated chip's sense of time: what it does takes as long as on the real one, by the clock of its board. */
export class ChipTimer {
  #clock: Clock | undefined;
  #timer: Disposable | undefined;

  powerOn(clock: Clock): void {
    this.#clock = clock;
  }

  powerOff(): void {
    this.stop();
    this.#clock = undefined;
  }

  /** Monotonic milliseconds; 0 without power. */
  get nowMs(): number {
    return this.#clock?.monotonic() ?? 0;
  }

  get busy(): boolean {
    return this.#timer !== undefined;
  }

  /** Calls `finish` after `duration`, instead of what was started before. Without power nothing happens. */
  start(duration: Duration, finish: () => void): void {
    this.stop();
    this.#timer = this.#clock?.timer('conversion', duration, () => {
      this.#timer = undefined;
      finish();
    });
  }

  stop(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }
}
