/**
 * What a plugin asks for. `Handle` is the type it receives; the rest is plain data for the host to arbitrate and show.
 * A new kind of resource is a function that returns a `Need`, and a board that can open it.
 */
export interface Need<Handle = unknown> {
  /** The family of resources: `i2c`, `gpio`, `serial`, `onewire`, `pwm`, `service`, or one of a third party. */
  readonly kind: string;
  /** Addresses that would do, best first, without the part the user decides. Empty: any that the user names. */
  readonly choices: readonly string[];
  /** How it is to be opened: direction and initial level of a line, baud rate of a port. Plain data. */
  readonly spec?: Readonly<Record<string, unknown>>;
  /** True when the instance can do without: the handle is then `undefined`. */
  readonly optional?: boolean;
  /** Carries the handle's type; never set. */
  readonly handle?: Handle;
}

/** The needs of one plugin by the names it gives them. */
export type Needs = Readonly<Record<string, Need>>;

/**
 * Needs that depend on the options: an active-low line, a port's speed. Written as a method, so that a definition with options
 * of its own is still a definition.
 */
export type NeedsFor<Options, N extends Needs> = { of(options: Options): N }['of'];

/** The handles a plugin receives: exactly those it asked for. */
export type Handles<N extends Needs> = {
  readonly [K in keyof N]: N[K] extends Need<infer Handle> ? Handle : never;
};

/** Makes a need optional: the plugin receives `undefined` where nothing was configured. */
export function optional<Handle>(need: Need<Handle>): Need<Handle | undefined> {
  return { ...need, optional: true };
}
