import { type EpochMs, PluginInvalidError } from '@hyphae/core';
import type { Plant } from '@hyphae/hal/sim';
import type { SolarBatteryOptions } from './options.js';
import { clearSunlight } from './sunlight.js';

/** The sun stands still for so long, from whole minute to whole minute: then what it gives does not depend on who looks when. */
const SUN_STEP_MS = 60_000;

/** The state and the equations of battery and panel. What is what, with units, is in the README. */
export class SolarBatteryModel implements Plant {
  readonly #o: SolarBatteryOptions;
  #at: EpochMs;
  #drive = 0;
  /** W.h */
  #stored: number;
  /** Since the start, W.h. */
  #taken = 0;
  #unused = 0;
  #delivered = 0;
  #lost = 0;

  constructor(options: SolarBatteryOptions, start: EpochMs) {
    this.#o = options;
    this.#at = start;
    this.#stored = (options.capacity * options.startCharge) / 100;
  }

  advance(dtMs: number, at: EpochMs): void {
    this.#at = at;
    if (!(dtMs > 0)) return;
    for (let from = at - dtMs; from < at;) {
      const to = Math.min(at, (Math.floor(from / SUN_STEP_MS) + 1) * SUN_STEP_MS);
      this.#step((to - from) / 3_600_000, this.#sun(from));
      from = to;
    }
  }

  read(variable: string): number {
    const { capacity, emptyVoltage, fullVoltage } = this.#o;
    const charge = this.#stored / capacity;
    switch (variable) {
      case 'battery/charge':
        return 100 * charge;
      case 'battery/voltage':
        return emptyVoltage + (fullVoltage - emptyVoltage) * charge;
      case 'battery/energy':
        return this.#stored;
      case 'panel/power':
        return this.#sun(this.#at);
      case 'panel/energy':
        return this.#taken;
      case 'panel/unused':
        return this.#unused;
      case 'load/power':
        return this.#stored > 0 ? this.#wanted : Math.min(this.#wanted, this.#sun(this.#at));
      case 'load/energy':
        return this.#delivered;
      case 'loss/energy':
        return this.#lost;
      default:
        throw new PluginInvalidError({ plugin: 'solar-battery', why: `it has no variable ${variable}` });
    }
  }

  drive(actuator: string, value: number): void {
    if (actuator !== 'load') {
      throw new PluginInvalidError({ plugin: 'solar-battery', why: `it has no actuator ${actuator}` });
    }
    // What is not a number switches off.
    this.#drive = value > 0 ? Math.min(1, value) : 0;
  }

  /** What the load would take, W. */
  get #wanted(): number {
    return this.#drive * this.#o.load + this.#o.standby;
  }

  /** What the panel could give, W. */
  #sun(at: EpochMs): number {
    const { latitude, longitude, panel, clouds } = this.#o;
    if (panel === 0) return 0;
    const middle = (Math.floor(at / SUN_STEP_MS) + 0.5) * SUN_STEP_MS;
    return (panel * (1 - clouds) * clearSunlight(middle, latitude, longitude)) / 1000;
  }

  /** One step of constant sun and load. */
  #step(hours: number, sun: number): void {
    const { capacity, efficiency } = this.#o;
    const offered = sun * hours;
    const wanted = this.#wanted * hours;
    if (offered >= wanted) {
      // Load first; of the rest what the battery can hold, of which it loses some.
      const room = capacity - this.#stored;
      const charging = Math.min(offered - wanted, room / efficiency);
      this.#stored = Math.min(capacity, this.#stored + charging * efficiency);
      this.#lost += charging * (1 - efficiency);
      this.#taken += wanted + charging;
      this.#unused += offered - wanted - charging;
      this.#delivered += wanted;
    } else {
      const drawn = Math.min(wanted - offered, this.#stored);
      this.#stored -= drawn;
      this.#taken += offered;
      this.#delivered += offered + drawn;
    }
  }
}
