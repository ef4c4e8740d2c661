import { VirtualTimeError } from '../errors/catalogue.js';
import type { HyphaeError } from '../errors/hyphae-error.js';
import { BaseClock } from '../time/base-clock.js';
import type { EpochMs } from '../time/clock.js';
import { type Duration, formatMs, toMs } from '../time/duration.js';
import { ClockTimer, TimerQueue } from '../time/timer-queue.js';
import { EventLoopTurns } from './event-loop-turns.js';

/** How a {@link VirtualClock} begins. */
export interface VirtualClockOptions {
  /** The wall-clock time at its beginning. Default 2030-01-01T00:00:00Z. */
  readonly start?: string | EpochMs;
  /**
   * How much later than asked each timer fires: a length of time, or a function that gives milliseconds. Real timers are
   * never early and always a little late; virtual ones that are never late hide drift. Default 0.
   */
  readonly lateness?: Duration | (() => number);
}

/** Options of {@link VirtualClock.advance}. */
export interface AdvanceOptions {
  /** Called about a hundred times on the way and at its end, with the part done (0 to 1). */
  readonly onProgress?: (done: number) => void;
  /** Stops on the way: `advance` rejects with its reason, and time stays where it got to. */
  readonly signal?: AbortSignal;
}

/** One piece of I/O declared to a {@link VirtualClock}. */
export interface AwaitedIo {
  readonly name: string;
}

/** Whoever is moving time. */
interface Mover {
  readonly target: number;
  done: boolean;
  readonly needsTimers?: boolean;
  /** Called between instants. */
  readonly between?: () => void;
}

/** More timers than this made in an instant for that same instant, and something re-arms itself without letting time pass. */
const SAME_INSTANT_LIMIT = 100_000;
/** As many names as an error message can bear. */
const NAMES_SHOWN = 16;

/**
 * A clock that moves only when it is moved. One per test or simulation; nothing global is patched.
 *
 * Timers fire one by one, in order of their time and then of their making. After each one, every promise reaction and
 * nextTick callback runs, and all I/O declared with {@link io} ends, before the next fires or time moves. So a run depends on
 * nothing but the program, and two runs are alike. Real I/O that was not declared is overtaken by virtual time.
 */
export class VirtualClock extends BaseClock {
  readonly #queue = new TimerQueue();
  readonly #turns = new EventLoopTurns();
  readonly #lateness: () => number;
  #elapsed = 0;
  #wallOffset: number;
  /** Declared I/O that has not ended, and who waits for its end. */
  readonly #io = new Set<AwaitedIo>();
  readonly #onIoEnd: (() => void)[] = [];
  readonly #movers = new Set<Mover>();
  /** True while the timers of an instant fire. */
  #moving = false;
  #instants = 0;
  /** Timers made since time last moved that do not let it move. */
  #immediate = 0;

  constructor({ start = '2030-01-01T00:00:00Z', lateness = 0 }: VirtualClockOptions = {}) {
    super();
    this.#wallOffset = epoch(start);
    const fixed = typeof lateness === 'function' ? 0 : toMs(lateness);
    this.#lateness = typeof lateness === 'function' ? lateness : () => fixed;
  }

  now(): EpochMs {
    return this.#wallOffset + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  timer(name: string, delay: Duration, fire: () => void): Disposable {
    const timer = new ClockTimer(name, fire, this.#cancel);
    const at = this.#elapsed + toMs(delay) + this.#lateness();
    if (at === this.#elapsed) this.#immediate++;
    this.#queue.add(timer, at);
    return timer;
  }

  /** Virtual time stands still until `work` has ended. It must not itself wait for virtual time. */
  override io<T>(work: Promise<T>, name = 'I/O'): Promise<T> {
    const entry = { name };
    this.#io.add(entry);
    const ended = () => {
      this.#io.delete(entry);
      if (this.#io.size > 0) return;
      for (const resume of this.#onIoEnd.splice(0)) resume();
    };
    work.then(ended, ended);
    return work;
  }

  /** Steps the wall clock, as NTP would. Timers are unaffected. */
  setWallClock(time: string | EpochMs): void {
    this.#wallOffset = epoch(time) - this.#elapsed;
  }

  /**
   * Moves time forward, firing what falls due in order and letting each consequence settle.
   *
   * @throws HYP_VIRTUAL_TIME when something keeps arming timers of no delay within one instant, and whatever a timer's callback throws
   */
  async advance(by: Duration, { onProgress, signal }: AdvanceOptions = {}): Promise<void> {
    const start = this.#elapsed;
    const length = toMs(by);
    const target = start + length;
    let report = start + length / 100;
    const between = () => {
      signal?.throwIfAborted();
      if (!onProgress || this.#elapsed < report) return;
      report = this.#elapsed + length / 100;
      if (this.#elapsed < target) onProgress((this.#elapsed - start) / length);
    };
    await this.#move({ target, done: false, between });
    onProgress?.(1);
  }

  /**
   * Moves time as far as `work` needs and returns its result.
   *
   * @throws HYP_VIRTUAL_TIME when it would take longer than `limit` (default 1 h), or when nothing is scheduled that could end it
   */
  async run<T>(work: PromiseLike<T>, { limit = '1 h' }: { readonly limit?: Duration } = {}): Promise<T> {
    const mover: Mover = { target: this.#elapsed + toMs(limit), done: false, needsTimers: true };
    const end = () => void (mover.done = true);
    work.then(end, end);
    await this.#move(mover);
    if (!mover.done) throw this.#stuck(`the work is unfinished after ${formatMs(toMs(limit))}`);
    return work;
  }

  /** Names of the timers armed, in the order they will fire. For leak checks. */
  get waiting(): readonly string[] {
    return [...this.#queue].map((timer) => timer.name);
  }

  /** Declared I/O that has not ended, in the order it began: what time stands still for. Each stays the same object. */
  get awaited(): readonly AwaitedIo[] {
    return [...this.#io];
  }

  readonly #cancel = (timer: ClockTimer): void => this.#queue.remove(timer);

  /** Moves time until the mover is done, or up to its target. */
  async #move(mover: Mover): Promise<void> {
    this.#turns.restart();
    this.#movers.add(mover);
    try {
      do {
        const seen = this.#instants;
        await this.#settle();
        mover.between?.();
        if (mover.done) return;
        // Others move time as well: what they fired last may not have settled, and who is done must go on first.
        if (this.#moving || this.#instants !== seen || this.#someoneElseIsDone(mover)) continue;
        if (!(await this.#step(mover))) return;
      } while (this.#elapsed <= mover.target);
    } finally {
      this.#movers.delete(mover);
    }
  }

  /** Goes to the next instant and fires its timers. False when none comes before the target, where time then stands. */
  async #step({ target, needsTimers = false }: Mover): Promise<boolean> {
    const next = this.#queue.next();
    if (next > target) {
      if (next === Infinity && needsTimers) throw this.#stuck('nothing is scheduled, yet the work is unfinished');
      this.#elapsed = Math.max(this.#elapsed, target);
      return false;
    }
    if (next > this.#elapsed) {
      this.#elapsed = next;
      this.#immediate = 0;
    }
    this.#instants++;
    this.#moving = true;
    try {
      await this.#fireInstant();
    } finally {
      this.#moving = false;
    }
    return true;
  }

  #someoneElseIsDone(mover: Mover): boolean {
    if (this.#movers.size === 1) return false;
    for (const other of this.#movers) if (other !== mover && other.done) return true;
    return false;
  }

  async #fireInstant(): Promise<void> {
    const now = this.#elapsed;
    for (let timer = this.#queue.take(now); timer; timer = this.#queue.take(now)) {
      if (this.#immediate > SAME_INSTANT_LIMIT) {
        this.#immediate = 0;
        throw this.#stuck(`timer ${timer.name} keeps coming back without letting time pass`);
      }
      timer.fire(now);
      if (this.#queue.next() > now) return; // whoever moves time settles next
      await this.#settle();
    }
  }

  /** Lets everything run that can run without time moving on. */
  async #settle(): Promise<void> {
    do {
      if (this.#io.size > 0) await new Promise<void>((resolve) => this.#onIoEnd.push(resolve));
      await this.#turns.next(); // last, so that whatever was waiting for the I/O has run
    } while (this.#io.size > 0);
  }

  #stuck(why: string): HyphaeError {
    const names = this.waiting;
    const shown = names.slice(0, NAMES_SHOWN);
    if (names.length > shown.length) shown.push(`and ${names.length - shown.length} more`);
    return new VirtualTimeError({ why, waiting: shown.length > 0 ? shown : ['no timer'] });
  }
}

function epoch(time: string | EpochMs): EpochMs {
  const ms = new Date(time).getTime();
  if (Number.isNaN(ms)) throw new VirtualTimeError({ why: `${time} is not a point in time`, waiting: [] });
  return ms;
}
