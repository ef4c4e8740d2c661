import { type EpochMs, PluginInvalidError } from '@hyphae/core';
import type { Plant } from '@hyphae/hal/sim';
import type { PhTankOptions } from './options.js';
import { conductivityOf, naturalWater, phOf, type Solution } from './solution.js';
import { type Amount, stepAmount } from './stores.js';

/** Share of the capacity that uptake leaves in the tank. */
const LEAST_LEVEL = 0.01;

type Kind = keyof Solution;
const KINDS: readonly Kind[] = ['cations', 'anions', 'carbonate', 'phosphate'];

type Actuator = 'acid' | 'base' | 'nutrient' | 'water';

/** The state and the equations of the nutrient tank. What is what, with units, is in the README. */
export class PhTankModel implements Plant {
  readonly #o: PhTankOptions;
  readonly #water: Solution;
  readonly #actuators: Record<Actuator, number> = { acid: 0, base: 0, nutrient: 0, water: 0 };
  readonly #amounts: Record<Kind, Amount>;
  /** L */
  #volume: number;
  #spilled = 0;
  /** pH of the mixed solution, once somebody has asked and until time passes. */
  #ph: number | undefined;

  constructor(options: PhTankOptions) {
    this.#o = options;
    this.#water = naturalWater(options.waterAlkalinity, options.waterPh);
    this.#volume = options.capacity * Math.max(LEAST_LEVEL, options.startLevel / 100);
    const { nutrientSalt: salt, nutrientPhosphate: phosphate } = options;
    const stock: Solution = { cations: salt + phosphate, anions: salt, carbonate: 0, phosphate };
    const start = (kind: Kind): Amount => ({
      total: this.#volume * (this.#water[kind] + (options.startNutrient / 1000) * stock[kind]),
      unmixed: 0,
      spilled: 0,
    });
    this.#amounts = {
      cations: start('cations'),
      anions: start('anions'),
      carbonate: start('carbonate'),
      phosphate: start('phosphate'),
    };
  }

  /** Where what was dissolved is, mmol of each kind. */
  get amounts(): Readonly<Record<Kind, Amount>> {
    return this.#amounts;
  }

  advance(dtMs: number, _at: EpochMs): void {
    if (!(dtMs > 0)) return;
    this.#ph = undefined;
    const { capacity, uptake } = this.#o;
    const least = capacity * LEAST_LEVEL;
    const seconds = dtMs / 1000;
    const net = this.#inflow - uptake / 3600; // L/s
    const way = net > 0 ? capacity - this.#volume : this.#volume - least;
    const moving = net === 0 ? seconds : Math.min(seconds, Math.max(0, way) / Math.abs(net));
    this.#mix(moving, 0);
    if (moving < seconds) {
      // The tank is full and spills, or it is as good as empty and gives no more than comes.
      const spilling = Math.max(0, net);
      this.#volume = net > 0 ? capacity : least;
      this.#spilled += spilling * (seconds - moving);
      this.#mix(seconds - moving, spilling / capacity);
    } else {
      this.#volume = Math.min(capacity, Math.max(least, this.#volume + net * seconds));
    }
  }

  read(variable: string): number {
    switch (variable) {
      case 'tank/volume':
        return this.#volume;
      case 'tank/fill':
        return (100 * this.#volume) / this.#o.capacity;
      case 'tank/ph':
        return (this.#ph ??= phOf(this.#solution));
      case 'tank/conductivity':
        return conductivityOf(this.#solution, (this.#ph ??= phOf(this.#solution)));
      case 'overflow/volume':
        return this.#spilled;
      default:
        throw new PluginInvalidError({ plugin: 'ph-tank', why: `it has no variable ${variable}` });
    }
  }

  drive(actuator: string, value: number): void {
    if (!Object.hasOwn(this.#actuators, actuator)) {
      throw new PluginInvalidError({ plugin: 'ph-tank', why: `it has no actuator ${actuator}` });
    }
    // The line above makes it one of the keys. What is not a number switches off.
    this.#actuators[actuator as Actuator] = value > 0 ? Math.min(1, value) : 0;
  }

  /** Doses for a while, with a share of the tank running over each second. */
  #mix(seconds: number, wash: number): void {
    if (seconds === 0) return;
    const { mixingTime: mixing } = this.#o;
    for (const kind of KINDS) {
      this.#amounts[kind] = stepAmount(this.#amounts[kind], { dose: this.#dose(kind), wash, mixing }, seconds);
    }
  }

  /** mmol/s */
  #dose(kind: Kind): number {
    const o = this.#o;
    const { acid, base, nutrient, water } = this.#actuators;
    const fresh = ((water * o.water) / 60) * this.#water[kind];
    const stock = (nutrient * o.nutrient) / 60_000; // L/s
    switch (kind) {
      case 'cations':
        return fresh + ((base * o.base) / 60_000) * o.baseStrength + stock * (o.nutrientSalt + o.nutrientPhosphate);
      case 'anions':
        return fresh + ((acid * o.acid) / 60_000) * o.acidStrength + stock * o.nutrientSalt;
      case 'carbonate':
        return fresh;
      case 'phosphate':
        return fresh + stock * o.nutrientPhosphate;
    }
  }

  /** L/s */
  get #inflow(): number {
    const { acid, base, nutrient, water } = this.#actuators;
    const dosed = acid * this.#o.acid + base * this.#o.base + nutrient * this.#o.nutrient; // mL/min
    return dosed / 60_000 + (water * this.#o.water) / 60;
  }

  /** What a probe is in: the part that has spread, in all the water. */
  get #solution(): Solution {
    const mixed = (kind: Kind) => Math.max(0, this.#amounts[kind].total - this.#amounts[kind].unmixed) / this.#volume;
    return {
      cations: mixed('cations'),
      anions: mixed('anions'),
      carbonate: mixed('carbonate'),
      phosphate: mixed('phosphate'),
    };
  }
}
