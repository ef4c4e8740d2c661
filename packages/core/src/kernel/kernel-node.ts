import type { DependencyContainer } from 'tsyringe';
import type { EventBus } from '../events/event-bus.js';
import { DisposedError, InstanceUnknownError } from '../errors/catalogue.js';
import type { Lifetime } from '../lifetime/lifetime.js';
import type { Logger } from '../logging/logger.js';
import { channelPath, type Measurement } from '../measurements/measurement.js';
import type { ResourceRegistry } from '../resources/registry.js';
import type { Scheduler } from '../scheduling/scheduler.js';
import type { Clock } from '../time/clock.js';
import { Bodies } from './bodies.js';
import { Graph } from './graph.js';
import { Instance, type InstanceBody } from './instance.js';
import type { LastValues } from './last-values.js';
import type { ApplyReport, InstanceKind, InstanceStatus, Node, NodeEvents } from './node.js';
import type { NodePlan } from './node-plan.js';
import type { OutputRack } from './output-rack.js';
import { refuseSharedOutputs } from './plan-check.js';
import { changedIds } from './plan-difference.js';
import type { Publisher } from './publisher.js';
import type { Recorder } from './recorder.js';
import { markStale } from './staleness.js';

const START_ORDER: readonly InstanceKind[] = ['board', 'service', 'output', 'sensor', 'function'];
/** Outputs go safe before anything slow gets its chance to be slow. */
const STOP_ORDER: readonly InstanceKind[] = ['function', 'output', 'sensor', 'service', 'board'];
const STALENESS_CHECK = '5 s';

/** The parts the composition root hands over. */
export interface KernelParts {
  readonly container: DependencyContainer;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventBus<NodeEvents>;
  readonly scheduler: Scheduler;
  readonly resources: ResourceRegistry;
  readonly outputs: OutputRack;
  readonly values: LastValues;
  readonly publisher: Publisher;
  readonly recorder: Recorder | undefined;
  readonly life: Lifetime;
}

/** The running node: a graph of instances, started, changed and stopped as one. */
export class KernelNode implements Node {
  readonly clock: Clock;
  readonly events: EventBus<NodeEvents>;
  readonly scheduler: Scheduler;
  readonly resources: ResourceRegistry;
  readonly outputs: OutputRack;
  #plan: NodePlan = { boards: {} };
  #graph = new Graph([]);
  #instances = new Map<string, Instance>();
  #work: Promise<unknown> = Promise.resolve();
  #ended: Promise<void> | undefined;

  constructor(private readonly parts: KernelParts) {
    this.clock = parts.clock;
    this.events = parts.events;
    this.scheduler = parts.scheduler;
    this.resources = parts.resources;
    this.outputs = parts.outputs;
    this.outputs.explainWith((id) => {
      const instance = this.#instances.get(id);
      if (instance?.body.kind !== 'output') return undefined;
      return { because: instance.because() ?? 'it is starting' };
    });
    parts.life.own(
      parts.scheduler.every(STALENESS_CHECK, () => markStale(parts.values, parts.publisher, parts.clock), {
        name: 'staleness',
        phase: 'aligned',
      }),
      'staleness check',
    );
  }

  start(plan: NodePlan): Promise<void> {
    return this.#exclusively(async () => void (await this.#change(plan)));
  }

  apply(plan: NodePlan): Promise<ApplyReport> {
    return this.#exclusively(() => this.#change(plan));
  }

  restart(id: string): Promise<void> {
    return this.#exclusively(async () => {
      this.#find(id, 'instance');
      const affected = new Set([id, ...this.#graph.dependants([id])]);
      await this.#stop(affected);
      await this.#start();
    });
  }

  async measure(sensor: string): Promise<void> {
    await this.#find(sensor, 'sensor').runNow();
  }

  status(): readonly InstanceStatus[] {
    return [...this.#instances.values()].map((instance) => instance.status());
  }

  latest(path: string): Measurement | undefined {
    return this.parts.values.get(path);
  }

  values(): readonly Measurement[] {
    return this.parts.values.all();
  }

  async flush(): Promise<void> {
    await this.parts.recorder?.flush();
  }

  /** Outputs safe first, then the rest in reverse; what is still waiting is committed. */
  [Symbol.asyncDispose](): Promise<void> {
    return (this.#ended ??= this.#end());
  }

  /** Does not queue: an output must not stay on because something else takes its time to start. */
  async #end(): Promise<void> {
    for (const instance of this.#instances.values()) instance.abandon();
    await this.#stop(new Set(this.#instances.keys()));
    this.#instances.clear();
    await this.parts.life[Symbol.asyncDispose]();
  }

  /** Starts and changes of the node queue. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#work.then(() => {
      this.#refuseAfterEnd();
      return work();
    });
    this.#work = result.catch(() => {});
    return result;
  }

  #refuseAfterEnd(): void {
    if (this.#ended) throw new DisposedError({ what: 'the node' });
  }

  #find(id: string, kind: string): Instance {
    const instance = this.#instances.get(id);
    if (instance && (kind === 'instance' || instance.body.kind === kind)) return instance;
    const known = [...this.#instances.values()].filter((each) => kind === 'instance' || each.body.kind === kind);
    throw new InstanceUnknownError({ instance: id, kind, known: known.map((each) => each.id) });
  }

  async #change(plan: NodePlan): Promise<ApplyReport> {
    refuseSharedOutputs(plan);
    const bodies = new Bodies(this.parts.container, plan).all();
    const graph = new Graph([...bodies].map(([id, body]) => ({ id, needs: body.needs })));
    const changed = changedIds(this.#plan, plan);
    const affected = new Set(changed);
    for (const id of [...this.#graph.dependants(changed), ...graph.dependants(changed)]) affected.add(id);
    for (const instance of this.#instances.values()) {
      if ([...instance.boards].some((board) => changed.has(board))) affected.add(instance.id);
    }
    for (const id of graph.dependants(affected)) affected.add(id);

    const before = new Set(this.#instances.keys());
    await this.#stop(affected);
    this.#refuseAfterEnd();
    for (const id of affected) {
      this.#forget(id);
      const body = bodies.get(id);
      if (body) this.#instances.set(id, this.#instance(id, body));
    }
    this.#plan = plan;
    this.#graph = graph;
    await this.#start();
    const after = [...this.#instances.keys()];
    return {
      kept: after.filter((id) => !affected.has(id)),
      started: after.filter((id) => !before.has(id)),
      stopped: [...before].filter((id) => !this.#instances.has(id)),
      rebuilt: after.filter((id) => affected.has(id) && before.has(id)),
    };
  }

  #instance(id: string, body: InstanceBody): Instance {
    const { clock, log, events, publisher, life } = this.parts;
    return new Instance(
      id,
      body,
      { clock, log, events, publisher, life },
      (other) => this.#instances.get(other),
      (started) => this.#onStarted(started),
    );
  }

  /** What waited for this one tries again. */
  #onStarted(id: string): void {
    if (this.#ended) return;
    for (const dependant of this.#graph.dependants([id])) {
      const instance = this.#instances.get(dependant);
      if (instance?.state === 'waiting' && instance.body.needs.includes(id)) instance.wake();
    }
    if (this.#instances.get(id)?.body.kind !== 'board') return;
    // A new board may offer what a claim found missing.
    for (const instance of this.#instances.values()) {
      if (instance.error?.code === 'HYP_RESOURCE_MISSING') instance.wake();
    }
  }

  #forget(id: string): void {
    const instance = this.#instances.get(id);
    if (!instance) return;
    this.#instances.delete(id);
    for (const { path } of instance.body.channels) this.parts.values.clear(path);
    this.parts.values.clear(channelPath(id, '$state'));
  }

  async #start(): Promise<void> {
    for (const kind of START_ORDER) {
      if (this.#ended) return;
      const instances = [...this.#instances.values()].filter((instance) => instance.body.kind === kind);
      await Promise.all(instances.map((instance) => instance.start()));
      // Services of services: those that waited were woken by the ones they need; wait for them as well.
      const waiting = () => !this.#ended && instances.some((each) => each.state === 'waiting');
      for (let left = instances.length; left > 0 && waiting(); left--) {
        await Promise.all(instances.map((instance) => instance.start()));
      }
    }
  }

  async #stop(ids: ReadonlySet<string>): Promise<void> {
    for (const kind of STOP_ORDER) {
      const instances = [...ids].flatMap((id) => this.#instances.get(id) ?? []);
      await Promise.all(instances.filter(({ body }) => body.kind === kind).map((instance) => instance.stop()));
    }
  }
}
