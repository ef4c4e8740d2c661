import type { EpochMs, OptionsOf, OptionsSchema, Plugin, Random, Unit } from '@hyphae/core';
import { markPlugin } from '@hyphae/core';

/** A piece of the simulated world. It advances only when somebody looks or acts, up to that moment. */
export interface Plant {
  /** Integrates its state over `dtMs` that end at wall-clock time `at`, with the actuators as they stood. */
  advance(dtMs: number, at: EpochMs): void;
  /** The present value of a variable. */
  read(variable: string): number;
  /** Sets an actuator, 0 to 1. */
  drive(actuator: string, value: number): void;
}

/** A plant that a configuration can name. */
export interface PlantDefinition<S extends OptionsSchema = OptionsSchema> {
  readonly id: string;
  readonly description?: string;
  /** What chips can feel, by path such as `air/temperature`, with units. */
  readonly variables: Readonly<Record<string, Unit>>;
  /** What lines and PWM channels can drive. */
  readonly actuators: readonly string[];
  readonly options?: S;
  create(context: { readonly options: OptionsOf<S>; readonly random: Random; readonly start: EpochMs }): Plant;
}

/** Defines a plant. */
export function definePlant<const S extends OptionsSchema = Record<string, never>>(
  definition: PlantDefinition<S>,
): Plugin<'plant', PlantDefinition<S>> {
  return markPlugin('plant', definition);
}
