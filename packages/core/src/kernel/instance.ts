import type { EventBus } from '../events/event-bus.js';
import { asHyphaeError, NotReadyError } from '../errors/catalogue.js';
import type { HyphaeError } from '../errors/hyphae-error.js';
import { Lifetime } from '../lifetime/lifetime.js';
import type { Logger } from '../logging/logger.js';
import type { Unit } from '../measurements/unit.js';
import type { Task, TaskMetrics } from '../scheduling/scheduler.js';
import type { Clock, EpochMs } from '../time/clock.js';
import { BackoffTimer } from './backoff-timer.js';
import type { InstanceKind, InstanceState, InstanceStatus, NodeEvents } from './node.js';
import type { Publisher } from './publisher.js';
import { within } from './within.js';

/** How a started instance tells of itself. */
export interface Health {
  /** Its last work failed. The first report of an outage is logged, the rest is counted. */
  fault(error: HyphaeError): void;
  /** It has started and has nothing to work on yet. */
  wait(reason: HyphaeError): void;
  /** Its last work succeeded. Cheap while nothing was wrong. */
  ok(): void;
}

/** What a kind of instance adds to the common life. */
export interface InstanceBody {
  readonly kind: InstanceKind;
  readonly plugin: string;
  /** Ids that must have started first. */
  readonly needs: readonly string[];
  /** Ids whose failure explains that this one has nothing to do, though it has started. */
  readonly listensTo?: readonly string[];
  readonly channels: readonly { readonly path: string; readonly unit: Unit }[];
  /** Builds and starts it; everything it acquires belongs to `life`. */
  launch(life: Lifetime, health: Health): Promise<Launched>;
}

/** What a launch gives back for diagnostics. */
export interface Launched {
  readonly task?: Task;
  readonly resources: readonly string[];
  readonly boards: ReadonlySet<string>;
}

/** Parts of the node an instance uses. */
export interface InstanceParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventBus<NodeEvents>;
  readonly publisher: Publisher;
  /** Owns the lifetimes of all instances. */
  readonly life: Lifetime;
}

/** All of a launch together, whichever step hangs: boards and drivers have shorter ones of their own. */
const LAUNCH_DEADLINE = '30 s';
/** Trying again cannot help until the configuration changes. */
const FINAL_CODES = new Set(['HYP_OPTIONS_INVALID', 'HYP_CONFIG_INVALID', 'HYP_PLUGIN_INVALID', 'HYP_UNIT_MISMATCH']);
const STATE_VALUES: Readonly<Record<InstanceState, number>> = {
  stopped: 0,
  waiting: 1,
  starting: 1,
  running: 2,
  faulty: 3,
};

/** One configured use of a plugin: waits, starts, fails, is tried again with back-off, stops. */
export class Instance {
  #state: InstanceState = 'stopped';
  #since: EpochMs;
  #error: HyphaeError | undefined;
  #life: Lifetime | undefined;
  #launched: Launched | undefined;
  readonly #retry: BackoffTimer;
  #restarts = 0;
  #wanted = false;
  /** Cuts the start that is under way short. */
  #cut: Lifetime | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(
    readonly id: string,
    readonly body: InstanceBody,
    private readonly parts: InstanceParts,
    private readonly find: (id: string) => Instance | undefined,
    private readonly onStarted: (id: string) => void,
  ) {
    this.#since = parts.clock.now();
    this.#retry = new BackoffTimer(parts.clock, `retry ${id}`, () => {
      this.#restarts++;
      void this.start();
    });
  }

  get state(): InstanceState {
    return this.#state;
  }

  /** True while its handles are claimed and its plugin runs, be its last work a failure or not. */
  get started(): boolean {
    return this.#launched !== undefined;
  }

  /** The boards its resources are on, while it is started. */
  get boards(): ReadonlySet<string> {
    return this.#launched?.boards ?? new Set();
  }

  get error(): HyphaeError | undefined {
    return this.#error;
  }

  /** Tries to start. Resolves when it runs, waits, or the try failed; never rejects. */
  start(): Promise<void> {
    this.#wanted = true;
    return this.#enqueue(() => this.#start());
  }

  /** Tries again what was asked to start and has not. */
  wake(): void {
    if (this.#wanted) void this.start();
  }

  /** Ends the run in progress, or the start, and forgets retries. Failures while stopping are logged. */
  stop(): Promise<void> {
    this.abandon();
    return this.#enqueue(() => this.#stop('stopped'));
  }

  /** Gives up starting, without touching what has started. */
  abandon(): void {
    this.#wanted = false;
    this.#retry.clear();
    void this.#cut?.[Symbol.asyncDispose]();
  }

  /** One reading now, where the instance takes readings. */
  async runNow(): Promise<void> {
    const task = this.#launched?.task;
    if (!task) throw new NotReadyError({ instance: this.id, because: this.because() ?? 'it takes no readings' });
    await task.runNow();
  }

  /** Why it is not running: the chain of causes to the first one. */
  because(seen = new Set<string>()): string | undefined {
    if (seen.has(this.id)) return undefined;
    seen.add(this.id);
    for (const id of [...this.body.needs, ...(this.body.listensTo ?? [])]) {
      const need = this.find(id);
      const hard = this.body.needs.includes(id);
      if (!need) return hard ? `${id} does not exist` : undefined;
      if (hard ? need.started : need.state === 'running') continue;
      return `${id} is not ready because ${need.because(seen) ?? 'it has not started'}`;
    }
    return this.#error?.message;
  }

  status(): InstanceStatus {
    const because = this.#state === 'running' ? undefined : this.because();
    const metrics: TaskMetrics | undefined = this.#launched?.task?.metrics;
    return {
      id: this.id,
      kind: this.body.kind,
      plugin: this.body.plugin,
      state: this.#state,
      since: this.#since,
      ...(this.#error && { error: { code: this.#error.code, message: this.#error.message } }),
      ...(because !== undefined && { because }),
      needs: this.body.needs,
      resources: this.#launched?.resources ?? [],
      channels: this.body.channels,
      ...(metrics && { task: metrics }),
      restarts: this.#restarts,
    };
  }

  /** Starts and stops of one instance queue; they never overlap. */
  #enqueue(work: () => Promise<void>): Promise<void> {
    return (this.#work = this.#work.then(work));
  }

  async #start(): Promise<void> {
    if (this.started || !this.#wanted || this.parts.life.ended) return;
    this.#retry.clear();
    if (this.body.needs.some((id) => this.find(id)?.started !== true)) return this.#enter('waiting', undefined);
    this.#enter('starting', this.#error);
    const life = (this.#life = this.parts.life.child(this.id));
    const cut = (this.#cut = new Lifetime(this.id));
    try {
      this.#launched = await this.#launch(life, cut);
      this.#retry.succeeded();
      // A first run may already have reported a fault.
      if (this.state === 'starting') this.#enter('running', undefined);
      this.onStarted(this.id);
    } catch (failure) {
      await this.#end(life);
      if (!cut.ended) this.#failed(asHyphaeError(failure, this.id, 'start'));
    } finally {
      this.#cut = undefined;
    }
  }

  /** Everything a launch acquires belongs to `life`, so that one which is cut short leaves nothing behind. */
  #launch(life: Lifetime, cut: Lifetime): Promise<Launched> {
    const launch = () => this.body.launch(life, this.#health(life));
    return within(this.parts.clock, `start of ${this.id}`, LAUNCH_DEADLINE, launch, undefined, cut);
  }

  #failed(error: HyphaeError): void {
    const repeated = this.#error?.code === error.code;
    if (!repeated) this.parts.log.warn(`${this.id} could not start`, { code: error.code, error: error.message });
    this.#enter('faulty', error);
    if (FINAL_CODES.has(error.code) || !this.#wanted) return;
    this.#retry.failed();
  }

  async #stop(state: InstanceState): Promise<void> {
    if (this.#life) await this.#end(this.#life);
    this.#enter(state, undefined);
  }

  async #end(life: Lifetime): Promise<void> {
    this.#launched = undefined;
    this.#life = undefined;
    try {
      await life[Symbol.asyncDispose]();
    } catch (failure) {
      const errors = failure instanceof AggregateError ? failure.errors : [failure];
      this.parts.log.error(`${this.id} did not stop cleanly`, { errors: errors.map(String) });
    }
  }

  #health(life: Lifetime): Health {
    return {
      fault: (error) => {
        if (life.ended) return;
        if (this.#error?.code !== error.code) {
          this.parts.log.warn(`${this.id} failed`, { code: error.code, error: error.message });
        }
        if (this.#state !== 'faulty' || this.#error?.code !== error.code) this.#enter('faulty', error);
        this.#error = error;
      },
      wait: (reason) => {
        if (!life.ended && this.#state !== 'waiting') this.#enter('waiting', reason);
      },
      ok: () => {
        if (this.#error === undefined || life.ended) return;
        if (this.#state === 'faulty') this.parts.log.info(`${this.id} works again`);
        this.#enter('running', undefined);
      },
    };
  }

  #enter(state: InstanceState, error: HyphaeError | undefined): void {
    const changed = state !== this.#state;
    this.#error = error;
    this.#state = state;
    if (changed) this.#since = this.parts.clock.now();
    if (!changed && error === undefined) return;
    const { publisher } = this.parts;
    const value = STATE_VALUES[state];
    const slot = publisher.slot(this.id, '$state');
    if (slot.last?.value !== value) {
      const at = this.parts.clock.now();
      publisher.publish(slot, { source: this.id, channel: '$state', kind: 's', value, unit: '1', at, quality: 'good' });
    }
    this.parts.events.publish('instance', this.status());
  }
}
