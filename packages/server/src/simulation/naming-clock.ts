import type { Duration } from '@hyphae/core';
import { VirtualClock, type VirtualClockOptions } from '@hyphae/core/testing';
import { PluginCode } from './plugin-code.js';
import type { PluginFolder } from './plugin-folders.js';

/** Timers made in one instant, after which it is of interest who makes them. The clock gives up a little later. */
const MANY = 90_000;

/** A virtual clock that says which line of which plugin package keeps time from moving. */
export class NamingClock extends VirtualClock {
  readonly #code: PluginCode;
  #at = 0;
  #made = 0;

  constructor(folders: readonly PluginFolder[], options: VirtualClockOptions = {}) {
    super(options);
    this.#code = new PluginCode(folders);
  }

  override timer(name: string, delay: Duration, fire: () => void): Disposable {
    const at = this.monotonic();
    if (at !== this.#at) {
      this.#at = at;
      this.#made = 0;
    } else if (++this.#made > MANY) name = this.#named(name);
    return super.timer(name, delay, fire);
  }

  override io<T>(work: Promise<T>, name = 'I/O'): Promise<T> {
    return super.io(work, this.#named(name));
  }

  readonly #named = (name: string): string => {
    const place = this.#code.origin(this.#named);
    return place ? `${name} of package ${place.package} at ${place.file}:${place.line}` : name;
  };
}
