import { type Clock, type Duration, toMs } from '@hyphae/core';
import { defineChip, type SimSerialDevice, type Surroundings } from '@hyphae/hal/sim';

/** What the sensor feels, in [ppm]. */
export type Mhz19Surroundings = Surroundings<'co2'>;

/** How the simulated sensor is set when it is switched on. */
export interface Mhz19SimOptions {
  /** How long after power-on it repeats 410 ppm. Default 0: it has been on for long. */
  readonly preheat?: Duration;
  /** An MH-Z19 before the B does not answer questions about its settings. Default `mhz19b`. */
  readonly model?: 'mhz19' | 'mhz19b';
}

/** Nine bytes there and nine back at 9600 baud, and the sensor's own time, ms. */
const ANSWER_MS = 30;

/** An MH-Z19B at the other end of a serial line: it answers by bytes and keeps its settings. */
export class Mhz19Sim implements SimSerialDevice {
  /** What it feels. A test may put other surroundings in its place, or mutable ones. */
  surroundings: Mhz19Surroundings;
  /** Automatic baseline correction; on when it leaves the factory. */
  selfCalibration: 'on' | 'off' = 'on';
  /** Measuring range, ppm. */
  range = 5000;
  /** Times a setting was written to its flash memory. */
  settingsWritten = 0;
  /** This many answers to come have one bit of their data flipped. */
  corrupt = 0;
  /** Bytes put on the line in front of the next answer. */
  noise: readonly number[] = [];
  readonly #preheatMs: number;
  readonly #model: 'mhz19' | 'mhz19b';
  #inbox: number[] = [];
  #power: { readonly clock: Clock; readonly send: (bytes: Uint8Array) => void; readonly since: number } | undefined;
  #present = true;
  readonly #answering = new Set<Disposable>();

  constructor(surroundings: Mhz19Surroundings, { preheat = 0, model = 'mhz19b' }: Mhz19SimOptions = {}) {
    this.surroundings = surroundings;
    this.#preheatMs = toMs(preheat);
    this.#model = model;
  }

  /** Cuts the wires: it hears and says nothing. */
  unplug(): void {
    this.#present = false;
    this.#hush();
  }

  plug(): void {
    this.#present = true;
  }

  powerOn(clock: Clock, send: (bytes: Uint8Array) => void): void {
    this.#power = { clock, send, since: clock.monotonic() };
  }

  powerOff(): void {
    this.#power = undefined;
    this.#hush();
  }

  receive(bytes: Uint8Array): void {
    if (!this.#power || !this.#present) return;
    this.#inbox.push(...bytes);
    while (this.#inbox.length >= 9) {
      if (this.#inbox[0] !== 0xff || this.#inbox[1] !== 0x01) this.#inbox.shift();
      else this.#obey(this.#inbox.splice(0, 9));
    }
  }

  #obey(frame: readonly number[]): void {
    const sum = frame.slice(1).reduce((total, byte) => total + byte, 0);
    if (sum % 256 !== 0) return; // data and checksum add up to nothing, or the frame is ignored
    const [, , command, byte3 = 0, , , byte6 = 0, byte7 = 0] = frame;
    if (command === 0x86) {
      const ppm = this.#reading();
      this.#answer(0x86, [ppm >> 8, ppm & 0xff, 65, 0, 0, 0]);
    } else if (command === 0x79) {
      this.selfCalibration = byte3 === 0xa0 ? 'on' : 'off';
      this.settingsWritten++;
      this.#answer(0x79, [1, 0, 0, 0, 0, 0]);
    } else if (command === 0x99) {
      this.range = byte6 * 256 + byte7;
      this.settingsWritten++;
      this.#answer(0x99, [1, 0, 0, 0, 0, 0]);
    } else if (command === 0x7d && this.#model === 'mhz19b') {
      this.#answer(0x7d, [0, 0, 0, 0, 0, this.selfCalibration === 'on' ? 1 : 0]);
    } else if (command === 0x9b && this.#model === 'mhz19b') {
      this.#answer(0x9b, [0, 0, this.range >> 8, this.range & 0xff, 0, 0]);
    }
  }

  #reading(): number {
    if (!this.#power || this.#power.clock.monotonic() < this.#power.since + this.#preheatMs) return 410;
    return Math.round(Math.min(this.range, Math.max(0, this.surroundings.co2)));
  }

  #answer(command: number, data: readonly number[]): void {
    const power = this.#power;
    if (!power) return;
    const frame = Uint8Array.from([0xff, command, ...data, 0]);
    frame[8] = 256 - (frame.subarray(1, 8).reduce((total, byte) => total + byte, 0) % 256);
    if (this.corrupt > 0) {
      this.corrupt--;
      frame[3] = (frame[3] ?? 0) ^ 0x10;
    }
    const bytes = Uint8Array.from([...this.noise, ...frame]);
    this.noise = [];
    const timer = power.clock.timer('mhz19 answer', ANSWER_MS, () => {
      this.#answering.delete(timer);
      power.send(bytes);
    });
    this.#answering.add(timer);
  }

  #hush(): void {
    this.#inbox = [];
    for (const timer of this.#answering) timer[Symbol.dispose]();
    this.#answering.clear();
  }
}

/** The sensor for configurations: `/dev/ttyS0: { chip: mhz19, feels: air }`. */
export const mhz19Chip = defineChip({
  id: 'mhz19',
  bus: 'serial',
  feels: { co2: '[ppm]' },
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      preheat: {
        type: ['string', 'number'],
        pattern: '^\\d+(\\.\\d+)?\\s*(ms|s|min|h|d)$',
        minimum: 0,
        default: 0,
        description: 'How long after power-on it repeats 410 ppm.',
      },
      model: { enum: ['mhz19', 'mhz19b'], default: 'mhz19b' },
    },
  },
  create: ({ surroundings, options: { preheat, model } }) =>
    // FromSchema does not read a list of types; the schema has checked it.
    new Mhz19Sim(surroundings, { preheat: toMs(preheat), model }),
});
