import { DisposedError, DurationError } from '../errors/catalogue.js';
import type { Clock } from '../time/clock.js';
import { type Duration, toMs } from '../time/duration.js';
import { type Random, SeededRandom } from '../time/random.js';
import { type TimerEntry, TimerQueue } from '../time/timer-queue.js';
import { Grid } from './grid.js';
import { LatenessWindow } from './lateness.js';
import { ScheduledTask, type TaskHost } from './scheduled-task.js';
import type { Scheduler, SchedulerMetrics, Task, TaskOptions, Tick } from './scheduler.js';

/**
 * How long (ms) runs may be started without letting anything else happen. A node that is behind must not start all that is
 * overdue at once: so many runs under way at a time cost far more than the same runs one batch after the other.
 */
const SLICE = 5;
/** The shortest period (ms). Slots of much less could not be told apart any more, and the task would never be due. */
const SHORTEST_PERIOD_MS = 0.001;

/** How a {@link ClockScheduler} is made. */
export interface ClockSchedulerOptions {
  /** Spreads the phases: another seed gives another spread. Without it they depend on the tasks' names alone. */
  readonly random?: Random;
}

/**
 * The scheduler of a node. All tasks wait in one queue, in slots of a millisecond, and one timer of the clock wakes it for
 * the first of them. Grids stand on the monotonic clock: neither a late timer nor a step of the wall clock moves them.
 */
export class ClockScheduler implements Scheduler {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #origin: number;
  readonly #queue = new TimerQueue();
  readonly #tasks = new Set<ScheduledTask>();
  readonly #host: TaskHost;
  #timer: Disposable | undefined;
  /** The slot the timer wakes up for. While it is awake nothing can be due before that, so nothing arms in between. */
  #armedFor = Infinity;
  #disposed: Promise<void> | undefined;

  constructor(clock: Clock, { random = new SeededRandom(0) }: ClockSchedulerOptions = {}) {
    this.#clock = clock;
    this.#random = random;
    this.#origin = Math.ceil(clock.monotonic());
    this.#host = {
      clock,
      totals: { running: 0, runs: 0, failures: 0, overruns: 0 },
      lateness: new LatenessWindow(),
      schedule: (entry, due) => this.#schedule(entry, due),
      cancel: (entry) => this.#cancel(entry),
      ended: (task) => void this.#tasks.delete(task),
    };
  }

  /** @throws HYP_DURATION for a period under a microsecond, or any length of time that is none; HYP_DISPOSED after the end */
  every(period: Duration, work: (tick: Tick) => unknown, options: TaskOptions): Task {
    const { name, phase = 'spread', deadline, priority = 0, backoff, onError } = options;
    if (this.#disposed) throw new DisposedError({ what: `the scheduler of ${name}` });
    const periodMs = toMs(period);
    if (periodMs < SHORTEST_PERIOD_MS) throw new DurationError({ duration: period });
    const now = this.#clock.monotonic();
    const task = new ScheduledTask(this.#host, {
      name,
      work,
      grid: new Grid(this.#baseOf(phase, periodMs, name, now), periodMs, now),
      priority,
      deadlineMs: deadline === undefined ? undefined : toMs(deadline),
      maxStride: backoff ? Math.max(1, Math.floor(toMs(backoff.max) / periodMs)) : 1,
      onError,
    });
    this.#tasks.add(task);
    return task;
  }

  get metrics(): SchedulerMetrics {
    return { tasks: this.#tasks.size, ...this.#host.totals, latenessMs: this.#host.lateness.quantiles() };
  }

  /** Ends all tasks and waits for their runs. */
  [Symbol.asyncDispose](): Promise<void> {
    return (this.#disposed ??= this.#dispose());
  }

  #baseOf(phase: Duration | 'spread' | 'aligned', periodMs: number, name: string, now: number): number {
    if (phase === 'aligned') return now;
    if (phase !== 'spread') return this.#origin + (toMs(phase) % periodMs);
    return this.#origin + Math.floor(this.#random.fork(name).next() * periodMs);
  }

  #schedule(entry: TimerEntry, due: number): void {
    const slot = Math.ceil(due);
    this.#queue.add(entry, slot);
    if (slot < this.#armedFor) this.#arm(slot);
  }

  #cancel(entry: TimerEntry): void {
    this.#queue.remove(entry);
    // Waking up once for nothing is cheaper than arming anew, but nothing may stay armed when nothing is left.
    if (this.#queue.size > 0 || !this.#timer) return;
    this.#timer[Symbol.dispose]();
    this.#timer = undefined;
    this.#armedFor = Infinity;
  }

  #arm(slot: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#armedFor = slot;
    const name = `scheduler: ${this.#queue.peek()?.name ?? 'nothing'}`;
    this.#timer = this.#clock.timer(name, Math.max(0, slot - this.#clock.monotonic()), this.#wake);
  }

  readonly #wake = (): void => {
    this.#timer = undefined;
    try {
      // What falls due meanwhile waits for the next turn, so that no amount of work starves the event loop.
      const limit = this.#clock.monotonic();
      const end = limit + SLICE;
      for (let now = limit; now <= end; now = this.#clock.monotonic()) {
        const entry = this.#queue.take(limit);
        if (!entry) break;
        entry.fire(now);
      }
    } finally {
      this.#armedFor = Infinity;
      const next = this.#queue.next();
      if (next < Infinity) this.#arm(next);
    }
  };

  async #dispose(): Promise<void> {
    await Promise.all([...this.#tasks].map((task) => task[Symbol.asyncDispose]()));
  }
}
