import type { Clock } from '../time/clock.js';
import type { OutputDevice } from './output-device.js';

const EVERY_MS = 60_000;

/** What a {@link ReadBack} compares. */
export interface ReadBackParts {
  readonly id: string;
  readonly device: OutputDevice;
  readonly clock: Clock;
  /** A mark of where the device was told to be and is at rest; `undefined` while it is not. */
  readonly resting: () => object | undefined;
  /** The device says so; nothing has moved since it was asked. */
  readonly found: (value: number) => void;
}

/**
 * Reads a device at rest once a minute, where its driver can: it may have lost its power, or have been moved by hand. A reading
 * that fails is left to the next command to find out about.
 */
export class ReadBack implements Disposable {
  #timer: Disposable | undefined;
  #over = false;

  constructor(private readonly parts: ReadBackParts) {
    if (parts.device.readable) this.#arm();
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#timer?.[Symbol.dispose]();
  }

  #arm(): void {
    const { clock, id } = this.parts;
    this.#timer = clock.timer(`read-back of ${id}`, EVERY_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { device, resting, found } = this.parts;
    const before = resting();
    const value = before && (await device.read().catch(() => undefined));
    if (this.#over) return;
    if (value !== undefined && resting() === before) found(value);
    this.#arm();
  }
}
