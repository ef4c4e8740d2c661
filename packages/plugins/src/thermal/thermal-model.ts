import { type EpochMs, PluginInvalidError } from '@hyphae/core';
import type { Plant } from '@hyphae/hal/sim';
import { type DailyResponse, dailyResponse } from './daily-response.js';
import { DelayLine } from './delay-line.js';
import type { ThermalOptions } from './options.js';
import { stepThermalBody, type ThermalBody } from './thermal-body.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Coldest there is, Cel: a cooler of constant power knows no other end. */
const ABSOLUTE_ZERO = -273.15;
/** Heat capacity below which an element counts as following at once, J/K. */
const LEAST_ELEMENT = 0.001;

type Actuator = 'heater' | 'cooler';

/** The state and the equations of the thermal mass. What is what, with units, is in the README. */
export class ThermalModel implements Plant {
  readonly #o: ThermalOptions;
  readonly #parts: ThermalBody;
  readonly #daily: DailyResponse;
  readonly #drives: Readonly<Record<Actuator, DelayLine>>;
  /** Time that has passed: what waits for its effect does not care about the wall clock. */
  #elapsedMs = 0;
  #at: EpochMs;
  #body: number;
  #element: number;

  constructor(options: ThermalOptions, start: EpochMs) {
    const element = options.elementHeatCapacity * 1000;
    this.#o = options;
    this.#parts = {
      capacity: options.heatCapacity * 1000,
      loss: options.loss,
      elementCapacity: element < LEAST_ELEMENT ? 0 : element,
      coupling: options.elementCoupling,
    };
    this.#daily = dailyResponse(this.#parts);
    this.#drives = { heater: new DelayLine(options.deadTime * 1000), cooler: new DelayLine(options.deadTime * 1000) };
    this.#at = start;
    this.#body = options.startTemperature;
    this.#element = options.startTemperature;
  }

  advance(dtMs: number, at: EpochMs): void {
    this.#at = at;
    if (!(dtMs > 0)) return;
    const { heater, cooler } = this.#drives;
    const end = this.#elapsedMs + dtMs;
    while (this.#elapsedMs < end) {
      const next = Math.min(end, heater.nextMs, cooler.nextMs);
      this.#step(next - this.#elapsedMs, at - (end - next));
      this.#elapsedMs = next;
      heater.passTo(next);
      cooler.passTo(next);
    }
  }

  read(variable: string): number {
    switch (variable) {
      case 'body/temperature':
        return this.#body;
      case 'element/temperature':
        // An element without heat capacity is as much hotter than the body as its power needs to flow off.
        return this.#parts.elementCapacity > 0 ? this.#element : this.#body + this.#heating / this.#parts.coupling;
      case 'ambient/temperature':
        return this.#o.ambient + this.#o.ambientDaily * Math.cos(this.#phase(this.#at));
      default:
        throw new PluginInvalidError({ plugin: 'thermal', why: `it has no variable ${variable}` });
    }
  }

  drive(actuator: string, value: number): void {
    if (!Object.hasOwn(this.#drives, actuator)) {
      throw new PluginInvalidError({ plugin: 'thermal', why: `it has no actuator ${actuator}` });
    }
    // The line above makes it one of the keys. What is not a number switches off.
    this.#drives[actuator as Actuator].push(this.#elapsedMs, value > 0 ? Math.min(1, value) : 0);
  }

  get #heating(): number {
    return this.#drives.heater.value * this.#o.heater;
  }

  /** One step with powers that do not change, ending at wall-clock time `at`. */
  #step(dtMs: number, at: EpochMs): void {
    const { ambient, ambientDaily } = this.#o;
    const { body, element } = this.#daily;
    const [before, after] = [this.#phase(at - dtMs), this.#phase(at)];
    const swing = ([cos, sin]: readonly [number, number], phase: number) =>
      ambient + ambientDaily * (cos * Math.cos(phase) + sin * Math.sin(phase));
    // The equations are linear: what differs from the lasting swing of the day goes its way as if the surroundings stood still.
    const [bodyEnd, elementEnd] = stepThermalBody(
      this.#parts,
      [this.#body - swing(body, before), this.#element - swing(element, before)],
      -this.#drives.cooler.value * this.#o.cooler,
      this.#heating,
      dtMs / 1000,
    );
    this.#body = Math.max(ABSOLUTE_ZERO, swing(body, after) + bodyEnd);
    this.#element = Math.max(ABSOLUTE_ZERO, swing(element, after) + elementEnd);
  }

  /** Angle of the day: 0 at its warmest. */
  #phase(at: EpochMs): number {
    return ((2 * Math.PI) / DAY_MS) * ((at - this.#o.ambientWarmest * HOUR_MS) % DAY_MS);
  }
}
