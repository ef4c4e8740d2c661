import type { Clock } from '@hyphae/core';
import type { I2cSegment } from '@hyphae/hal';
import { defineChip, RegisterChip, type Surroundings } from '@hyphae/hal/sim';
import { fineTemperature } from './integer-compensation.js';
import { aside, rawHumidity, rawPressure, rawTemperature } from './raw-readings.js';
import { highRegisters, lowRegisters, type Trimming, TYPICAL_TRIMMING } from './trimming.js';

export { TYPICAL_TRIMMING } from './trimming.js';
export type { Trimming } from './trimming.js';

const ID = 0xd0;
const RESET = 0xe0;
const RESET_WORD = 0xb6;
const CTRL_HUM = 0xf2;
const STATUS = 0xf3;
const CTRL_MEAS = 0xf4;
const CONFIG = 0xf5;
const DATA = 0xf7;
/** Data registers before the first measurement (§5.4.7 to §5.4.9). */
const NO_DATA = [0x80, 0x00, 0x00, 0x80, 0x00, 0x00, 0x80, 0x00];
const SKIPPED_20_BIT = 0x80000;
const SKIPPED_16_BIT = 0x8000;
const OVERSAMPLING = [0, 1, 2, 4, 8, 16, 16, 16] as const;
const FILTER = [1, 2, 4, 8, 16, 16, 16, 16] as const;
/** A slow chip: it takes the longest the datasheet allows (§1.1 and §9.1), in ms. */
const STARTUP_MS = 2;
const MEASUREMENT_MS = { base: 1.25, each: 2.3, settling: 0.575 };

/** The air around the chip, in °C, %RH and hPa. Getters are read at each conversion, so that a plant can move it. */
export type SimAir = Surroundings<'temperature' | 'humidity' | 'pressure'>;

/** How one simulated chip differs from another. */
export interface Bme280SimOptions {
  readonly trimming?: Trimming;
  /** What its identity register answers. Default 0x60. */
  readonly id?: number;
}

/**
 * A BME280 in air you choose (BST-BME280-DS002): registers, forced mode, oversampling with its times and resolution, IIR filter,
 * soft reset. It measures only when told to, takes the longest the datasheet allows over it, and has no noise. Normal mode is
 * not simulated: the chip then stays asleep.
 */
export class Bme280Sim extends RegisterChip {
  /** Replace it, or change what it holds. */
  air: SimAir;
  readonly #trimming: Trimming;
  readonly #id: number;
  /** The humidity oversampling in force: ctrl_hum is taken over when ctrl_meas is written (§5.4.3). */
  #humidityTimes: number = 0;
  /** Memory of the IIR filter (§3.4.4). */
  #filtered: { temperature: number; pressure: number } | undefined;
  #starting = false;

  constructor(air: SimAir, { trimming = TYPICAL_TRIMMING, id = 0x60 }: Bme280SimOptions = {}) {
    super();
    this.air = air;
    this.#trimming = trimming;
    this.#id = id;
    this.#forget();
  }

  override powerOn(clock: Clock): void {
    super.powerOn(clock);
    this.#forget();
  }

  /** True while it measures. */
  get measuring(): boolean {
    return this.converting && !this.#starting;
  }

  /** Takes the supply away for a moment: the chip forgets its settings and the measurement in progress. */
  brownOut(): void {
    this.abortConversion();
    this.#forget();
  }

  /** Writes come as pairs of register and value, without increment; reads do increment (§6.2). */
  override transfer(segments: readonly I2cSegment[]): Uint8Array[] | undefined {
    return super.transfer(segments.flatMap((segment) => ('write' in segment ? pairs(segment.write) : [segment])));
  }

  protected override write(register: number, value: number): void {
    if (register === RESET && value === RESET_WORD) this.#reset();
    else if (register === CTRL_HUM && this.#hasHumidity) super.write(register, value & 0b111);
    else if (register === CONFIG) super.write(register, value);
    else if (register === CTRL_MEAS && !this.#starting) super.write(register, value);
    // Everything else is read-only.
  }

  protected override onWrite(register: number, value: number): void {
    if (register !== CTRL_MEAS) return;
    this.#humidityTimes = times(this.registers[CTRL_HUM]);
    const mode = value & 0b11;
    if (mode === 0b01 || mode === 0b10) this.convert(this.#measurementMs(), () => this.#finish());
  }

  protected override onRead(register: number): number {
    if (register !== STATUS) return super.onRead(register);
    return this.converting ? (this.#starting ? 0b0001 : 0b1000) : 0;
  }

  get #hasHumidity(): boolean {
    return this.#id === 0x60;
  }

  #forget(): void {
    this.registers.fill(0);
    this.registers[ID] = this.#id;
    this.registers.set(lowRegisters(this.#trimming), 0x88);
    if (this.#hasHumidity) this.registers.set(highRegisters(this.#trimming), 0xe1);
    else this.registers.fill(0, 0xa0, 0xa2);
    this.registers.set(this.#hasHumidity ? NO_DATA : NO_DATA.slice(0, 6), DATA);
    this.#humidityTimes = 0;
    this.#filtered = undefined;
    this.#starting = false;
  }

  #reset(): void {
    this.#forget();
    this.#starting = true;
    this.convert(STARTUP_MS, () => (this.#starting = false));
  }

  get #temperatureTimes(): number {
    return times((this.registers[CTRL_MEAS] ?? 0) >> 5);
  }

  get #pressureTimes(): number {
    return times((this.registers[CTRL_MEAS] ?? 0) >> 2);
  }

  #measurementMs(): number {
    const { base, each, settling } = MEASUREMENT_MS;
    const others = [this.#pressureTimes, this.#humidityTimes].filter((count) => count > 0);
    return base + each * this.#temperatureTimes + others.reduce((sum, count) => sum + each * count + settling, 0);
  }

  #finish(): void {
    this.registers[CTRL_MEAS] = (this.registers[CTRL_MEAS] ?? 0) & ~0b11; // back to sleep (§3.3.3)
    const { temperature, humidity, pressure } = this.air;
    const [t, p, h] = [this.#temperatureTimes, this.#pressureTimes, this.#humidityTimes];
    const wanted = rawTemperature(temperature, this.#trimming);
    const fine = fineTemperature(wanted, this.#trimming);
    const measured = { temperature: wanted, pressure: p === 0 ? 0 : rawPressure(pressure, fine, this.#trimming) };
    const { temperature: rawT, pressure: rawP } = this.#filter(measured);
    this.#store20(DATA, p === 0 ? SKIPPED_20_BIT : this.#resolve(rawP, p));
    this.#store20(DATA + 3, t === 0 ? SKIPPED_20_BIT : this.#resolve(rawT, t));
    if (!this.#hasHumidity) return;
    const rawH = h === 0 ? SKIPPED_16_BIT : aside(rawHumidity(humidity, fine, this.#trimming), SKIPPED_16_BIT, 1);
    this.registers.set([rawH >> 8, rawH & 0xff], DATA + 6);
  }

  /** The IIR filter works on what the converter gives; the first measurement fills its memory (§3.4.4). */
  #filter(measured: { temperature: number; pressure: number }): { temperature: number; pressure: number } {
    const coefficient = this.#filterCoefficient;
    const before = this.#filtered;
    if (coefficient === 1 || !before) return (this.#filtered = measured);
    const blend = (old: number, now: number) => Math.round((old * (coefficient - 1) + now) / coefficient);
    return (this.#filtered = {
      temperature: blend(before.temperature, measured.temperature),
      pressure: blend(before.pressure, measured.pressure),
    });
  }

  get #filterCoefficient(): number {
    return FILTER[((this.registers[CONFIG] ?? 0) >> 2) & 0b111] ?? 1;
  }

  /** 16 bits and one more for each doubling of the oversampling; 20 bits with the filter on (§3.4.2 and §3.4.3). */
  #resolve(raw: number, count: number): number {
    const bits = this.#filterCoefficient > 1 ? 20 : 16 + Math.log2(count);
    const step = 2 ** (20 - bits);
    return aside(Math.min(Math.round(raw / step) * step, 2 ** 20 - step), SKIPPED_20_BIT, step);
  }

  #store20(register: number, raw: number): void {
    this.registers.set([raw >> 12, (raw >> 4) & 0xff, (raw << 4) & 0xff], register);
  }
}

/** A BMP280 in air you choose (BST-BMP280-DS001): a BME280 without humidity. */
export class Bmp280Sim extends Bme280Sim {
  constructor(
    air: Surroundings<'temperature' | 'pressure'>,
    { trimming = TYPICAL_TRIMMING, id = 0x58 }: Bme280SimOptions = {},
  ) {
    super(withoutHumidity(air), { trimming, id });
  }
}

/** Follows `air`, whose values may be getters. */
function withoutHumidity(air: Surroundings<'temperature' | 'pressure'>): SimAir {
  return {
    get temperature() {
      return air.temperature;
    },
    humidity: 0,
    get pressure() {
      return air.pressure;
    },
  };
}

/** A BME280 for configurations of simulated boards. */
export const bme280Chip = defineChip({
  id: 'bme280',
  bus: 'i2c',
  feels: { temperature: 'Cel', humidity: '%', pressure: 'hPa' },
  create: ({ surroundings }) => new Bme280Sim(surroundings),
});

/** A BMP280 for configurations of simulated boards. */
export const bmp280Chip = defineChip({
  id: 'bmp280',
  bus: 'i2c',
  feels: { temperature: 'Cel', pressure: 'hPa' },
  create: ({ surroundings }) => new Bmp280Sim(surroundings),
});

function pairs(bytes: Uint8Array): I2cSegment[] {
  const segments: I2cSegment[] = [];
  for (let i = 0; i < bytes.length; i += 2) segments.push({ write: bytes.subarray(i, i + 2) });
  return segments;
}

function times(code = 0): number {
  return OVERSAMPLING[code & 0b111] ?? 0;
}
