import { type EpochMs, PluginInvalidError } from '@hyphae/core';
import type { Plant } from '@hyphae/hal/sim';
import type { WaterTankOptions } from './options.js';
import { gravityCourse } from './torricelli.js';

/** Flow that counts as none, L/min: less than a drop in a month. */
const LEAST_FLOW = 1e-9;

function flowing(flow: number): number {
  return flow < LEAST_FLOW ? 0 : flow;
}

type Actuator = 'pump' | 'valve';

/** The state and the equations of the tank. What is what, with units, is in the README. */
export class WaterTankModel implements Plant {
  readonly #o: WaterTankOptions;
  readonly #actuators: Record<Actuator, number> = { pump: 0, valve: 0 };
  /** L */
  #volume: number;
  /** Since the start, L. */
  #pumped = 0;
  #drawn = 0;
  #spilled = 0;

  constructor(options: WaterTankOptions) {
    this.#o = options;
    this.#volume = Math.min(options.capacity, (options.capacity * options.startLevel) / 100); // rounding may go beyond
  }

  advance(dtMs: number, _at: EpochMs): void {
    if (!(dtMs > 0)) return;
    const { capacity } = this.#o;
    const inflow = (this.#inflow - this.#demand) / 60; // L/s
    const full = this.#opening / 60; // L/s out of the full tank
    const course = gravityCourse({ inflow, drain: full / Math.sqrt(capacity) }, this.#volume);

    // With nothing changing from outside the level goes one way: to a rest, or to an end of the tank, where it stays.
    const seconds = dtMs / 1000;
    const before = this.#volume;
    const rises = inflow > full * Math.sqrt(before / capacity);
    const end = rises ? capacity : 0;
    const moving = Math.min(seconds, course.until(end));
    if (moving < seconds) this.#volume = end;
    else this.#volume = Math.min(capacity, Math.max(0, course.after(seconds, capacity)));

    // What came in and is not there has gone: over the edge if the tank is full, through valve and demand otherwise.
    const pumped = (this.#inflow / 60) * seconds;
    const spilled = this.#volume === capacity ? Math.max(0, inflow - full) * (seconds - moving) : 0;
    this.#pumped += pumped;
    this.#spilled += spilled;
    this.#drawn += Math.max(0, pumped - spilled - (this.#volume - before));
  }

  read(variable: string): number {
    const { capacity, height } = this.#o;
    switch (variable) {
      case 'tank/volume':
        return this.#volume;
      case 'tank/level':
        return (height * this.#volume) / capacity;
      case 'tank/fill':
        return (100 * this.#volume) / capacity;
      case 'inflow/flow':
        return this.#inflow;
      case 'outflow/flow':
        return this.#outflow;
      case 'overflow/flow':
        return this.#volume === capacity ? Math.max(0, this.#inflow - this.#outflow) : 0;
      case 'inflow/volume':
        return this.#pumped;
      case 'outflow/volume':
        return this.#drawn;
      case 'overflow/volume':
        return this.#spilled;
      default:
        throw new PluginInvalidError({ plugin: 'water-tank', why: `it has no variable ${variable}` });
    }
  }

  drive(actuator: string, value: number): void {
    if (!Object.hasOwn(this.#actuators, actuator)) {
      throw new PluginInvalidError({ plugin: 'water-tank', why: `it has no actuator ${actuator}` });
    }
    // The line above makes it one of the keys. What is not a number switches off.
    this.#actuators[actuator as Actuator] = value > 0 ? Math.min(1, value) : 0;
  }

  /** L/min */
  get #inflow(): number {
    return flowing(this.#actuators.pump * this.#o.pump);
  }

  /** L/min */
  get #demand(): number {
    return flowing(this.#o.demand);
  }

  /** Through the valve as it stands, out of a full tank, L/min. */
  get #opening(): number {
    return flowing(this.#actuators.valve * this.#o.valve);
  }

  /** L/min; an empty tank passes on what comes in, and no more. */
  get #outflow(): number {
    if (this.#volume === 0) return Math.min(this.#demand, this.#inflow);
    return this.#demand + this.#opening * Math.sqrt(this.#volume / this.#o.capacity);
  }
}
