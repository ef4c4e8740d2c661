import { asHyphaeError, OutputStuckError } from '../errors/catalogue.js';
import type { HyphaeError } from '../errors/hyphae-error.js';
import { BackoffTimer } from './backoff-timer.js';
import type { Interlocked } from './interlocks.js';
import type { MotionParts } from './motion-parts.js';
import type { Verdict } from './output-limits.js';
import { ReadBack } from './read-back.js';

const QUICK_TRIES = 3;

/**
 * Moves one device to where it should be: looks at the wish, the limits and the interlock, makes one move, and looks again
 * until nothing is left to do. After a failure it is tried safe at once, and then again with back-off.
 */
export class OutputMotion implements Interlocked {
  /** What the device last confirmed; `null` while unknown. */
  confirmed: number | null = null;
  desired: number;
  rev = 0;
  switches = 0;
  /** Why it is not where it should be. */
  fault: HyphaeError | undefined;
  /** The value the device was last told and reached; nothing has shaken that since. */
  #rest: { readonly value: number } | undefined;
  /** Where a move under way goes. */
  #heading: number | undefined;
  /** Away from safe as the limits count it: from the moment it may have left until it is known to be back. */
  #away: boolean;
  #tripped = false;
  #onMs = 0;
  #onSince: number | undefined;
  readonly #readBack: Disposable;
  #limitTimer: Disposable | undefined;
  readonly #retry: BackoffTimer;
  #looking = false;
  #again = false;
  #work: Promise<void> = Promise.resolve();
  #shaken = false;
  #stopping = false;
  /** The last try before the end has failed. */
  #givenUp = false;

  constructor(private readonly parts: MotionParts) {
    this.desired = parts.safe;
    this.#away = parts.wasOn;
    const { id, device, clock } = parts;
    this.#retry = new BackoffTimer(clock, `retry ${id}`, () => void this.settle());
    const resting = () => (this.#looking ? undefined : this.#rest);
    this.#readBack = new ReadBack({ id, device, clock, resting, found: (value) => this.#found(value) });
  }

  get id(): string {
    return this.parts.id;
  }

  get active(): boolean {
    const heading = this.#heading !== undefined && !this.#isSafe(this.#heading);
    return heading || this.confirmed === null || !this.#isSafe(this.confirmed) || this.parts.device.overdue;
  }

  /** Milliseconds away from safe in this run. */
  get onMs(): number {
    return this.#onMs + (this.#onSince === undefined ? 0 : this.parts.clock.monotonic() - this.#onSince);
  }

  /** True when the device was told this value last, and reached it. */
  isAt(value: number): boolean {
    return this.#rest?.value === value;
  }

  /** Why this value is refused at present. */
  refusal(value: number): string | undefined {
    const verdict = this.#verdict(value, false);
    return verdict.allowed ? undefined : verdict.why;
  }

  /** Looks until nothing is left to do. A call while it does makes it look again. */
  settle(): Promise<void> {
    this.#again = true;
    if (!this.#looking) {
      this.#looking = true;
      this.#work = this.#lookAll();
    }
    return this.#work;
  }

  /** As {@link settle}, without waiting for the end of a back-off. */
  settleNow(): Promise<void> {
    this.#retry.clear();
    return this.settle();
  }

  reconsider(): void {
    void this.settle();
  }

  /** A call that had been given up has come back: nobody knows what it has done, nor what it does to a move under way. */
  shaken(): void {
    if (this.#stopping) return;
    this.#shaken = true;
    void this.settleNow();
  }

  /** Ends what is under way and makes the device safe. True if it is. */
  async stop(): Promise<boolean> {
    this.#stopping = true;
    this.#readBack[Symbol.dispose]();
    this.#limitTimer?.[Symbol.dispose]();
    this.parts.device.interrupt();
    await this.settleNow();
    this.#limitTimer?.[Symbol.dispose]();
    return !this.active;
  }

  async #lookAll(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        await this.#look();
      }
    } finally {
      this.#looking = false; // in the same turn as the last look: a call after it starts anew
    }
  }

  async #look(): Promise<void> {
    const { wish, safe, device } = this.parts;
    if (this.#shaken) {
      this.#shaken = false;
      this.#rest = undefined;
      this.#confirm(null);
    }
    const { value: wished, urgent } = wish();
    this.desired = wished;
    const verdict = this.#verdict(wished, urgent);
    this.#watch(verdict.againInMs);
    let value = wished;
    if (!verdict.allowed) {
      if (this.#isSafe(wished)) value = this.#rest?.value ?? safe;
      else {
        value = safe;
        if (this.#away) this.#trip(verdict.why);
      }
    }
    if (this.#retry.waiting || this.#givenUp) return;
    if (device.overdue && !this.#isSafe(value)) value = safe;
    if (this.#rest?.value !== value) await this.#move(value);
  }

  #verdict(value: number, urgent: boolean): Verdict {
    const { clock, limits, interlock, interlocks } = this.parts;
    const now = clock.monotonic();
    if (this.#isSafe(value)) {
      return this.#away && this.confirmed !== null && !urgent ? limits.turnOff(now) : { allowed: true };
    }
    if (this.#away) return limits.stayOn(now);
    const blocker = interlock === undefined ? undefined : interlocks.blocker(interlock, this);
    if (blocker) {
      return { allowed: false, why: `${blocker.id} of interlock group ${interlock} is on`, againInMs: Infinity };
    }
    return limits.turnOn(now);
  }

  #trip(why: string): void {
    if (this.#tripped) return;
    this.#tripped = true;
    this.parts.log.warn(`${this.id} goes safe: ${why}`);
    this.parts.onTrip();
    this.#retry.clear();
    this.#again = true;
  }

  #watch(delayMs: number | undefined): void {
    this.#limitTimer?.[Symbol.dispose]();
    this.#limitTimer = undefined;
    if (delayMs === undefined || !Number.isFinite(delayMs) || this.#stopping) return;
    // Never the same instant again: a limit that ends now has ended at the next millisecond.
    this.#limitTimer = this.parts.clock.timer(`limit ${this.id}`, Math.max(1, delayMs), () => void this.settle());
  }

  async #move(value: number): Promise<void> {
    const { device, health, interlock, interlocks } = this.parts;
    this.#heading = value;
    const wasActive = this.active;
    try {
      this.#arrived(value, await device.move(value, QUICK_TRIES));
      this.#retry.succeeded();
      if (!device.overdue) {
        this.fault = undefined;
        health.ok();
      }
    } catch (failure) {
      await this.#failed(value, asHyphaeError(failure, this.id, 'apply'));
    }
    this.#heading = undefined;
    if (interlock !== undefined && wasActive && !this.active) interlocks.released(interlock, this);
  }

  /** @throws HYP_OUTPUT_STUCK when it is somewhere else than it was told */
  #arrived(value: number, found: number): void {
    const there = this.#same(value, found);
    this.#rest = there ? { value } : undefined;
    this.#confirm(found);
    if (!there) throw new OutputStuckError({ output: this.id, wanted: value, found });
  }

  async #failed(value: number, error: HyphaeError): Promise<void> {
    const { device, health, safe } = this.parts;
    this.#rest = undefined;
    const known = error.code === 'HYP_OUTPUT_STUCK';
    if (this.#stopping) {
      if (!known) this.#confirm(null);
      if (error.code === 'HYP_DISPOSED') return; // it was told to end, for the sake of the next move
      this.fault = error;
      this.#givenUp = true;
      return;
    }
    this.fault = error;
    health.fault(error);
    // What the device does is unknown now; safe is tried once, whoever wished for what.
    let found = known ? this.confirmed : null;
    if (!this.#isSafe(value)) found = await device.move(safe, 1).catch(() => null);
    this.#confirm(found);
    if (this.#stopping) return;
    this.#retry.failed();
  }

  /** The device at rest says where it is. */
  #found(value: number): void {
    const told = this.#rest?.value;
    if (told === undefined || this.#same(value, told)) return;
    this.parts.log.warn(`${this.id} was at ${told} and is at ${value}`);
    this.#rest = undefined;
    this.#confirm(value);
    void this.settle();
  }

  #confirm(value: number | null): void {
    const { clock, limits, onChange, onSwitch } = this.parts;
    const now = clock.monotonic();
    const wasAway = this.#away;
    const heading = this.#heading !== undefined && !this.#isSafe(this.#heading);
    this.#away = value === null ? wasAway || heading : !this.#isSafe(value);
    if (this.#away && !wasAway) {
      this.#onSince = now;
      this.switches++;
      limits.switchedOn(now);
    } else if (!this.#away && wasAway) {
      this.#onMs += now - (this.#onSince ?? now);
      this.#onSince = undefined;
      limits.switchedOff(now, this.#tripped);
      this.#tripped = false;
    }
    // The time a limit ends is counted from the change just made.
    if (this.#away) this.#again = true;
    if (this.#away !== wasAway) onSwitch();
    if (value === this.confirmed && this.rev > 0) return;
    this.confirmed = value;
    this.rev++;
    onChange();
  }

  #same(a: number, b: number): boolean {
    return Math.abs(a - b) <= this.parts.tolerance;
  }

  #isSafe(value: number): boolean {
    return this.#same(value, this.parts.safe);
  }
}
