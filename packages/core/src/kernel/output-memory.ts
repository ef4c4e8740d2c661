import type { Logger } from '../logging/logger.js';
import type { StateStore } from '../store/measurement-store.js';
import type { Clock } from '../time/clock.js';
import type { LimitMemory } from './output-limits.js';

/** What an output knows from its last run. */
export interface Remembered {
  readonly limits: LimitMemory;
  /** The value it was last moved to while somebody controlled it. */
  readonly value: number | undefined;
}

/** Values of a level change all the time; the last is written at most this often. */
const VALUE_EVERY_MS = 10_000;

/** What an output remembers over a restart. Failures to save are logged, never thrown: control goes on. */
export class OutputMemory {
  readonly #owner: string;
  #value: number | undefined;
  #timer: Disposable | undefined;
  #saved: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly id: string,
    private readonly state: StateStore,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {
    this.#owner = `output/${id}`;
  }

  /** What the last run left. Where it cannot be read, the output counts as switched off just now: it rests before it is on. */
  async recall(): Promise<Remembered> {
    try {
      const limits = (await this.clock.io(this.state.get(this.#owner, 'limits'))) as LimitMemory | undefined; // written below
      const value = await this.clock.io(this.state.get(this.#owner, 'value'));
      return { limits: limits ?? {}, value: typeof value === 'number' ? value : undefined };
    } catch (error) {
      this.log.warn(`${this.id}: what it remembers cannot be read; it counts as switched off now`, {
        error: String(error),
      });
      return { limits: { offAt: this.clock.now() }, value: undefined };
    }
  }

  limits(memory: LimitMemory): void {
    this.#save('limits', memory);
  }

  /** Remembers the value soon. */
  value(value: number): void {
    this.#value = value;
    this.#timer ??= this.clock.timer(`value of ${this.id}`, VALUE_EVERY_MS, () => this.#saveValue());
  }

  /** Saves what waits, and resolves when everything is saved or has failed. */
  async end(): Promise<void> {
    if (this.#timer) this.#saveValue();
    await this.#saved;
  }

  #saveValue(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#save('value', this.#value);
  }

  #save(key: string, value: unknown): void {
    const saving = this.clock.io(this.state.set(this.#owner, key, value)).catch((error: unknown) => {
      this.log.warn(`${this.id}: its ${key} could not be saved and will be forgotten at a restart`, {
        error: String(error),
      });
    });
    this.#saved = Promise.all([this.#saved, saving]);
  }
}
