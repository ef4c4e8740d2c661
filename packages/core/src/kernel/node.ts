import type { EventBus } from '../events/event-bus.js';
import type { HyphaeError } from '../errors/hyphae-error.js';
import type { Measurement } from '../measurements/measurement.js';
import type { Unit } from '../measurements/unit.js';
import type { OutputMode } from '../plugins/output.js';
import type { ResourceRegistry } from '../resources/registry.js';
import type { Scheduler, TaskMetrics } from '../scheduling/scheduler.js';
import type { Committed } from '../store/measurement-store.js';
import type { Clock, EpochMs } from '../time/clock.js';
import type { NodePlan } from './node-plan.js';

/** Kinds of instance, in the order they start. */
export type InstanceKind = 'board' | 'service' | 'output' | 'sensor' | 'function';

/**
 * `waiting`: for what it needs. `running`: as configured. `faulty`: started, but its last work failed, or it could not
 * start and is tried again. `stopped`: not running and not to be tried.
 */
export type InstanceState = 'waiting' | 'starting' | 'running' | 'faulty' | 'stopped';

/** One instance of the graph, for `/readyz`, REST and the terminal. Plain data. */
export interface InstanceStatus {
  readonly id: string;
  readonly kind: InstanceKind;
  readonly plugin: string;
  readonly state: InstanceState;
  readonly since: EpochMs;
  readonly error?: { readonly code: string; readonly message: string };
  /** For `waiting`: the chain of causes, "gh1/warm needs gh1/air, which failed: …". */
  readonly because?: string;
  readonly needs: readonly string[];
  readonly resources: readonly string[];
  readonly channels: readonly { readonly path: string; readonly unit: Unit }[];
  readonly task?: TaskMetrics;
  readonly restarts: number;
}

/** State of one output, for REST and clients. */
export interface OutputStatus {
  readonly id: string;
  readonly mode: OutputMode;
  readonly unit: Unit;
  readonly range: readonly [min: number, max: number];
  readonly safe: number;
  readonly desired: number;
  /** What the device last confirmed; `null` while unknown. */
  readonly confirmed: number | null;
  /** Who controls it: a function's name, `client <name>`, or nobody. */
  readonly owner: string | null;
  /** Counts changes of the confirmed value; a fencing number for commands. */
  readonly rev: number;
  /** Milliseconds away from the safe value since the node started. */
  readonly onMs: number;
  readonly switches: number;
}

/** A wish for an output. */
export interface OutputRequest {
  readonly value: number;
  /** Who asks: `client <name>`, an operator. It owns the output until it releases it or the lease ends. */
  readonly owner: string;
  /** After this the output goes back to whoever would control it, and to safe if nobody. Default: until `limits.maxOn` where that is set, else an hour. */
  readonly leaseMs?: number;
  /** The output's `rev` must still be this. */
  readonly ifRev?: number;
  /** Takes the output from another client. */
  readonly override?: boolean;
}

/** Outputs by name. */
export interface Outputs {
  list(): readonly OutputStatus[];
  /** @throws HYP_INSTANCE_UNKNOWN */
  get(id: string): OutputStatus;
  /**
   * Sets an output on behalf of a client.
   *
   * @throws HYP_INSTANCE_UNKNOWN, HYP_OUTPUT_RANGE, HYP_OUTPUT_OWNED, HYP_OUTPUT_INTERLOCK, HYP_NOT_READY, or the device's error
   */
  set(id: string, request: OutputRequest): Promise<OutputStatus>;
  /** Gives an output back. Nothing happens when `owner` does not have it. */
  release(id: string, owner: string): Promise<OutputStatus>;
}

/** What happens in a node. */
export interface NodeEvents {
  /** A reading, as taken. Control acts on these. */
  measurement: Measurement;
  /** A batch, once the store has committed it. The stream sends only these. */
  committed: Committed;
  /** An instance changed its state. */
  instance: InstanceStatus;
  /** An output's confirmed value or owner changed. */
  output: OutputStatus;
  /** The store began (`degraded: true`) or ceased (`false`) to refuse batches. */
  storage: { readonly degraded: boolean; readonly error?: HyphaeError; readonly dropped: number };
}

/** A change of plan, carried out. */
export interface ApplyReport {
  readonly kept: readonly string[];
  readonly started: readonly string[];
  readonly stopped: readonly string[];
  readonly rebuilt: readonly string[];
}

/** A running node: what the kernel composes. */
export interface Node extends AsyncDisposable {
  readonly clock: Clock;
  readonly events: EventBus<NodeEvents>;
  readonly scheduler: Scheduler;
  readonly resources: ResourceRegistry;
  readonly outputs: Outputs;
  /** Starts everything of the plan. Resolves when each instance runs, waits or has failed its first try; it does not reject for a failed one. @throws as {@link apply} */
  start(plan: NodePlan): Promise<void>;
  /** Rebuilds only what differs. @throws HYP_CYCLE or HYP_CONFIG_INVALID before anything is changed where the plan itself is at fault, HYP_DISPOSED once the node has ended */
  apply(plan: NodePlan): Promise<ApplyReport>;
  /** Stops and starts one instance with all that depend on it. @throws HYP_INSTANCE_UNKNOWN, HYP_DISPOSED */
  restart(id: string): Promise<void>;
  /** One reading now, outside the grid. @throws HYP_INSTANCE_UNKNOWN, or the sensor's error */
  measure(sensor: string): Promise<void>;
  status(): readonly InstanceStatus[];
  /** The last reading of a channel, as taken. */
  latest(path: string): Measurement | undefined;
  /** The last reading of every channel. */
  values(): readonly Measurement[];
  /** Waits until everything measured so far is committed, or the store is degraded. */
  flush(): Promise<void>;
  /** Stops everything, starts under way included: outputs safe first, and at once. What was measured is committed. */
  [Symbol.asyncDispose](): Promise<void>;
}
