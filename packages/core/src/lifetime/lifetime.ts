import { DeadlineError, DisposedError } from '../errors/catalogue.js';
import type { HyphaeError } from '../errors/hyphae-error.js';
import type { Clock } from '../time/clock.js';
import { type Duration, formatMs, toMs } from '../time/duration.js';

interface Owned {
  readonly name: string;
  readonly release: () => unknown;
  readonly lifetime?: Lifetime;
  /** Its own deadline. */
  readonly deadline?: Duration | undefined;
}

/** How a {@link Lifetime} ends its parts. */
export interface LifetimeOptions {
  /** Where deadlines are measured. Without it releases are waited for without limit. */
  readonly clock?: Clock;
  /** The longest one release may take before it is reported and left behind. */
  readonly deadline?: Duration;
}

/** A lifetime and what it owns, for diagnostics. */
export interface LifetimeNode {
  readonly name: string;
  readonly owned: readonly (string | LifetimeNode)[];
}

/**
 * What one part of the system owns. Ending it aborts {@link signal}, then releases everything owned in the reverse
 * of the order it was acquired, one at a time, each up to its deadline, and reports all failures together.
 */
export class Lifetime implements AsyncDisposable {
  /** Made when it is first asked for: it takes more memory than all else here, and few ask. */
  #abort: AbortController | undefined;
  #listeners: Set<() => void> | undefined;
  #reason: HyphaeError | undefined;
  readonly #owned = new Set<Owned>();
  readonly #options: LifetimeOptions;
  #ended: Promise<void> | undefined;
  #detach: (() => void) | undefined;

  constructor(
    readonly name: string,
    options: LifetimeOptions = {},
  ) {
    this.#options = options;
  }

  /** Aborts with HYP_DISPOSED as soon as the end begins. */
  get signal(): AbortSignal {
    if (this.#reason && !this.#abort) return AbortSignal.abort(this.#reason);
    return (this.#abort ??= new AbortController()).signal;
  }

  /** True as soon as the end begins. Cheaper to ask than the signal. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** HYP_DISPOSED from the beginning of the end on. */
  get reason(): HyphaeError | undefined {
    return this.#reason;
  }

  /** Calls `listener` when the end begins, until disposed. Cheaper than to listen to the signal. */
  onEnd(listener: () => void): Disposable {
    (this.#listeners ??= new Set()).add(listener);
    return {
      [Symbol.dispose]: () => {
        this.#listeners?.delete(listener);
        if (this.#listeners?.size === 0) this.#listeners = undefined; // few listen for long
      },
    };
  }

  /** @throws HYP_DISPOSED once the end began */
  throwIfEnded(): void {
    if (this.#reason) throw this.#reason;
  }

  /** Takes over a resource; it is released with the lifetime. Returns the resource. */
  own<T extends Disposable | AsyncDisposable>(resource: T, name: string = resource.constructor.name): T {
    const release = () =>
      Symbol.asyncDispose in resource ? resource[Symbol.asyncDispose]() : resource[Symbol.dispose]();
    this.#add(resource instanceof Lifetime ? { name, release, lifetime: resource } : { name, release });
    return resource;
  }

  /**
   * Runs `cleanup` at the end, up to the deadline of the lifetime or its own. Disposing what it returns forgets the cleanup
   * without running it.
   *
   * @throws HYP_DISPOSED after the end began
   */
  defer(cleanup: () => unknown, name = 'cleanup', deadline?: Duration): Disposable {
    const owned = this.#add({ name, release: cleanup, deadline });
    return { [Symbol.dispose]: () => void this.#owned.delete(owned) };
  }

  /** A lifetime that ends with this one, or earlier. It inherits clock and deadline. */
  child(name: string, options: LifetimeOptions = {}): Lifetime {
    const child = new Lifetime(name, { ...this.#options, ...options });
    const owned = this.#add({ name, release: () => child[Symbol.asyncDispose](), lifetime: child });
    child.#detach = () => this.#owned.delete(owned);
    return child;
  }

  /** The tree of what is owned, in order of acquisition. */
  describe(): LifetimeNode {
    return { name: this.name, owned: [...this.#owned].map((owned) => owned.lifetime?.describe() ?? owned.name) };
  }

  /** @throws AggregateError with every failure, after all releases were tried. Ending twice is ending once. */
  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) {
      let follow: (end: Promise<void>) => void = () => {};
      // Known before the end begins: what is told or released first may come back here.
      this.#ended = new Promise((resolve) => (follow = resolve));
      follow(this.#end());
    }
    return this.#ended;
  }

  #add(owned: Owned): Owned {
    if (this.#ended) throw new DisposedError({ what: this.name });
    this.#owned.add(owned);
    return owned;
  }

  async #end(): Promise<void> {
    this.#reason = new DisposedError({ what: this.name });
    this.#abort?.abort(this.#reason);
    for (const listener of this.#listeners ?? []) listener();
    const failures: unknown[] = [];
    for (const owned of [...this.#owned].reverse()) {
      if (!this.#owned.has(owned)) continue; // forgotten by a release before it
      try {
        await this.#within(owned);
      } catch (failure) {
        failures.push(failure);
      }
      this.#owned.delete(owned);
    }
    this.#detach?.();
    if (failures.length > 0) throw new AggregateError(failures, `${this.name} did not close cleanly`);
  }

  async #within(owned: Owned): Promise<void> {
    const { clock } = this.#options;
    const deadline = owned.deadline ?? this.#options.deadline;
    // A child counts its own parts' deadlines; bounding it as a whole as well would cut the later ones short.
    if (!clock || deadline === undefined || owned.lifetime) return void (await owned.release());
    const what = `${this.name}: ${owned.name}`;
    await new Promise<void>((resolve, reject) => {
      const timer = clock.timer(`deadline ${what}`, deadline, () =>
        reject(new DeadlineError({ what, deadline: formatMs(toMs(deadline)) })),
      );
      void Promise.resolve()
        .then(owned.release)
        .then(() => resolve(), reject)
        .finally(() => timer[Symbol.dispose]());
    });
  }
}
