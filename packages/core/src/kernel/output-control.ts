import type { EventBus } from '../events/event-bus.js';
import { OutputInterlockError, OutputOwnedError } from '../errors/catalogue.js';
import type { Lifetime } from '../lifetime/lifetime.js';
import type { Logger } from '../logging/logger.js';
import type { PluginContext } from '../plugins/context.js';
import type { Output } from '../plugins/output.js';
import type { StateStore } from '../store/measurement-store.js';
import type { Clock } from '../time/clock.js';
import { toMs } from '../time/duration.js';
import { acquire } from './acquire.js';
import type { Health } from './instance.js';
import type { Interlocks } from './interlocks.js';
import type { Slot } from './last-values.js';
import type { Wish } from './motion-parts.js';
import type { NodeEvents, OutputRequest, OutputStatus } from './node.js';
import type { OutputPlan } from './node-plan.js';
import { OutputDevice, STOP_BUDGET_MS } from './output-device.js';
import { LimitKeeper } from './output-limits.js';
import { OutputMemory } from './output-memory.js';
import { OutputMotion } from './output-motion.js';
import { OutputRange } from './output-range.js';
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

const START_DEADLINE = '10 s';
/** How long a command or a start-up value lasts where nothing else says: nothing stays on without an end. */
const DEFAULT_LEASE_MS = 3_600_000;

interface Hold {
  readonly owner: string;
  readonly value: number;
  readonly lease?: Disposable;
}

/** One output: who controls it. {@link OutputMotion} brings the device to what that one wants. */
export class OutputControl {
  readonly #range: OutputRange;
  readonly #limits: LimitKeeper;
  readonly #memory: OutputMemory;
  readonly #slot: Slot;
  #motion: OutputMotion | undefined;
  #function: Hold | undefined;
  #client: Hold | undefined;
  /** The start-up value, until somebody takes control or its lease ends. */
  #startup: Hold | undefined;
  #started = false;
  #stopping = false;

  constructor(
    readonly id: string,
    private readonly life: Lifetime,
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly events: EventBus<NodeEvents>,
    private readonly publisher: Publisher,
    state: StateStore,
    private readonly interlocks: Interlocks,
    private readonly plan: OutputPlan,
    private readonly handles: Readonly<Record<string, unknown>>,
    private readonly context: PluginContext,
    private readonly simulated: boolean,
    private readonly health: Health,
  ) {
    this.#range = new OutputRange(id, plan.plugin);
    this.#limits = new LimitKeeper(plan.limits);
    this.#memory = new OutputMemory(id, state, clock, log);
    this.#slot = publisher.slot(id, 'state');
    this.#range.check(this.#safe);
    if (typeof plan.startup === 'number') this.#range.check(plan.startup);
  }

  /** Starts the driver and brings the device to its start-up state. */
  async start(): Promise<void> {
    const { plan, clock, id, life } = this;
    const last = await this.#memory.recall();
    const wasOn = this.#limits.recall(last.limits, clock.monotonic(), this.#wallOffset);
    await acquire(clock, life, {
      what: `start of ${id}`,
      deadline: START_DEADLINE,
      work: () => plan.plugin.start(this.handles as never, this.context as never), // assembled from the same definition
      keep: (output) => (this.#motion = this.#take(output, wasOn)),
      putAway: (output) => output?.stop?.(),
    });
    this.#beginWith(plan.startup === 'last' ? last.value : plan.startup);
    await this.#motion?.settle();
    if (this.#motion?.fault) throw this.#motion.fault;
    this.#started = true;
  }

  /** The driver runs: from now on it is brought to safe before anything of it is released. */
  #take(output: Output, wasOn: boolean): OutputMotion {
    const { clock, id, plan } = this;
    const device = new OutputDevice(id, output, clock, () => motion.shaken());
    const motion: OutputMotion = new OutputMotion({
      id,
      safe: this.#safe,
      tolerance: this.#range.tolerance,
      device,
      limits: this.#limits,
      wasOn,
      interlock: plan.interlock,
      interlocks: this.interlocks,
      clock,
      log: this.log,
      health: this.health,
      wish: () => this.#wish(),
      onTrip: () => this.#trip(),
      onChange: () => this.#changed(),
      onSwitch: () => this.#memory.limits(this.#limits.remember(this.#wallOffset)),
    });
    // It leaves its group only when it is known to be safe: the others have to stay off as long as it may be on.
    const membership = plan.interlock === undefined ? undefined : this.interlocks.join(plan.interlock, motion);
    this.life.defer(() => this.#stop(motion, device, membership), 'safe state', STOP_BUDGET_MS);
    return motion;
  }

  status(): OutputStatus {
    const { plugin } = this.plan;
    const { desired = this.#safe, confirmed = null, rev = 0, onMs = 0, switches = 0 } = this.#motion ?? {};
    return {
      id: this.id,
      mode: plugin.mode,
      unit: plugin.unit ?? '1',
      range: this.#range.bounds,
      safe: this.#safe,
      desired,
      confirmed,
      owner: (this.#client ?? this.#function)?.owner ?? null,
      rev,
      onMs,
      switches,
    };
  }

  /** A function's standing wish. It holds while no client has the output. */
  wish(owner: string, value: number): void {
    this.#endStartup();
    const wished = this.#range.clamp(value);
    if (this.#function?.owner === owner && this.#function.value === wished) return;
    this.#function = { owner, value: wished };
    void this.#motion?.settle();
  }

  /** The function has nothing to say any more: safe, at once. */
  async withdraw(owner: string): Promise<void> {
    const held = this.#function?.owner === owner;
    if (!held && (this.#function || !this.#startup)) return;
    // Whoever is to control it cannot: its start-up value is over as well.
    this.#function = undefined;
    this.#endStartup();
    await this.#motion?.settleNow();
  }

  /** A client's command. Errors as of {@link Outputs.set}. */
  async set({ value, owner, leaseMs, ifRev, override = false }: OutputRequest): Promise<OutputStatus> {
    const motion = this.#motion;
    this.#range.check(value);
    const ends = leaseMs === undefined ? this.#defaultLease(value) : toMs(leaseMs);
    const { owner: holder } = this.#client ?? this.#function ?? {};
    if (holder !== undefined && holder !== owner && !override) {
      throw new OutputOwnedError({ output: this.id, owner: holder });
    }
    if (ifRev !== undefined && ifRev !== motion?.rev) {
      const now = `it is now at ${motion?.rev ?? 0}`;
      throw new OutputOwnedError({ output: this.id, owner: `somebody else since revision ${ifRev}; ${now}` });
    }
    const refusal = motion?.refusal(value);
    if (refusal !== undefined) throw new OutputInterlockError({ output: this.id, why: refusal });
    this.#endStartup();
    this.#client?.lease?.[Symbol.dispose]();
    const hold: Hold = ends === undefined ? { owner, value } : { owner, value, lease: this.#lease(owner, ends) };
    this.#client = hold;
    await motion?.settleNow();
    // Somebody took it over meanwhile, or it is where it should be.
    if (this.#client !== hold || motion?.isAt(value)) return this.status();
    const error =
      motion?.fault ?? new OutputInterlockError({ output: this.id, why: motion?.refusal(value) ?? 'it stops' });
    await this.release(owner);
    throw error;
  }

  /** Gives the output back to its function, or to safe. */
  async release(owner: string): Promise<void> {
    if (this.#client?.owner !== owner) return;
    this.#client.lease?.[Symbol.dispose]();
    this.#client = undefined;
    await this.#motion?.settleNow();
    this.events.publish('output', this.status());
  }

  get #safe(): number {
    return this.plan.safe ?? this.plan.plugin.safe;
  }

  get #wallOffset(): number {
    return this.clock.now() - this.clock.monotonic();
  }

  #wish(): Wish {
    const hold = this.#client ?? this.#function;
    if (hold && !this.#stopping) return { value: hold.value, urgent: false };
    return { value: (this.#stopping ? undefined : this.#startup?.value) ?? this.#safe, urgent: true };
  }

  #defaultLease(value: number): number | undefined {
    return value === this.#safe || this.#limits.bounded ? undefined : DEFAULT_LEASE_MS;
  }

  #lease(owner: string, ms: number): Disposable {
    return this.clock.timer(`lease ${this.id}`, ms, () => void this.release(owner));
  }

  /** Holds the start-up value like a client that is not there any more would. */
  #beginWith(startup: number | 'safe' | undefined): void {
    if (typeof startup !== 'number' || startup === this.#safe) return;
    if (this.#range.clamp(startup) !== startup) return; // the range has changed since it was remembered
    const ends = this.#defaultLease(startup);
    const lease =
      ends === undefined
        ? undefined
        : this.clock.timer(`start-up value of ${this.id}`, ends, () => {
            this.#startup = undefined;
            void this.#motion?.settleNow();
          });
    this.#startup = { owner: 'start-up', value: startup, ...(lease ? { lease } : {}) };
  }

  #endStartup(): void {
    this.#startup?.lease?.[Symbol.dispose]();
    this.#startup = undefined;
  }

  /** A limit ends the hold of whoever may not be there any more. A function goes on wishing: it looks at its inputs. */
  #trip(): void {
    this.#endStartup();
    this.#client?.lease?.[Symbol.dispose]();
    this.#client = undefined;
  }

  #changed(): void {
    const confirmed = this.#motion?.confirmed ?? null;
    const reading = {
      source: this.id,
      channel: 'state',
      kind: 'e',
      value: confirmed,
      unit: this.plan.plugin.unit ?? '1',
      at: this.clock.now(),
      quality: confirmed === null ? 'bad' : 'good',
    } as const;
    this.publisher.publish(this.#slot, this.simulated ? { ...reading, simulated: true } : reading);
    this.events.publish('output', this.status());
    if (this.plan.startup === 'last' && confirmed !== null && this.#started && !this.#stopping) {
      this.#memory.value(confirmed);
    }
  }

  async #stop(motion: OutputMotion, device: OutputDevice, membership: Disposable | undefined): Promise<void> {
    this.#stopping = true;
    this.#endStartup();
    this.#client?.lease?.[Symbol.dispose]();
    const safe = await motion.stop();
    if (safe) membership?.[Symbol.dispose]();
    await this.#memory.end();
    await device.stop();
    // One that never started has said so already.
    if (!safe && this.#started)
      throw motion.fault ?? new OutputInterlockError({ output: this.id, why: 'it is not safe' });
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
