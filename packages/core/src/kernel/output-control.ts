import type { EventBus } from '../events/event-bus.js';
import {
  asHyphaeError,
  OutputInterlockError,
  OutputOwnedError,
  OutputRangeError,
  PluginFailureError,
} from '../errors/catalogue.js';
import type { HyphaeError } from '../errors/hyphae-error.js';
import type { Lifetime } from '../lifetime/lifetime.js';
import type { Logger } from '../logging/logger.js';
import type { Unit } from '../measurements/unit.js';
import type { PluginContext } from '../plugins/context.js';
import type { Output, OutputMode } from '../plugins/output.js';
import type { StateStore } from '../store/measurement-store.js';
import type { Clock } from '../time/clock.js';
import type { Health } from './instance.js';
import type { Interlocked, Interlocks } from './interlocks.js';
import type { Slot } from './last-values.js';
import type { NodeEvents, OutputRequest, OutputStatus } from './node.js';
import type { OutputPlan } from './node-plan.js';
import { type LimitMemory, LimitKeeper, type Verdict } from './output-limits.js';
import type { Publisher } from './publisher.js';
import {
  CLOCK,
  CONTEXT,
  EVENTS,
  HANDLES,
  HEALTH,
  injects,
  INTERLOCKS,
  LIFETIME,
  LOG,
  NAME,
  OUTPUT_PLAN,
  PUBLISHER,
  SIMULATED,
  STATE,
} from './tokens.js';
import { within } from './within.js';

const START_DEADLINE = '10 s';
const APPLY_DEADLINE = '5 s';
const QUICK_TRIES = 3;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;
/** How long a client's command lasts where neither it nor `limits.maxOn` says: nothing stays on without an end. */
const DEFAULT_LEASE_MS = 3_600_000;

interface Hold {
  readonly owner: string;
  readonly value: number;
  readonly lease?: Disposable;
}

/** One output: who controls it, what it may do, what it does. The device moves to the wish of whoever is in control. */
export class OutputControl implements Interlocked {
  readonly mode: OutputMode;
  readonly unit: Unit;
  readonly range: readonly [number, number];
  readonly safe: number;
  readonly #limits: LimitKeeper;
  readonly #slot: Slot;
  #output: Output | undefined;
  #function: Hold | undefined;
  #client: Hold | undefined;
  #initial: number | undefined;
  #confirmed: number | null = null;
  #desired: number;
  #rev = 0;
  #switches = 0;
  #onMs = 0;
  #onSince: number | undefined;
  #limitTimer: Disposable | undefined;
  #retryTimer: Disposable | undefined;
  #failures = 0;
  #fault: HyphaeError | undefined;
  #settling: Promise<void> | undefined;
  #again = false;
  #started = false;
  #stopping = false;

  constructor(
    readonly id: string,
    private readonly life: Lifetime,
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly events: EventBus<NodeEvents>,
    private readonly publisher: Publisher,
    private readonly state: StateStore,
    private readonly interlocks: Interlocks,
    private readonly plan: OutputPlan,
    private readonly handles: Readonly<Record<string, unknown>>,
    private readonly context: PluginContext,
    private readonly simulated: boolean,
    private readonly health: Health,
  ) {
    const { plugin } = plan;
    this.mode = plugin.mode;
    this.unit = plugin.unit ?? '1';
    this.range = plugin.range ?? [0, 1];
    this.safe = plan.safe ?? plugin.safe;
    this.#desired = this.safe;
    this.#limits = new LimitKeeper(plan.limits);
    this.#slot = publisher.slot(id, 'state');
    this.#check(this.safe);
  }

  get active(): boolean {
    return this.#output !== undefined && this.#confirmed !== this.safe;
  }

  reconsider(): void {
    void this.#settle();
  }

  /** Starts the driver and brings the device to its start-up state. */
  async start(): Promise<void> {
    const memory = (await this.clock.io(this.state.get(`output/${this.id}`, 'limits'))) as LimitMemory | undefined; // written by #persist
    const last = await this.clock.io(this.state.get(`output/${this.id}`, 'confirmed'));
    if (memory) this.#limits.recall(memory, this.clock.monotonic(), this.#wallOffset);
    const { startup = 'safe', interlock, plugin } = this.plan;
    this.#initial =
      startup === 'last' && typeof last === 'number' ? last : typeof startup === 'number' ? startup : undefined;
    const output = await within(
      this.clock,
      `start of ${this.id}`,
      START_DEADLINE,
      () => plugin.start(this.handles as never, this.context as never), // assembled from the same definition
    );
    this.#output = output;
    this.life.defer(() => this.#stop(), 'safe state');
    if (interlock !== undefined) this.life.own(this.interlocks.join(interlock, this), 'interlock');
    await this.#settle();
    if (this.#fault) throw this.#fault;
    this.#started = true;
  }

  status(): OutputStatus {
    const running = this.#onSince === undefined ? 0 : this.clock.monotonic() - this.#onSince;
    return {
      id: this.id,
      mode: this.mode,
      unit: this.unit,
      range: this.range,
      safe: this.safe,
      desired: this.#desired,
      confirmed: this.#confirmed,
      owner: (this.#client ?? this.#function)?.owner ?? null,
      rev: this.#rev,
      onMs: this.#onMs + running,
      switches: this.#switches,
    };
  }

  /** A function's standing wish. It holds while no client has the output. */
  wish(owner: string, value: number): void {
    this.#initial = undefined;
    const [min, max] = this.range;
    const wished = this.mode === 'switch' ? (value > 0 ? 1 : 0) : Math.min(max, Math.max(min, value));
    if (this.#function?.owner === owner && this.#function.value === wished) return;
    this.#function = { owner, value: wished };
    void this.#settle();
  }

  /** The function has nothing to say any more: safe, at once. */
  withdraw(owner: string): Promise<void> {
    if (this.#function?.owner !== owner) return Promise.resolve();
    this.#function = undefined;
    return this.#settle();
  }

  /** A client's command. Errors as of {@link Outputs.set}. */
  async set({ value, owner, leaseMs, ifRev, override = false }: OutputRequest): Promise<OutputStatus> {
    this.#check(value);
    const holder = this.#client ?? this.#function;
    if (holder && holder.owner !== owner && !override)
      throw new OutputOwnedError({ output: this.id, owner: holder.owner });
    if (ifRev !== undefined && ifRev !== this.#rev) {
      throw new OutputOwnedError({
        output: this.id,
        owner: `somebody else since revision ${ifRev}; it is now at ${this.#rev}`,
      });
    }
    const verdict = this.#verdict(value, false);
    if (!verdict.allowed) throw new OutputInterlockError({ output: this.id, why: verdict.why });
    this.#initial = undefined;
    this.#client?.lease?.[Symbol.dispose]();
    const ends = leaseMs ?? (value === this.safe || this.#limits.bounded ? undefined : DEFAULT_LEASE_MS);
    const lease =
      ends === undefined ? undefined : this.clock.timer(`lease ${this.id}`, ends, () => void this.release(owner));
    this.#client = lease ? { owner, value, lease } : { owner, value };
    await this.#settle();
    if (this.#fault) {
      const fault = this.#fault;
      await this.release(owner);
      throw fault;
    }
    return this.status();
  }

  /** Gives the output back to its function, or to safe. */
  async release(owner: string): Promise<void> {
    if (this.#client?.owner !== owner) return;
    this.#client.lease?.[Symbol.dispose]();
    this.#client = undefined;
    await this.#settle();
    this.events.publish('output', this.status());
  }

  #check(value: unknown): void {
    const [min, max] = this.range;
    const refuse = (range: string) => new OutputRangeError({ output: this.id, value, range });
    if (typeof value !== 'number' || !Number.isFinite(value)) throw refuse('it wants a finite number');
    if (this.mode === 'switch' && value !== 0 && value !== 1) throw refuse('a switch is 0 or 1');
    if (value < min || value > max) throw refuse(`its range is ${min} to ${max}`);
  }

  get #wallOffset(): number {
    return this.clock.now() - this.clock.monotonic();
  }

  /** The value whoever is in control wants, and whether it is a wish or the safe answer to having nobody. */
  #target(): { readonly value: number; readonly urgent: boolean } {
    const hold = this.#client ?? this.#function;
    if (hold && !this.#stopping) return { value: hold.value, urgent: false };
    return { value: this.#stopping ? this.safe : (this.#initial ?? this.safe), urgent: true };
  }

  #verdict(value: number, urgent: boolean): Verdict {
    const now = this.clock.monotonic();
    const on = this.#confirmed !== null && this.#confirmed !== this.safe;
    if (value === this.safe) return on && !urgent ? this.#limits.turnOff(now) : { allowed: true };
    if (on) return this.#limits.stayOn(now);
    const { interlock } = this.plan;
    const blocker = interlock === undefined ? undefined : this.interlocks.blocker(interlock, this);
    if (blocker)
      return { allowed: false, why: `${blocker.id} of interlock group ${interlock} is on`, againInMs: Infinity };
    return this.#limits.turnOn(now);
  }

  /** Moves the device until it is where it should be. One at a time; a call during one makes it look again. */
  #settle(): Promise<void> {
    this.#again = true;
    return (this.#settling ??= this.#moves().finally(() => (this.#settling = undefined)));
  }

  async #moves(): Promise<void> {
    while (this.#again && this.#output) {
      this.#again = false;
      const { value: wished, urgent } = this.#target();
      const verdict = this.#verdict(wished, urgent);
      const kept = this.#confirmed !== null && wished === this.safe ? this.#confirmed : this.safe;
      const value = verdict.allowed ? wished : kept;
      const tripped =
        !verdict.allowed && wished !== this.safe && this.#confirmed !== null && this.#confirmed !== this.safe;
      if (tripped) this.log.warn(`${this.id} goes safe: ${verdict.why}`);
      this.#desired = wished;
      this.#watch(verdict.againInMs);
      if (value !== this.#confirmed) await this.#apply(value, tripped);
    }
  }

  #watch(delayMs: number | undefined): void {
    this.#limitTimer?.[Symbol.dispose]();
    this.#limitTimer = undefined;
    if (delayMs === undefined || !Number.isFinite(delayMs) || this.#stopping) return;
    // Never the same instant again: a limit that ends now has ended at the next millisecond.
    this.#limitTimer = this.clock.timer(`limit ${this.id}`, Math.max(1, delayMs), () => void this.#settle());
  }

  async #apply(value: number, tripped: boolean): Promise<void> {
    try {
      this.#confirm(await this.#reach(value, QUICK_TRIES), tripped);
      this.#failures = 0;
      this.#fault = undefined;
      this.health.ok();
    } catch (failure) {
      this.#fault = asHyphaeError(failure, this.id, 'apply');
      this.health.fault(this.#fault);
      // What the device does is unknown now; safe is tried once, whoever wished for what.
      const safe = value === this.safe ? undefined : await this.#reach(this.safe, 1).catch(() => undefined);
      this.#confirm(safe ?? null, false);
      const delay = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++);
      this.#retryTimer?.[Symbol.dispose]();
      if (!this.#stopping) this.#retryTimer = this.clock.timer(`retry ${this.id}`, delay, () => void this.#settle());
    }
  }

  async #reach(value: number, tries: number): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      try {
        const reached: unknown = await within(this.clock, `${this.id} set to ${value}`, APPLY_DEADLINE, () =>
          this.#output?.apply(value, { signal: this.#stopping ? new AbortController().signal : this.life.signal }),
        );
        if (typeof reached === 'number' && Number.isFinite(reached)) return reached;
        throw new PluginFailureError({ instance: this.id, hook: 'apply', why: `it returned ${String(reached)}` });
      } catch (failure) {
        const { code, retryable } = asHyphaeError(failure, this.id, 'apply');
        // What hung once is not waited for again at once.
        if (attempt >= tries || !retryable || code === 'HYP_DEADLINE') throw failure;
      }
    }
  }

  #confirm(value: number | null, tripped: boolean): void {
    if (value === this.#confirmed && this.#rev > 0) return;
    const now = this.clock.monotonic();
    const wasOn = this.#onSince !== undefined;
    const isOn = value !== null && value !== this.safe;
    if (isOn && !wasOn) {
      this.#onSince = now;
      this.#switches++;
      this.#limits.switchedOn(now);
    } else if (!isOn && this.#onSince !== undefined) {
      this.#onMs += now - this.#onSince;
      this.#onSince = undefined;
      this.#limits.switchedOff(now, tripped);
    }
    this.#confirmed = value;
    this.#rev++;
    // The time a limit ends is counted from the change just made.
    if (isOn) this.#again = true;
    this.#publish(value);
    if (isOn !== wasOn) this.#persist();
    if (!isOn && wasOn && this.plan.interlock !== undefined) this.interlocks.released(this.plan.interlock, this);
  }

  #publish(value: number | null): void {
    const reading = {
      source: this.id,
      channel: 'state',
      kind: 'e',
      value,
      unit: this.unit,
      at: this.clock.now(),
      quality: value === null ? 'bad' : 'good',
    } as const;
    this.publisher.publish(this.#slot, this.simulated ? { ...reading, simulated: true } : reading);
    this.events.publish('output', this.status());
  }

  #persist(): void {
    const owner = `output/${this.id}`;
    const saved = Promise.all([
      this.state.set(owner, 'limits', this.#limits.remember(this.#wallOffset)),
      this.state.set(owner, 'confirmed', this.#confirmed),
    ]);
    this.clock.io(saved).catch((error: unknown) => {
      this.log.warn(`${this.id}: its limits could not be saved and will be forgotten at a restart`, {
        error: String(error),
      });
    });
  }

  async #stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of [this.#limitTimer, this.#retryTimer, this.#client?.lease]) timer?.[Symbol.dispose]();
    await this.#settle();
    this.#retryTimer?.[Symbol.dispose]();
    const output = this.#output;
    this.#output = undefined;
    await output?.stop?.();
    // One that never started has said so already.
    if (this.#fault && this.#started) throw this.#fault;
  }
}
injects(
  NAME,
  LIFETIME,
  CLOCK,
  LOG,
  EVENTS,
  PUBLISHER,
  STATE,
  INTERLOCKS,
  OUTPUT_PLAN,
  HANDLES,
  CONTEXT,
  SIMULATED,
  HEALTH,
)(OutputControl);
