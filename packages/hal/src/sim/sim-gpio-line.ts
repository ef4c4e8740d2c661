import type { Clock } from '@hyphae/core';
import type { Level } from '../gpio/gpio.js';

/** How the host has taken a line. */
export interface LineRequest {
  readonly direction: 'in' | 'out';
  readonly bias?: 'up' | 'down' | 'off' | undefined;
  readonly drive?: 'push-pull' | 'open-drain' | 'open-source' | undefined;
  /** Physical level driven from the moment of the request. */
  readonly level?: Level | undefined;
}

/**
 * One line of a simulated GPIO chip, seen from its wire. All levels here are physical: `activeLow` belongs to the claim.
 * The surroundings {@link drive} it, watch it with {@link onChange}, or break it with {@link stick}.
 */
export class SimGpioLine {
  readonly #pull: Level | undefined;
  readonly #listeners = new Set<(level: Level, atMs: number) => void>();
  #clock: Clock | undefined;
  #request: LineRequest | undefined;
  #driven: Level | undefined;
  #outside: Level | undefined;
  #stuck: Level | undefined;
  #source: (() => Level) | undefined;
  #looking = false;
  #level: Level;

  /** @param pull what a resistor outside the host does to the wire */
  constructor({ pull }: { readonly pull?: Level } = {}) {
    this.#pull = pull;
    this.#level = pull ?? 0;
  }

  /** The level on the wire. */
  get level(): Level {
    if (this.#source) this.refresh();
    return this.#level;
  }

  /** What the host uses it for. */
  get direction(): 'in' | 'out' | 'unused' {
    return this.#request?.direction ?? 'unused';
  }

  /** Puts a level on the wire from outside; `undefined` lets go of it. A push-pull output of the host wins. */
  drive(level: Level | undefined): void {
    this.#outside = level;
    this.#update();
  }

  /** Puts on the wire, from outside, what `source` says whenever somebody looks, and at every {@link refresh}. */
  follow(source: () => Level): void {
    this.#source = source;
  }

  /** Looks at the source, if there is one, so that a change becomes an edge. */
  refresh(): void {
    if (this.#source && !this.#looking) {
      // Looking may bring a plant up to the present, which asks for a refresh in its turn.
      this.#looking = true;
      this.#outside = this.#source();
      this.#looking = false;
      this.#update();
    }
  }

  /** Holds the wire at a level whatever anybody drives: a short circuit, a welded contact. `undefined` mends it. */
  stick(level: Level | undefined): void {
    this.#stuck = level;
    this.#update();
  }

  /** Calls `listener` at every change of the wire, until disposed. */
  onChange(listener: (level: Level, atMs: number) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** The host takes the line. For boards. */
  request(request: LineRequest): void {
    this.#request = request;
    this.#driven = request.level;
    this.#update();
  }

  /** The host sets the level of its output. For boards. */
  set(level: Level): void {
    this.#driven = level;
    this.#update();
  }

  /** The host lets go: the line is an input again, as with mainline kernels. For boards. */
  release(): void {
    this.#request = undefined;
    this.#driven = undefined;
    this.#update();
  }

  /** Gives the line the time of its board. For boards. */
  powerOn(clock: Clock): void {
    this.#clock = clock;
  }

  #update(): void {
    const level = this.#stuck ?? this.#hostLevel() ?? this.#outside ?? this.#bias() ?? this.#pull ?? 0;
    if (level === this.#level) return;
    this.#level = level;
    const atMs = this.#clock?.monotonic() ?? 0;
    for (const listener of this.#listeners) listener(level, atMs);
  }

  #hostLevel(): Level | undefined {
    if (this.#request?.direction !== 'out') return undefined;
    if (this.#request.drive === 'open-drain' && this.#driven === 1) return undefined;
    if (this.#request.drive === 'open-source' && this.#driven === 0) return undefined;
    return this.#driven;
  }

  #bias(): Level | undefined {
    const bias = this.#request?.bias;
    return bias === 'up' ? 1 : bias === 'down' ? 0 : undefined;
  }
}
