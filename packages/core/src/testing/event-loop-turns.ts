import { setImmediate } from 'node:timers';

const MOST = 64;
/**
 * As it is when this module is loaded. The binding of the import would follow whoever wraps Node's function later, and this is
 * called for every instant of virtual time.
 */
const immediately = setImmediate;

/**
 * Waits until every promise reaction and every `process.nextTick` callback has run, at any depth, a million times over.
 *
 * Node runs all of those between two immediates. A whole turn of the event loop, which also looks for finished I/O, costs
 * ten times as much; so the longer waits follow each other, the more of them (up to 64) share one turn.
 */
export class EventLoopTurns {
  #queued = 0;
  #waits = 0;
  #waiting: (() => void)[] = [];

  /** Begins anew with a whole turn of the event loop for each wait. */
  restart(): void {
    this.#waits = 0;
  }

  readonly next = (): Promise<void> => new Promise(this.#enqueue);

  readonly #enqueue = (resolve: () => void): void => {
    this.#waiting.push(resolve);
    if (this.#queued > 0) return;
    this.#queued = Math.min(MOST, 1 + Math.floor(this.#waits / MOST));
    for (let i = 0; i < this.#queued; i++) immediately(this.#arrive);
  };

  readonly #arrive = (): void => {
    this.#queued--;
    this.#waits++;
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  };
}
