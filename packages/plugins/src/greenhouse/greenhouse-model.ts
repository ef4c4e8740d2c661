import { type EpochMs, PluginInvalidError, type Random } from '@hyphae/core';
import type { Plant } from '@hyphae/hal/sim';
import { firstOrder } from './first-order.js';
import { saturatedVapour } from './moist-air.js';
import type { GreenhouseOptions } from './options.js';
import { stepTwoMasses, type TwoMasses } from './two-masses.js';
import { Weather } from './weather.js';

/** Longest step of the integration, s. */
const STEP_S = 10;

// Air and water
const AIR_HEAT = 1.2 * 1005; // J/(m³·K), at 20 °C and sea level
const AIR_MOLES = 41.6; // mol/m³, likewise
const EVAPORATION_HEAT = 2.45e6; // J/kg

// Soil
const SOIL_HEAT = 2.0e6; // J/(m³·K), moist loam
const SOIL_WATER = 400; // kg/m³ of water when every pore is full
const FIELD_CAPACITY = 0.7; // share of the pores above which water drains
const DRAINAGE_S = 7_200;
const WILTING = 0.15; // share of the pores below which plants close their stomata
const GROUND_LOSS = 1; // W/(m²·K) into the ground below

// Light
const SUN_LUMENS = 110; // lm/W of daylight
const SUN_PHOTONS = 2.06; // µmol/J of daylight that plants can use
const LAMP_LUMENS = 150; // lm/W, white LED
const LAMP_PHOTONS = 2.3; // µmol/J
const SUN_SHARE_AIR = 0.4; // of the radiation that enters, what warms the air by way of leaves and structure
const SUN_SHARE_SOIL = 0.3;
const SUN_SHARE_LEAVES = 0.3; // turned into vapour

// Plants, per m² of a full stand
const CONDUCTANCE_DARK = 0.0003; // m/s for water vapour
const CONDUCTANCE_LIT = 0.003;
const HALF_LIGHT = 300; // µmol/(m²·s) of light at half of what is possible
const ASSIMILATION = 15; // µmol/(m²·s) of CO2 at full light and in outside air
const COMPENSATION = 50; // [ppm] at which uptake ends
const CO2_REFERENCE = 420; // [ppm] of the figure above
const RESPIRATION = 2; // µmol/(m²·s) at 20 °C, doubling every 10 K

/** Transfer of vapour to the inside of the cover, m/s. */
const COVER_TRANSFER = 0.003;
/** Where the inside of the cover lies between outside (0) and inside (1). */
const COVER_SHARE = 0.35;

type Actuator = 'heater' | 'fan' | 'lamp' | 'irrigation';

/** The state and the equations of the greenhouse. What is what, with units, is in the README. */
export class GreenhouseModel implements Plant {
  readonly #o: GreenhouseOptions;
  readonly #weather: Weather;
  readonly #volume: number;
  readonly #cover: number;
  readonly #pores: number;
  readonly #actuators: Record<Actuator, number> = { heater: 0, fan: 0, lamp: 0, irrigation: 0 };
  #at: EpochMs;
  #air: number;
  #soil: number;
  /** kg/m³ */
  #vapour: number;
  /** [ppm] */
  #co2: number;
  /** kg */
  #water: number;

  constructor(options: GreenhouseOptions, random: Random, start: EpochMs) {
    this.#o = options;
    this.#weather = new Weather(options, random);
    this.#volume = options.floor * options.height;
    // Walls around a square floor, and a roof a tenth larger than it.
    this.#cover = 4 * Math.sqrt(options.floor) * options.height + 1.1 * options.floor;
    this.#pores = options.floor * options.soilDepth * SOIL_WATER;
    this.#at = start;
    this.#air = options.startTemperature;
    this.#soil = options.startTemperature;
    this.#vapour = (saturatedVapour(this.#air) * options.startHumidity) / 100;
    this.#co2 = options.outsideCo2;
    this.#water = (this.#pores * options.startMoisture) / 100;
  }

  advance(dtMs: number, at: EpochMs): void {
    this.#at = at;
    if (!(dtMs > 0)) return;
    let time = at - dtMs;
    for (let left = dtMs / 1000; left > 0; left -= STEP_S) {
      const seconds = Math.min(STEP_S, left);
      this.#step(seconds, time + seconds * 500);
      time += seconds * 1000;
    }
  }

  read(variable: string): number {
    switch (variable) {
      case 'air/temperature':
        return this.#air;
      case 'air/humidity':
        return Math.min(100, (100 * this.#vapour) / saturatedVapour(this.#air));
      case 'air/pressure':
        return this.#weather.pressure(this.#at);
      case 'air/co2':
        return this.#co2;
      case 'air/light':
        return (
          this.#weather.radiation(this.#at) * this.#o.transmittance * SUN_LUMENS +
          (this.#actuators.lamp * this.#o.lamp * LAMP_LUMENS) / this.#o.floor
        );
      case 'soil/temperature':
        return this.#soil;
      case 'soil/moisture':
        return Math.min(100, (100 * this.#water) / this.#pores);
      case 'outside/temperature':
        return this.#weather.temperature(this.#at);
      default:
        throw new PluginInvalidError({ plugin: 'greenhouse', why: `it has no variable ${variable}` });
    }
  }

  drive(actuator: string, value: number): void {
    if (!Object.hasOwn(this.#actuators, actuator)) {
      throw new PluginInvalidError({ plugin: 'greenhouse', why: `it has no actuator ${actuator}` });
    }
    // The line above makes it one of the keys. What is not a number switches off.
    this.#actuators[actuator as Actuator] = value > 0 ? Math.min(1, value) : 0;
  }

  /** One step of at most ten seconds: water, CO2 and heat in turn, each solved exactly with the others held. */
  #step(seconds: number, middle: EpochMs): void {
    const { floor, transmittance, infiltration, plants, outsideCo2, groundTemperature, soilCoupling } = this.#o;
    const { heater, fan, lamp } = this.#actuators;
    const outside = this.#weather.temperature(middle);
    const sun = this.#weather.radiation(middle) * transmittance; // W/m²
    const photons = sun * SUN_PHOTONS + (lamp * this.#o.lamp * LAMP_PHOTONS) / floor; // µmol/(m²·s)
    const lit = photons / (photons + HALF_LIGHT);
    const exchange = (infiltration / 3600) * this.#volume + fan * this.#o.fan; // m³/s

    const evaporated = this.#stepWater(seconds, outside, this.#weather.vapour(middle, outside), sun, lit, exchange);

    const perPpm = this.#volume * AIR_MOLES; // µmol of CO2 in 1 ppm
    const stand = floor * plants;
    const uptake = (stand * ASSIMILATION * lit) / (CO2_REFERENCE - COMPENSATION) / perPpm; // per ppm above compensation, 1/s
    const breath = (stand * RESPIRATION * 2 ** ((Math.min(this.#air, 45) - 20) / 10)) / perPpm; // ppm/s
    const renewal = exchange / this.#volume; // 1/s
    const gain = breath + uptake * COMPENSATION + renewal * outsideCo2;
    this.#co2 = firstOrder(this.#co2, gain, uptake + renewal, seconds).end;

    const airLoss = this.#cover * this.#o.insulation + exchange * AIR_HEAT;
    const groundLoss = GROUND_LOSS * floor;
    const masses: TwoMasses = {
      capacity: [this.#volume * AIR_HEAT * (1 + this.#o.furnishing), floor * this.#o.soilDepth * SOIL_HEAT],
      coupling: soilCoupling * floor,
      loss: [airLoss, groundLoss],
    };
    // Light that leaves did not turn into vapour has warmed them, and they the air.
    const power =
      heater * this.#o.heater +
      lamp * this.#o.lamp +
      sun * floor * (SUN_SHARE_AIR + SUN_SHARE_LEAVES) -
      (evaporated / seconds) * EVAPORATION_HEAT;
    [this.#air, this.#soil] = stepTwoMasses(
      masses,
      [this.#air, this.#soil],
      [airLoss * outside + power, groundLoss * groundTemperature + sun * floor * SUN_SHARE_SOIL],
      seconds,
    );

    // Air that has become too cold for its vapour rains on the soil.
    const saturated = saturatedVapour(this.#air);
    if (this.#vapour > saturated) {
      this.#water += (this.#vapour - saturated) * this.#volume;
      this.#vapour = saturated;
    }
    this.#water = Math.min(this.#pores, this.#water);
  }

  /** Moves water between soil, air, cover and outside. Returns the kg that evaporated. */
  #stepWater(
    seconds: number,
    outside: number,
    outsideVapour: number,
    sun: number,
    lit: number,
    exchange: number,
  ): number {
    const { floor, plants } = this.#o;
    const moist = Math.min(1, this.#water / this.#pores / WILTING);
    const stand = floor * plants * moist;
    const conductance = stand * (CONDUCTANCE_DARK + (CONDUCTANCE_LIT - CONDUCTANCE_DARK) * lit); // m³/s
    const saturated = saturatedVapour(this.#air);
    // Leaves lose water in proportion to the deficit, and none where there is none.
    const open = this.#vapour < saturated ? conductance : 0;
    const byLight = open > 0 ? (stand * sun * SUN_SHARE_LEAVES) / EVAPORATION_HEAT : 0; // kg/s
    const dewy = saturatedVapour(outside + COVER_SHARE * (this.#air - outside));
    const condensing = this.#vapour > dewy ? this.#cover * COVER_TRANSFER : 0; // m³/s

    const gain = (byLight + open * saturated + exchange * outsideVapour + condensing * dewy) / this.#volume;
    const rate = (open + exchange + condensing) / this.#volume;
    const { end, mean } = firstOrder(this.#vapour, gain, rate, seconds);
    this.#vapour = end;

    // The mean closes the balance: what left the soil is in the air, on the cover or outside.
    const evaporated = (byLight + open * (saturated - mean)) * seconds;
    const condensed = condensing * (mean - dewy) * seconds; // runs down and back into the soil
    const watered = ((this.#actuators.irrigation * this.#o.irrigation) / 60) * seconds;
    this.#water += watered + condensed - evaporated;
    const surplus = this.#water - FIELD_CAPACITY * this.#pores;
    if (surplus > 0) this.#water += surplus * Math.expm1(-seconds / DRAINAGE_S);
    if (this.#water < 0) this.#water = 0;
    return evaporated;
  }
}
