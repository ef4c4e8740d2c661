import type { Clock } from '@hyphae/core';
import { CommandChip, defineChip, type Surroundings } from '@hyphae/hal/sim';

// Commands (Datasheet SHT3x-DIS §4.3 and §4.5 to §4.11).
const BREAK = 0x3093;
const SOFT_RESET = 0x30a2;
const HEATER_ON = 0x306d;
const HEATER_OFF = 0x3066;
const READ_STATUS = 0xf32d;
const CLEAR_STATUS = 0x3041;
const FETCH = 0xe000;
/** Single shot without clock stretching, and the time of a slow chip on a low supply (§2.2, table 5), in ms. */
const SINGLE_SHOT: ReadonlyMap<number, number> = new Map([
  [0x2400, 15.5],
  [0x240b, 6.5],
  [0x2416, 4.5],
]);

// Bits of the status register (table 18).
const ALERT = 0x8000;
const HEATER = 0x2000;
const RESET_SEEN = 0x0010;
const COMMAND_REFUSED = 0x0002;
const CLEARABLE = 0x8c10;

/** After a soft reset or a break (§2.2, table 4), in ms. */
const RESET_MS = 1.5;
/** No command is taken for so long after another (§4.8), in ms. */
const PAUSE_MS = 1;
/** The heater makes the chip "a few degrees" warmer than the air (§4.10). */
const HEATER_CELSIUS = 3;

/** The air around the chip, in °C and %RH. Getters are read at each measurement, so that a plant can move it. */
export type SimAir = Surroundings<'temperature' | 'humidity'>;

/**
 * An SHT3x in air you choose (Datasheet SHT3x-DIS): single shots without clock stretching, checksums, status, heater, soft reset.
 * It does not acknowledge while it measures, nor a command that comes too soon after another. It takes the longest the datasheet
 * allows, and has no noise.
 */
export class Sht3xSim extends CommandChip {
  /** Replace it, or change what it holds. */
  air: SimAir;
  #status = ALERT | RESET_SEEN;
  #periodic = false;
  #quietUntilMs = -Infinity;

  constructor(air: SimAir) {
    super();
    this.air = air;
  }

  override powerOn(clock: Clock): void {
    super.powerOn(clock);
    this.#forget();
  }

  /** Takes the supply away for a moment: the chip forgets its state and the measurement in progress. */
  brownOut(): void {
    this.stopWork();
    this.#forget();
  }

  /** As another program may have left it: measuring by itself, deaf to anything but a break (§4.5 and §4.8). */
  measurePeriodically(): void {
    this.#periodic = true;
  }

  /** True while the heater is on. */
  get heating(): boolean {
    return (this.#status & HEATER) !== 0;
  }

  /** Switches the heater on, as another program may have left it. */
  heat(): void {
    this.#status |= HEATER;
  }

  protected override acknowledges(direction: 'read' | 'write'): boolean {
    if (this.busy) return false;
    return direction === 'read' || this.nowMs >= this.#quietUntilMs;
  }

  protected override onCommand(command: number): void {
    this.#quietUntilMs = this.nowMs + PAUSE_MS;
    this.clearAnswer();
    if (command === READ_STATUS) return this.answer(this.#status); // of the command before
    this.#status &= ~COMMAND_REFUSED;
    const measurementMs = SINGLE_SHOT.get(command);
    if (this.#periodic && command !== BREAK && command !== FETCH) this.#status |= COMMAND_REFUSED;
    else if (measurementMs !== undefined) this.work(measurementMs, () => this.answer(...this.#measure()));
    else if (command === BREAK) this.#break();
    else if (command === SOFT_RESET) this.#reset();
    else if (command === HEATER_ON) this.#status |= HEATER;
    else if (command === HEATER_OFF) this.#status &= ~HEATER;
    else if (command === CLEAR_STATUS) this.#status &= ~CLEARABLE;
    else if (command === FETCH && this.#periodic) this.answer(...this.#measure());
    else this.#status |= COMMAND_REFUSED;
  }

  #forget(): void {
    this.clearAnswer();
    this.#status = ALERT | RESET_SEEN;
    this.#periodic = false;
    this.#quietUntilMs = -Infinity;
  }

  #reset(): void {
    this.#forget();
    this.work(RESET_MS);
  }

  #break(): void {
    this.#periodic = false;
    this.work(PAUSE_MS);
  }

  #measure(): [temperature: number, humidity: number] {
    const { temperature, humidity } = this.air;
    const felt = this.heating ? temperature + HEATER_CELSIUS : temperature;
    return [word((felt + 45) / 175), word(humidity / 100)];
  }
}

/** An SHT3x for configurations of simulated boards. */
export const sht3xChip = defineChip({
  id: 'sht3x',
  bus: 'i2c',
  feels: { temperature: 'Cel', humidity: '%' },
  create: ({ surroundings }) => new Sht3xSim(surroundings),
});

/** A fraction of the full scale as the 16-bit word of the chip (§4.13, the other way round). */
function word(fraction: number): number {
  return Math.round(Math.min(Math.max(fraction, 0), 1) * (2 ** 16 - 1));
}
