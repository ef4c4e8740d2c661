import { type Clock, type Duration, formatMs, type HyphaeError, toMs, VirtualTimeError } from '@hyphae/core';
import type { VirtualClock } from '@hyphae/core/testing';

/** Looks within one patience. A process that was held up for all of it counts as one look, not as one that saw nothing move. */
const LOOKS = 4;
/** As many names as an error message can bear. */
const NAMES_SHOWN = 16;

/** What of a virtual clock is looked at. */
type Watched = Pick<VirtualClock, 'awaited' | 'waiting'>;

/**
 * Ends a simulation that stands still: declared I/O stops virtual time, and one that never ends would stop it for ever. Only the
 * real clock can tell.
 */
export class Patience {
  readonly #limitMs: number;
  #over: HyphaeError | undefined;

  constructor(
    private readonly clock: Watched,
    private readonly real: Clock,
    limit: Duration,
  ) {
    this.#limitMs = toMs(limit);
  }

  /**
   * Waits for work on the virtual clock.
   *
   * @throws HYP_VIRTUAL_TIME once the same declared I/O has held up time for as long as patience lasts, and at once ever after
   */
  async during<T>(work: PromiseLike<T>): Promise<T> {
    let timer: Disposable | undefined;
    const standstill = new Promise<never>((_resolve, reject) => {
      let seen: object | undefined;
      let looks = 0;
      const look = () => {
        const [oldest] = this.clock.awaited;
        looks = oldest !== undefined && oldest === seen ? looks + 1 : 0;
        seen = oldest;
        if (looks >= LOOKS) this.#over ??= this.#stuck();
        if (this.#over) reject(this.#over);
        else timer = this.real.timer('patience', this.#limitMs / LOOKS, look);
      };
      look();
    });
    try {
      return await Promise.race([work, standstill]);
    } finally {
      timer?.[Symbol.dispose]();
    }
  }

  #stuck(): HyphaeError {
    const held = shown(this.clock.awaited.map(({ name }) => name)).join(', ');
    const why = `declared I/O has not ended in ${formatMs(this.#limitMs)} of real time: ${held}`;
    const waiting = this.clock.waiting;
    return new VirtualTimeError({ why, waiting: waiting.length > 0 ? shown(waiting) : ['no timer'] });
  }
}

function shown(names: readonly string[]): readonly string[] {
  if (names.length <= NAMES_SHOWN) return names;
  return [...names.slice(0, NAMES_SHOWN), `and ${names.length - NAMES_SHOWN} more`];
}
