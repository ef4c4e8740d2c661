import { asHyphaeError, DeadlineError, DisposedError, PluginFailureError } from '../errors/catalogue.js';
import type { HyphaeError } from '../errors/hyphae-error.js';
import type { Output } from '../plugins/output.js';
import type { Clock } from '../time/clock.js';
import { within } from './within.js';

const APPLY_DEADLINE_MS = 5_000;
/** How long a call that was told to end may take to do so. */
const GRACE_MS = 1_000;
/** Calls that never came back: with so many the driver is not called again, as another would only join them. */
const MOST_OVERDUE = 2;
/** The longest {@link OutputDevice.move} takes after {@link OutputDevice.interrupt}, for two moves one after the other. */
export const STOP_BUDGET_MS = APPLY_DEADLINE_MS + 3 * GRACE_MS;

/**
 * The driver of one output, one call at a time, each with a deadline. A call that does not end when it is told to is left
 * behind: the next one begins beside it, as a device that may be on must be told to go safe, and whoever uses this is told
 * when the call comes back, for it may have moved the device then.
 */
export class OutputDevice {
  #overdue = 0;
  #interrupt: ((reason: HyphaeError) => void) | undefined;

  constructor(
    private readonly id: string,
    private readonly output: Output,
    private readonly clock: Clock,
    private readonly onLate: () => void,
  ) {}

  /** True while a call that was given up may still move the device. */
  get overdue(): boolean {
    return this.#overdue > 0;
  }

  /** Tells the call under way to end. */
  interrupt(): void {
    this.#interrupt?.(new DisposedError({ what: this.id }));
  }

  /**
   * Moves the device; says what it reached. Quick failures that may pass are tried again, up to so many times.
   *
   * @throws HYP_DEADLINE, HYP_DISPOSED after {@link interrupt}, HYP_PLUGIN_FAILURE, or the device's error
   */
  async move(value: number, tries: number): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      try {
        const reached: unknown = await this.#call(value);
        if (typeof reached === 'number' && Number.isFinite(reached)) return reached;
        throw new PluginFailureError({ instance: this.id, hook: 'apply', why: `it returned ${String(reached)}` });
      } catch (failure) {
        const error = asHyphaeError(failure, this.id, 'apply');
        // What hung once is not waited for again at once.
        if (attempt >= tries || !error.retryable || error.code === 'HYP_DEADLINE') throw error;
      }
    }
  }

  /** True where the driver can read the device's state. */
  get readable(): boolean {
    return this.output.read !== undefined;
  }

  /** The device's state. @throws HYP_DEADLINE, or the device's error */
  async read(): Promise<number | undefined> {
    const found: unknown = await within(this.clock, `read-back of ${this.id}`, APPLY_DEADLINE_MS, () =>
      this.output.read?.(),
    );
    return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
  }

  /** Ends the driver. */
  async stop(): Promise<void> {
    await this.output.stop?.();
  }

  #call(value: number): Promise<unknown> {
    const what = `${this.id} set to ${value}`;
    if (this.#overdue >= MOST_OVERDUE) {
      return Promise.reject(new DeadlineError({ what: `${what}: an earlier call`, deadline: 'its deadline' }));
    }
    return new Promise((resolve, reject) => {
      const abort = new AbortController();
      let state: 'running' | 'told' | 'left' | 'over' = 'running';
      /** Why it was told to end. */
      let cause: HyphaeError | undefined;
      let timer = this.clock.timer(`deadline ${what}`, APPLY_DEADLINE_MS, () =>
        cut(new DeadlineError({ what, deadline: `${APPLY_DEADLINE_MS / 1000} s` })),
      );
      const cut = (reason: HyphaeError) => {
        if (state !== 'running') return;
        state = 'told';
        cause = reason;
        timer[Symbol.dispose]();
        timer = this.clock.timer(`grace ${what}`, GRACE_MS, () => {
          state = 'left';
          this.#overdue++;
          this.#interrupt = undefined;
          reject(reason);
        });
        abort.abort(reason);
      };
      const over = (settle: () => void) => {
        timer[Symbol.dispose]();
        if (state === 'left') {
          this.#overdue--;
          this.onLate();
        } else {
          this.#interrupt = undefined;
          settle();
        }
        state = 'over';
      };
      this.#interrupt = cut;
      let work: unknown;
      try {
        work = this.output.apply(value, { signal: abort.signal });
      } catch (failure) {
        return over(() => reject(asHyphaeError(failure, this.id, 'apply')));
      }
      Promise.resolve(work).then(
        (reached) => over(() => resolve(reached)),
        (failure: unknown) => over(() => reject(cause ?? asHyphaeError(failure, this.id, 'apply'))),
      );
    });
  }
}
