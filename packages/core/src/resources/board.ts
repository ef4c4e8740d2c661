import type { Lifetime } from '../lifetime/lifetime.js';
import type { Clock } from '../time/clock.js';
import type { Need } from './need.js';

/** One resource of a board, for listings. */
export interface ResourceInfo {
  readonly kind: string;
  /** The full address, as `use` in the configuration names it: `i2c-1/0x76`, `gpiochip0/17`. */
  readonly address: string;
  readonly label: string;
}

/** Who opens a resource, and how long for. */
export interface OpenContext {
  readonly owner: string;
  /** Ends with the claim. Whatever is opened is owned by it. */
  readonly lifetime: Lifetime;
}

/** An opened set of resources: a Linux machine, a simulated board. It owns the descriptors behind them. */
export interface Board extends AsyncDisposable {
  readonly name: string;
  /** True when what its resources report is simulated; readings are marked so. */
  readonly simulated: boolean;
  list(): Promise<readonly ResourceInfo[]>;
  /**
   * The full canonical addresses that would satisfy a need, best first.
   *
   * @param use what the user wrote: a full address, a part of one (a bus, for instance), or nothing
   */
  match(need: Need, use?: string): readonly string[];
  /** Opens one canonical address that {@link match} gave. What is opened ends with `context.lifetime`. */
  open(need: Need, address: string, context: OpenContext): Promise<unknown>;
}

/** Whether a provider can work here. "Not here" is an answer with a reason, not an error. */
export type Presence = { readonly present: true } | { readonly present: false; readonly why: string };

/** One way of reaching hardware: `linux`, `sim`, a remote one. */
export interface HalProvider {
  readonly name: string;
  /** Looks without touching. The host gives the clock that it will open with. */
  probe(context?: { readonly clock: Clock }): Promise<Presence>;
  open(context: { readonly clock: Clock }): Promise<Board>;
}
