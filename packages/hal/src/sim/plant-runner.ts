import type { Clock, Duration } from '@hyphae/core';
import { toMs } from '@hyphae/core';
import type { Plant } from './plant.js';

/** How a {@link PlantRunner} runs. */
export interface PlantRunnerOptions {
  readonly clock: Clock;
  /** The longest step a plant is asked to take at once. Default 10 min. */
  readonly maxStep?: Duration;
}

/**
 * Lets a plant live by the clock of its board, from now on. It is brought up to the present before every look at it and before every
 * change of an actuator, never in between: what it costs grows with what happens, not with time.
 */
export class PlantRunner {
  readonly #plant: Plant;
  readonly #clock: Clock;
  readonly #maxStepMs: number;
  readonly #listeners = new Set<() => void>();
  #atMs: number;

  constructor(plant: Plant, { clock, maxStep = '10 min' }: PlantRunnerOptions) {
    this.#plant = plant;
    this.#clock = clock;
    this.#maxStepMs = toMs(maxStep);
    this.#atMs = clock.monotonic();
  }

  /** The present value of a variable. */
  read(variable: string): number {
    this.advance();
    return this.#plant.read(variable);
  }

  /** Sets an actuator, 0 to 1, from now on. */
  drive(actuator: string, value: number): void {
    this.advance();
    this.#plant.drive(actuator, value);
  }

  /** Brings the plant up to the present. */
  advance(): void {
    const now = this.#clock.monotonic();
    if (now <= this.#atMs) return;
    while (this.#atMs < now) {
      const dtMs = Math.min(now - this.#atMs, this.#maxStepMs);
      this.#atMs = now - this.#atMs <= this.#maxStepMs ? now : this.#atMs + dtMs; // no rounding is left over
      this.#plant.advance(dtMs, this.#clock.now() - (now - this.#atMs));
    }
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` whenever time has passed for the plant, until disposed. */
  onAdvance(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
}
