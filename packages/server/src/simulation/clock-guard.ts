import { syncBuiltinESMExports } from 'node:module';
import { type Door, doors } from './doors.js';
import { PluginCode } from './plugin-code.js';
import type { PluginFolder } from './plugin-folders.js';

/** A place in a plugin package that reaches past the clock or the seeded generator: two runs are then not the same. */
export interface Finding {
  /** What is called there, such as `Date.now`. */
  readonly what: string;
  readonly package: string;
  /** Within the package. */
  readonly file: string;
  readonly line: number;
  /** How often it was called. */
  readonly count: number;
  /** What to call instead. */
  readonly use: string;
}

type AnyFunction = (...args: unknown[]) => unknown;

/** Places kept. */
const MOST = 64;

/**
 * While it exists, calls of the real time, real timers and real randomness are looked at, in this whole process, and those by code
 * of plugin packages are noted. Every call goes through to the real function unchanged: nothing is replaced, only seen. What a
 * plugin's own dependencies do counts as the plugin's, where they lie in its folder; a dependency it shares with others is
 * nobody's.
 */
export class ClockGuard implements Disposable {
  readonly #code: PluginCode;
  readonly #sites = new Map<string, { -readonly [K in keyof Finding]: Finding[K] }>();
  readonly #before: { readonly holder: object; readonly key: string; readonly descriptor: PropertyDescriptor }[] = [];
  /** One wrapper for each function, so that what was one function in two places still is. */
  readonly #wrappers = new Map<AnyFunction, AnyFunction>();
  #dropped = 0;
  #looking = true;

  constructor(folders: readonly PluginFolder[]) {
    this.#code = new PluginCode(folders);
    for (const door of doors()) this.#watch(door);
    syncBuiltinESMExports();
  }

  /** What was found, in the order of the first call. */
  get findings(): readonly Finding[] {
    return [...this.#sites.values()];
  }

  /** Calls from further places, which are not among the findings. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Notes nothing until `work` has ended: for what is not part of the run. */
  async quietly<T>(work: () => Promise<T>): Promise<T> {
    this.#looking = false;
    try {
      return await work();
    } finally {
      this.#looking = true;
    }
  }

  /** Puts everything back as it was. A wrapper that somebody kept goes on calling what it wraps. */
  [Symbol.dispose](): void {
    for (const { holder, key, descriptor } of this.#before.splice(0).reverse()) {
      Object.defineProperty(holder, key, descriptor);
    }
    this.#wrappers.clear();
    this.#looking = false;
    syncBuiltinESMExports();
  }

  #watch(door: Door): void {
    const { holder, key } = door;
    const descriptor = Object.getOwnPropertyDescriptor(holder, key);
    const original: unknown = descriptor?.value;
    if (descriptor?.configurable !== true || typeof original !== 'function') return; // not in this version of Node
    const real = original as AnyFunction; // typeof said so
    const wrapper = this.#wrappers.get(real) ?? this.#wrap(real, door);
    this.#wrappers.set(real, wrapper);
    this.#before.push({ holder, key, descriptor });
    Object.defineProperty(holder, key, { ...descriptor, value: wrapper });
  }

  /** A proxy has the name, the length and the properties of what it stands for. */
  #wrap(original: AnyFunction, { what, use }: Door): AnyFunction {
    const apply = (target: AnyFunction, self: unknown, args: unknown[]): unknown => {
      if (this.#looking) this.#note(what, use, apply);
      return Reflect.apply(target, self, args);
    };
    const construct = (target: AnyFunction, args: unknown[], made: AnyFunction): object => {
      if (args.length === 0 && this.#looking) this.#note(what, use, construct); // a date of its own is a value
      return Reflect.construct(target, args, made) as object; // what new gives
    };
    return new Proxy(original, { apply, construct });
  }

  #note(what: string, use: string, below: (...args: never[]) => unknown): void {
    const place = this.#code.caller(below);
    if (!place) return;
    const site = `${what} ${place.package} ${place.file}:${place.line}`;
    const known = this.#sites.get(site);
    if (known) known.count++;
    else if (this.#sites.size < MOST) this.#sites.set(site, { what, ...place, count: 1, use });
    else this.#dropped++;
  }
}
