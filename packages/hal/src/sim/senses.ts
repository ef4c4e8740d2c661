import { ResourceMissingError } from '@hyphae/core';

/** What a fault makes of what is really there. */
export type Distortion = (value: number) => number;

/**
 * What chips make of their surroundings when they are broken: a sensor element that is frozen, drifts or jumps, behind an interface
 * that works. Between the world and the registers, so that drivers see it as they would.
 */
export class Senses {
  readonly #distortions = new Map<string, Distortion[]>();

  /** @param quantities what each device feels, by its name on the board */
  constructor(readonly quantities: ReadonlyMap<string, readonly string[]>) {}

  /**
   * From now on `device` feels what `distortion` makes of the quantity, until disposed. Several follow one another in order.
   *
   * @throws HYP_RESOURCE_MISSING
   */
  distort(device: string, quantity: string, distortion: Distortion): Disposable {
    const offered = this.quantities.get(device) ?? [];
    if (!offered.includes(quantity))
      throw new ResourceMissingError({ kind: 'quantity', resource: `${device} ${quantity}`, offered: [...offered] });
    const key = `${device} ${quantity}`;
    const list = this.#distortions.get(key) ?? [];
    this.#distortions.set(key, [...list, distortion]);
    return {
      [Symbol.dispose]: () => {
        const left = (this.#distortions.get(key) ?? []).filter((each) => each !== distortion);
        if (left.length > 0) this.#distortions.set(key, left);
        else this.#distortions.delete(key);
      },
    };
  }

  /** What the device feels where `value` is there. */
  feel(device: string, quantity: string, value: number): number {
    const list = this.#distortions.get(`${device} ${quantity}`);
    return list ? list.reduce((felt, distortion) => distortion(felt), value) : value;
  }
}
