import type { Clock, Logger } from '@hyphae/core';

const WINDOW = '1 min';
/** Different errors counted apart; further ones share a count. */
const MOST_KINDS = 50;
const OTHERS = 'others';

/** Logs an error when it comes first, and after that once a minute how often it came: a leak must not fill a disk. */
export class RejectionLog implements Disposable {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #kinds = new Map<string, { readonly fields: object; times: number; timer: Disposable }>();

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * @param kind who is to blame and for what; numbers in it make no difference
   * @param fields of the log line, made only where one is written
   */
  add(kind: string, fields: () => object): void {
    const wanted = kind.slice(0, 300).replace(/\d+/g, '#');
    const key = this.#kinds.has(wanted) || this.#kinds.size < MOST_KINDS ? wanted : OTHERS;
    const known = this.#kinds.get(key);
    if (known) {
      known.times++;
      return;
    }
    const entry = key === OTHERS ? {} : fields();
    this.#log.error('unhandled rejection', key === OTHERS ? { kind: 'one of many different errors' } : entry);
    this.#kinds.set(key, { fields: entry, times: 0, timer: this.#arm(key) });
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#kinds.values()) timer[Symbol.dispose]();
    this.#kinds.clear();
  }

  #arm(key: string): Disposable {
    return this.#clock.timer('unhandled rejections', WINDOW, () => {
      const kind = this.#kinds.get(key);
      if (!kind) return;
      if (kind.times === 0) return void this.#kinds.delete(key);
      const { fields, times } = kind;
      this.#log.error('unhandled rejections, more of the same', { ...fields, stack: undefined, times });
      kind.times = 0;
      kind.timer = this.#arm(key);
    });
  }
}
