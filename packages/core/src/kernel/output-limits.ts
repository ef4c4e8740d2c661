import { formatMs, toMs } from '../time/duration.js';
import type { OutputLimits } from './node-plan.js';

/** What the limits say to a wish. `againInMs`: when it is worth asking again. */
export type Verdict =
  | { readonly allowed: true; readonly againInMs?: number }
  | { readonly allowed: false; readonly why: string; readonly againInMs: number };

/** What survives a restart, in wall-clock time: the only time that does. */
export interface LimitMemory {
  readonly onAt?: number;
  readonly offAt?: number;
  readonly trippedAt?: number;
  readonly switchedAt?: readonly number[];
}

const HOUR_MS = 3_600_000;
/** How long an output rests after it was cut at `maxOn`, where `minOff` does not say. */
const DEFAULT_REST_MS = 60_000;

/** Longest and shortest times on and off, and switching rate of one output. Monotonic time only; pure of any timer. */
export class LimitKeeper {
  readonly #maxOn: number;
  readonly #minOn: number;
  readonly #minOff: number;
  readonly #rate: number;
  #onMs: number | undefined;
  #offMs: number | undefined;
  #trippedMs: number | undefined;
  #switches: number[] = [];

  constructor(limits: OutputLimits = {}) {
    this.#maxOn = limits.maxOn === undefined ? Infinity : toMs(limits.maxOn);
    this.#minOn = limits.minOn === undefined ? 0 : toMs(limits.minOn);
    this.#minOff = limits.minOff === undefined ? 0 : toMs(limits.minOff);
    this.#rate = limits.maxSwitchesPerHour ?? Infinity;
  }

  get bounded(): boolean {
    return Number.isFinite(this.#maxOn);
  }

  /** May it go away from safe now? */
  turnOn(now: number): Verdict {
    const rest = this.#trippedMs === undefined ? 0 : this.#trippedMs + (this.#minOff || DEFAULT_REST_MS) - now;
    if (rest > 0) return refuse(`it was on for its longest time and rests for ${formatMs(rest)}`, rest);
    const off = this.#offMs === undefined ? 0 : this.#offMs + this.#minOff - now;
    if (off > 0) return refuse(`its shortest time off ends in ${formatMs(off)}`, off);
    this.#switches = this.#switches.filter((at) => now - at < HOUR_MS);
    const first = this.#switches[0];
    if (first !== undefined && this.#switches.length >= this.#rate) {
      return refuse(`it was switched ${this.#switches.length} times within the hour`, first + HOUR_MS - now);
    }
    return { allowed: true };
  }

  /** May it stay away from safe? */
  stayOn(now: number): Verdict {
    const left = (this.#onMs ?? now) + this.#maxOn - now;
    if (left <= 0) return refuse('it was on for its longest time', 0);
    return Number.isFinite(left) ? { allowed: true, againInMs: left } : { allowed: true };
  }

  /** May it go back to safe, as a wish (a failure does not ask)? */
  turnOff(now: number): Verdict {
    const left = this.#onMs === undefined ? 0 : this.#onMs + this.#minOn - now;
    return left > 0 ? refuse(`its shortest time on ends in ${formatMs(left)}`, left) : { allowed: true };
  }

  /** It has left safe, or may have. */
  switchedOn(now: number): void {
    this.#onMs = now;
    this.#trippedMs = undefined;
    if (Number.isFinite(this.#rate)) this.#switches.push(now);
  }

  /** It is known to be safe again. */
  switchedOff(now: number, tripped: boolean): void {
    this.#onMs = undefined;
    this.#offMs = now;
    if (tripped) this.#trippedMs = now;
  }

  /** @param wallOffset wall-clock time minus monotonic time */
  remember(wallOffset: number): LimitMemory {
    const wall = (ms: number | undefined) => (ms === undefined ? undefined : ms + wallOffset);
    return JSON.parse(
      JSON.stringify({
        onAt: wall(this.#onMs),
        offAt: wall(this.#offMs),
        trippedAt: wall(this.#trippedMs),
        switchedAt: this.#switches.map((at) => at + wallOffset),
      }),
    ) as LimitMemory; // the same shape, without undefined members
  }

  /**
   * Takes up what the last run left, and says whether the output was on then: nobody has seen it off, so it may still be on,
   * and its time goes on. A time in the future (the wall clock was set back) counts as now: waiting too long is the safe error.
   */
  recall(memory: LimitMemory, now: number, wallOffset: number): boolean {
    const mono = (wall: number | undefined) => (wall === undefined ? undefined : Math.min(now, wall - wallOffset));
    this.#onMs = mono(memory.onAt);
    this.#offMs = mono(memory.offAt);
    this.#trippedMs = mono(memory.trippedAt);
    this.#switches = (memory.switchedAt ?? []).map((at) => Math.min(now, at - wallOffset));
    return this.#onMs !== undefined;
  }
}

function refuse(why: string, againInMs: number): Verdict {
  return { allowed: false, why, againInMs };
}
