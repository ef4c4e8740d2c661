/** In-process publish and subscribe over a map of topics and their payloads. */
export interface EventBus<Topics extends object> {
  publish<K extends keyof Topics>(topic: K, event: Topics[K]): void;
  /** Calls `listener` for each event until disposed. */
  subscribe<K extends keyof Topics>(topic: K, listener: (event: Topics[K]) => void): Disposable;
}

/** Synchronous delivery in order of subscription. A listener that throws is reported and never reaches the publisher. */
export class LocalEventBus<Topics extends object> implements EventBus<Topics> {
  readonly #listeners = new Map<keyof Topics, ((event: never) => void)[]>();
  readonly #report: (error: unknown, topic: keyof Topics) => void;

  constructor(report: (error: unknown, topic: keyof Topics) => void) {
    this.#report = report;
  }

  publish<K extends keyof Topics>(topic: K, event: Topics[K]): void {
    const listeners = this.#listeners.get(topic);
    if (!listeners) return;
    for (const listener of listeners) {
      try {
        (listener as (event: Topics[K]) => void)(event); // stored under its own topic
      } catch (error) {
        this.#report(error, topic);
      }
    }
  }

  subscribe<K extends keyof Topics>(topic: K, listener: (event: Topics[K]) => void): Disposable {
    // A function of its own, so that one listener may subscribe twice and leave once.
    const own = (event: never) => listener(event);
    // Lists are replaced, not changed: a listener may subscribe or leave during delivery.
    this.#listeners.set(topic, [...(this.#listeners.get(topic) ?? []), own]);
    return {
      [Symbol.dispose]: () => {
        const rest = (this.#listeners.get(topic) ?? []).filter((other) => other !== own);
        if (rest.length > 0) this.#listeners.set(topic, rest);
        else this.#listeners.delete(topic);
      },
    };
  }
}
