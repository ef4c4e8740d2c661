import { OutputRangeError } from '../errors/catalogue.js';
import type { OutputDefinition } from '../plugins/output.js';

/** Of the range: coarser than what 8 bits round to, so that a value the hardware has rounded is where it was told. */
const LEVEL_TOLERANCE = 0.0025;

/** The values one output takes. */
export class OutputRange {
  readonly bounds: readonly [min: number, max: number];
  /** Values as far apart as this are the same to the device. */
  readonly tolerance: number;
  readonly #switch: boolean;

  constructor(
    readonly id: string,
    { mode, range = [0, 1] }: Pick<OutputDefinition, 'mode' | 'range'>,
  ) {
    this.bounds = range;
    this.#switch = mode === 'switch';
    const span = range[1] - range[0];
    this.tolerance = this.#switch || !Number.isFinite(span) ? 0 : span * LEVEL_TOLERANCE;
  }

  /** @throws HYP_OUTPUT_RANGE */
  check(value: unknown): void {
    const [min, max] = this.bounds;
    const refuse = (range: string) => new OutputRangeError({ output: this.id, value, range });
    if (typeof value !== 'number' || !Number.isFinite(value)) throw refuse('it wants a finite number');
    if (this.#switch && value !== 0 && value !== 1) throw refuse('a switch is 0 or 1');
    if (value < min || value > max) throw refuse(`its range is ${min} to ${max}`);
  }

  /** The value of the range that a function's wish comes to. */
  clamp(wish: number): number {
    const [min, max] = this.bounds;
    if (this.#switch) return wish > 0 ? 1 : 0;
    return Math.min(max, Math.max(min, wish));
  }
}
