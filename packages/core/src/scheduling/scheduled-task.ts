import { DeadlineError, DisposedError } from '../errors/catalogue.js';
import type { HyphaeError } from '../errors/hyphae-error.js';
import type { Clock, EpochMs } from '../time/clock.js';
import { formatMs } from '../time/duration.js';
import { TimerEntry } from '../time/timer-queue.js';
import { asPromise } from './as-promise.js';
import type { Grid } from './grid.js';
import type { LatenessWindow } from './lateness.js';
import type { Task, TaskMetrics, Tick } from './scheduler.js';

/** What a task uses of the scheduler that runs it. */
export interface TaskHost {
  readonly clock: Clock;
  /** Counters of all tasks together; the tasks do the counting. */
  readonly totals: { running: number; runs: number; failures: number; overruns: number };
  readonly lateness: LatenessWindow;
  schedule(entry: TimerEntry, due: number): void;
  cancel(entry: TimerEntry): void;
  ended(task: ScheduledTask): void;
}

/** A task as the scheduler has worked it out; times in ms. */
export interface TaskPlan {
  readonly name: string;
  readonly work: (tick: Tick) => unknown;
  readonly grid: Grid;
  readonly priority: number;
  readonly deadlineMs: number | undefined;
  /** The furthest that back-off moves along the grid, in slots; 1 is no back-off. */
  readonly maxStride: number;
  readonly onError: ((error: unknown) => void) | undefined;
}

/** The tick a work receives, and the record of its run. */
class Run implements Tick {
  failure: { readonly error: unknown } | undefined = undefined;
  #signal: AbortSignal | undefined = undefined;

  constructor(
    readonly task: ScheduledTask,
    readonly at: EpochMs,
    readonly dueMs: number,
    readonly beganMs: number,
    /** The slot it runs for; -1 outside the grid. */
    readonly slot: number,
  ) {}

  // Most work never looks at it, and an AbortController costs more than the rest of a run.
  get signal(): AbortSignal {
    return (this.#signal ??= this.task.signalOf(this));
  }
}

/** Waits for the deadline of the run in progress. One serves all runs of a task. */
class DeadlineEntry extends TimerEntry {
  override readonly priority = Infinity;
  readonly name: string;
  readonly #task: ScheduledTask;

  constructor(task: ScheduledTask) {
    super();
    this.name = `deadline of ${task.name}`;
    this.#task = task;
  }

  override fire(): void {
    this.#task.expire();
  }
}

interface Joiner {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** One task of a {@link ClockScheduler}: the entry that waits for its next slot, and the state of its run. */
export class ScheduledTask extends TimerEntry implements Task {
  readonly name: string;
  override readonly priority: number;
  readonly #host: TaskHost;
  readonly #grid: Grid;
  readonly #work: (tick: Tick) => unknown;
  readonly #deadline: DeadlineEntry | undefined;
  #run: Run | undefined = undefined;
  #joiners: Joiner[] | undefined = undefined;
  #idlers: (() => void)[] | undefined = undefined;

  // Times are kept in whole microseconds: small integers lie in the task itself, other numbers in memory of their own, and
  // with many tasks fetching that costs more than anything done here.
  #runs = 0;
  #overruns = 0;
  #lastLatenessUs = 0;
  #maxLatenessUs = 0;
  #lastRunUs = 0;
  #totalRunMs = 0;
  #totalRunUs = 0;
  #streak = 0;
  #failures = 0;

  readonly #plan: TaskPlan;
  /** Shared by all runs until one aborts it. */
  #abort: AbortController | undefined = undefined;
  #disposing: Promise<void> | undefined = undefined;

  constructor(host: TaskHost, plan: TaskPlan) {
    super();
    this.name = plan.name;
    this.priority = plan.priority;
    this.#host = host;
    this.#grid = plan.grid;
    this.#work = plan.work;
    this.#plan = plan;
    this.#deadline = plan.deadlineMs === undefined ? undefined : new DeadlineEntry(this);
    host.schedule(this, plan.grid.due);
  }

  get metrics(): TaskMetrics {
    return {
      runs: this.#runs,
      failures: this.#failures,
      overruns: this.#overruns,
      backedOff: this.#grid.leftOut(this.#host.clock.monotonic()),
      lastLatenessMs: this.#lastLatenessUs / 1000,
      maxLatenessMs: this.#maxLatenessUs / 1000,
      lastRunMs: this.#lastRunUs / 1000,
      totalRunMs: this.#totalRunMs + this.#totalRunUs / 1000,
    };
  }

  /** A slot has come. */
  override fire(now: number): void {
    const grid = this.#grid;
    const { index, due } = grid;
    const missed = grid.step(now) + (this.#run ? 1 : 0);
    this.#host.schedule(this, grid.due);
    if (missed > 0) {
      this.#overruns += missed;
      this.#host.totals.overruns += missed;
    }
    if (this.#run) return;
    const lateness = now - due;
    this.#lastLatenessUs = Math.round(lateness * 1000);
    if (this.#lastLatenessUs > this.#maxLatenessUs) this.#maxLatenessUs = this.#lastLatenessUs;
    this.#host.lateness.record(lateness);
    this.#begin(due, now, index);
  }

  runNow(): Promise<void> {
    if (this.#disposing) return Promise.reject(this.#over());
    return new Promise((resolve, reject) => {
      (this.#joiners ??= []).push({ resolve, reject });
      const now = this.#host.clock.monotonic();
      if (!this.#run) this.#begin(now, now, -1);
      else if (this.#run.failure) this.#settle(this.#run.failure);
    });
  }

  idle(): Promise<void> {
    if (!this.#run) return Promise.resolve();
    return new Promise((resolve) => (this.#idlers ??= []).push(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#disposing) {
      this.#disposing = this.#dispose();
      this.#abort?.abort(this.#over());
    }
    return this.#disposing;
  }

  /** The signal a run hands out when it is first asked for. */
  signalOf(run: Run): AbortSignal {
    if (run.failure) return AbortSignal.abort(run.failure.error);
    if (this.#disposing) return AbortSignal.abort(this.#over());
    return (this.#abort ??= new AbortController()).signal;
  }

  /** The run in progress has reached its deadline. It goes on, as nothing can stop it, but it has failed. */
  expire(): void {
    const run = this.#run;
    if (!run) return;
    const deadline = formatMs(this.#plan.deadlineMs ?? 0);
    const error = new DeadlineError({ what: this.name, deadline });
    const abort = this.#abort;
    this.#abort = undefined;
    this.#fail(run, error);
    abort?.abort(error);
    this.#settle(run.failure);
  }

  #begin(dueMs: number, now: number, slot: number): void {
    const host = this.#host;
    const run = new Run(this, host.clock.now(), dueMs, now, slot);
    this.#run = run;
    this.#runs++;
    host.totals.runs++;
    host.totals.running++;
    if (this.#deadline) host.schedule(this.#deadline, now + (this.#plan.deadlineMs ?? 0));
    let promise: Promise<unknown> | undefined;
    try {
      promise = asPromise(this.#work(run));
    } catch (error) {
      return this.#end(run, { error });
    }
    if (!promise) return this.#end(run, undefined);
    void promise.then(
      () => this.#end(run, undefined),
      (error) => this.#end(run, { error }),
    );
  }

  #end(run: Run, failure: { readonly error: unknown } | undefined): void {
    const host = this.#host;
    const now = host.clock.monotonic();
    this.#run = undefined;
    host.totals.running--;
    this.#countTime(now - run.beganMs);
    if (this.#deadline) host.cancel(this.#deadline);
    // After its deadline a run has failed already; what fails because it was told to stop has not.
    if (failure && !run.failure && !this.#disposing) this.#fail(run, failure.error);
    else if (!failure && !run.failure) this.#recover(now);
    this.#settle(run.failure ?? failure);
    if (!this.#idlers) return;
    const idlers = this.#idlers;
    this.#idlers = undefined;
    for (const resolve of idlers) resolve();
  }

  #countTime(ms: number): void {
    const us = Math.round(ms * 1000);
    this.#lastRunUs = us;
    const rest = this.#totalRunUs + us;
    this.#totalRunUs = rest % 1000;
    this.#totalRunMs += (rest - this.#totalRunUs) / 1000;
  }

  /** Tells those who asked for this run how it went. */
  #settle(failure: { readonly error: unknown } | undefined): void {
    if (!this.#joiners) return;
    const joiners = this.#joiners;
    this.#joiners = undefined;
    for (const joiner of joiners) {
      if (failure) joiner.reject(failure.error);
      else joiner.resolve();
    }
  }

  #fail(run: Run, error: unknown): void {
    const { maxStride, onError } = this.#plan;
    run.failure = { error };
    this.#failures++;
    this.#host.totals.failures++;
    this.#streak++;
    const stride = Math.min(2 ** this.#streak, maxStride);
    if (run.slot >= 0 && stride > 1 && this.#grid.thin(run.slot + stride)) this.#replace();
    try {
      onError?.(error);
    } catch {
      // Whoever is told of failures must not cause further ones.
    }
  }

  #recover(now: number): void {
    if (this.#streak === 0) return;
    this.#streak = 0;
    if (this.#grid.restore(now)) this.#replace();
  }

  #replace(): void {
    if (this.#disposing) return;
    this.#host.cancel(this);
    this.#host.schedule(this, this.#grid.due);
  }

  async #dispose(): Promise<void> {
    this.#host.cancel(this);
    if (this.#deadline) this.#host.cancel(this.#deadline);
    await this.idle();
    this.#host.ended(this);
  }

  #over(): HyphaeError {
    return new DisposedError({ what: this.name });
  }
}
