import type { EpochMs } from '../time/clock.js';
import type { Duration } from '../time/duration.js';

/** One run of a task. */
export interface Tick {
  /** Wall-clock time at which this run began. Measurements are stamped with it. */
  readonly at: EpochMs;
  /** Monotonic milliseconds at which it was due. */
  readonly dueMs: number;
  /** Aborts at the run's deadline and when the task ends. */
  readonly signal: AbortSignal;
}

/** How a task is run. */
export interface TaskOptions {
  /** Appears in metrics and diagnostics. */
  readonly name: string;
  /**
   * Where on its grid the task fires, as an offset from the scheduler's start. `spread` (the default) derives one from the
   * name, so that many tasks of one period do not fire at once; `aligned` fires at whole periods after the call.
   */
  readonly phase?: Duration | 'spread' | 'aligned';
  /** The longest one run may take: its signal aborts then, and the run counts as failed. Default: no limit. */
  readonly deadline?: Duration;
  /** Among runs due in the same millisecond, higher goes first. Default 0. */
  readonly priority?: number;
  /** After consecutive failures the grid is thinned: every 2nd, 4th, … slot, up to this distance. Default: no back-off. */
  readonly backoff?: { readonly max: Duration };
  /** Told of each failure. What it throws is swallowed. */
  readonly onError?: (error: unknown) => void;
}

/** Counters of one task since it began. Times in ms. */
export interface TaskMetrics {
  readonly runs: number;
  readonly failures: number;
  /** Slots dropped because the previous run was still going, or because the process was too late for them. */
  readonly overruns: number;
  /** Slots left out after failures. */
  readonly backedOff: number;
  readonly lastLatenessMs: number;
  readonly maxLatenessMs: number;
  readonly lastRunMs: number;
  readonly totalRunMs: number;
}

/** One repetition. Disposing it cancels what is due, aborts the run in progress and waits for that run to end. */
export interface Task extends AsyncDisposable {
  readonly name: string;
  readonly metrics: TaskMetrics;
  /** Runs once now, outside the grid and without moving it; a run in progress is joined. Rejects with the run's failure. */
  runNow(): Promise<void>;
  /** Resolves once no run is in progress. */
  idle(): Promise<void>;
}

/** Counters of a scheduler. Lateness quantiles are over the last 4096 runs. */
export interface SchedulerMetrics {
  readonly tasks: number;
  readonly running: number;
  readonly runs: number;
  readonly failures: number;
  readonly overruns: number;
  readonly latenessMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** Runs all periodic work of a node on one underlying timer. */
export interface Scheduler extends AsyncDisposable {
  /**
   * Repeats `work` on a drift-free grid. An overrun skips slots and counts them; runs of one task never overlap or queue.
   * The first run is at the first slot after the call.
   */
  every(period: Duration, work: (tick: Tick) => unknown, options: TaskOptions): Task;
  readonly metrics: SchedulerMetrics;
}
