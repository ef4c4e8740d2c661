import type { Clock, EpochMs } from '@hyphae/core';

/** More than a wall clock is slewed by, less than a step that matters to retention. */
const TOLERANCE_MS = 60_000;
const CONFIRMED_AFTER_MS = 24 * 3_600_000;

/**
 * The wall clock for decisions that cannot be taken back, such as what is old enough to be deleted. A step forward counts
 * only once it has stood for a day: a wrong time server is put right sooner, a machine that booted without a clock is not
 * held back for ever. Until then time goes on from before the step. A step back counts at once: it deletes nothing.
 */
export class SteadyTime {
  readonly #clock: Clock;
  #wall: EpochMs;
  #monotonic: number;
  /** Monotonic time at which a step forward was first seen. */
  #stepSeen: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wall = clock.now();
    this.#monotonic = clock.monotonic();
  }

  /** True while a step forward of the wall clock is not believed yet, as of the last {@link now}. */
  get doubtful(): boolean {
    return this.#stepSeen !== undefined;
  }

  now(): EpochMs {
    const wall = this.#clock.now();
    const monotonic = this.#clock.monotonic();
    const expected = this.#wall + (monotonic - this.#monotonic);
    if (wall > expected + TOLERANCE_MS) {
      this.#stepSeen ??= monotonic;
      if (monotonic - this.#stepSeen < CONFIRMED_AFTER_MS) return expected;
    }
    this.#stepSeen = undefined;
    this.#wall = wall;
    this.#monotonic = monotonic;
    return wall;
  }
}
