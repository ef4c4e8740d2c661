import { asHyphaeError, NotReadyError, OutputRangeError, PluginInvalidError } from '../errors/catalogue.js';
import type { Lifetime } from '../lifetime/lifetime.js';
import { convert, type Unit } from '../measurements/unit.js';
import type { PluginContext } from '../plugins/context.js';
import type { InputValue, OutputSpecs, StepResult } from '../plugins/function.js';
import type { Channels } from '../plugins/sensor.js';
import { asPromise } from '../scheduling/as-promise.js';
import type { Scheduler } from '../scheduling/scheduler.js';
import type { Clock } from '../time/clock.js';
import { toMs } from '../time/duration.js';
import type { Health } from './instance.js';
import type { LastValues, Slot } from './last-values.js';
import type { FunctionPlan } from './node-plan.js';
import type { OutputRack } from './output-rack.js';
import type { Publisher } from './publisher.js';
import {
  CLOCK,
  CONTEXT,
  FUNCTION_PLAN,
  HEALTH,
  injects,
  LIFETIME,
  NAME,
  OUTPUTS,
  PUBLISHER,
  SCHEDULER,
  VALUES,
} from './tokens.js';

const DEFAULT_MAX_AGE_MS = 60_000;

interface Input {
  readonly name: string;
  readonly slot: Slot;
  readonly unit: Unit;
  readonly maxAgeMs: number | undefined;
}

interface Wired {
  readonly name: string;
  readonly output: string;
}

interface Channel {
  readonly name: string;
  readonly unit: Unit;
  readonly slot: Slot;
}

/** Runs one function: reads its inputs, refuses old and bad ones, steps it, hands its wishes to the outputs. */
export class FunctionRunner {
  readonly #inputs: readonly Input[];
  readonly #outputs: readonly Wired[];
  readonly #channels: readonly Channel[];
  #state: unknown;
  #steppedMs: number | undefined;
  #began = false;
  #queued = false;
  #watch: Disposable | undefined;
  #lostSinceMs: number | undefined;
  #waitsSinceMs: number | undefined;
  #simulated = false;

  constructor(
    private readonly name: string,
    private readonly life: Lifetime,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
    private readonly publisher: Publisher,
    private readonly outputs: OutputRack,
    private readonly plan: FunctionPlan,
    private readonly context: PluginContext,
    private readonly health: Health,
    values: LastValues,
  ) {
    const { plugin } = plan;
    this.#state = beginning(plugin);
    this.#inputs = Object.entries(plugin.inputs).map(([input, spec]) => ({
      name: input,
      slot: values.slot(plan.inputs[input] ?? ''),
      unit: spec.unit,
      maxAgeMs: spec.maxAge === undefined ? undefined : toMs(spec.maxAge),
    }));
    this.#outputs = Object.entries(plan.outputs ?? {}).map(([output, id]) => ({ name: output, output: id }));
    this.#channels = Object.entries(plugin.channels ?? {}).map(([channel, unit]) => ({
      name: channel,
      unit,
      slot: publisher.slot(name, channel),
    }));
  }

  start(): void {
    const period = this.plan.period ?? this.plan.plugin.period;
    this.life.defer(() => this.#end(), 'outputs');
    if (period !== undefined) {
      const task = this.scheduler.every(period, () => this.#step(), { name: `step ${this.name}`, phase: 'aligned' });
      this.life.own(task, 'grid');
    }
    for (const { slot } of this.#inputs) {
      const listener = period === undefined ? () => this.#wake() : () => this.#arm();
      this.life.own(slot.listen(listener), `input ${slot.path}`);
    }
    this.#step();
  }

  /** Readings of one sample arrive one after the other; one step sees them all. */
  #wake(): void {
    if (this.#queued) return;
    this.#queued = true;
    queueMicrotask(() => {
      this.#queued = false;
      if (!this.life.ended) this.#step();
    });
  }

  #step(): void {
    try {
      const inputs = this.#read();
      if (typeof inputs === 'string') return this.#lost(inputs);
      this.#lostSinceMs = undefined;
      const now = this.clock.monotonic();
      const elapsedMs = this.#steppedMs === undefined ? 0 : now - this.#steppedMs;
      this.#steppedMs = now;
      this.#began = true;
      const result = this.plan.plugin.step(this.#state, {
        inputs,
        options: this.context.options, // validated against the plugin's own schema
        at: this.clock.now(),
        elapsedMs,
      });
      this.#refuseLate(result);
      this.#carryOut(result);
      this.health.ok();
      this.#arm();
    } catch (failure) {
      this.#fail(failure);
    }
  }

  /** A wish that comes later would be one for inputs that have passed. */
  #refuseLate(result: unknown): void {
    const promise = asPromise(result);
    if (!promise) return;
    promise.catch(() => {}); // nobody waits for it
    throw new PluginInvalidError({ plugin: this.plan.plugin.id, why: 'step() gave a promise; a step is synchronous' });
  }

  /** The inputs, or why there are none. */
  #read(): Readonly<Record<string, InputValue>> | string {
    const inputs: Record<string, InputValue> = {};
    const now = this.clock.monotonic();
    this.#simulated = false;
    for (const { name, slot, unit, maxAgeMs } of this.#inputs) {
      const { last } = slot;
      if (!last) return `${slot.path} has given no reading yet`;
      if (last.value === null || last.quality !== 'good') return `${slot.path} is ${last.quality}`;
      if (now - slot.arrivedMs > this.#maxAge(slot, maxAgeMs)) return `${slot.path} is too old`;
      this.#simulated ||= last.simulated === true;
      inputs[name] = { value: convert(last.value, last.unit, unit), at: last.at };
    }
    return inputs;
  }

  #maxAge(slot: Slot, declaredMs: number | undefined): number {
    return declaredMs ?? (slot.periodMs > 0 ? 3 * slot.periodMs : DEFAULT_MAX_AGE_MS);
  }

  #carryOut({ state, outputs = {}, values = {} }: StepResult<OutputSpecs, Channels, unknown>): void {
    this.#state = state;
    const wishes: Readonly<Record<string, unknown>> = outputs;
    for (const { name, output } of this.#outputs) {
      const value = wishes[name];
      if (value === undefined) continue;
      if (typeof value !== 'number' || !Number.isFinite(value)) {
        throw new OutputRangeError({ output, value, range: `${this.name} must wish for a finite number` });
      }
      this.outputs.control(output).wish(this.name, value);
    }
    const derived: Readonly<Record<string, unknown>> = values;
    for (const channel of this.#channels) {
      const value = derived[channel.name];
      if (value === undefined) continue;
      this.#publish(channel, typeof value === 'number' && Number.isFinite(value) ? value : null);
    }
  }

  #publish({ name, unit, slot }: Channel, value: number | null): void {
    if (value === null && slot.quality === 'bad') return;
    slot.periodMs = Math.max(...this.#inputs.map((input) => input.slot.periodMs), 0);
    const quality = value === null ? 'bad' : 'good';
    const reading = { source: this.name, channel: name, value, unit, at: this.clock.now(), quality } as const;
    this.publisher.publish(slot, this.#simulated ? { ...reading, simulated: true } : reading);
  }

  /** The declared answer to a missing input: safe at once, or after a hold. Before the first reading it is no loss yet. */
  #lost(why: string): void {
    const reason = new NotReadyError({ instance: this.name, because: why });
    const now = this.clock.monotonic();
    if (!this.#began && this.#inputs.some(({ slot }) => slot.quality === undefined)) {
      this.health.wait(reason);
      return this.#await(now);
    }
    this.health.fault(reason);
    this.#steppedMs = undefined;
    this.#lostSinceMs ??= now;
    const { onLoss = 'safe' } = this.plan.plugin;
    const left = onLoss === 'safe' ? 0 : this.#lostSinceMs + toMs(onLoss.hold) - now;
    if (left > 0) return this.#watchIn(left);
    this.#withdraw();
    for (const channel of this.#channels) this.#publish(channel, null);
  }

  /** First readings that do not come in their time are a loss for the outputs: a start-up value must not wait for them for ever. */
  #await(now: number): void {
    this.#waitsSinceMs ??= now;
    const longest = Math.max(...this.#inputs.map(({ slot, maxAgeMs }) => this.#maxAge(slot, maxAgeMs)));
    const left = this.#waitsSinceMs + longest - now;
    if (left > 0) this.#watchIn(left);
    else this.#withdraw();
  }

  #fail(failure: unknown): void {
    this.health.fault(asHyphaeError(failure, this.name, 'step'));
    this.#steppedMs = undefined;
    this.#withdraw();
  }

  #withdraw(): void {
    for (const { output } of this.#outputs) {
      try {
        void this.outputs.control(output).withdraw(this.name);
      } catch (error) {
        // An output that has ended is at safe already.
        this.context.log.debug('nothing to withdraw', { output, error: String(error) });
      }
    }
  }

  /** Looks again when the oldest input would become too old, should no new reading come. */
  #arm(): void {
    const now = this.clock.monotonic();
    let next = Infinity;
    for (const { slot, maxAgeMs } of this.#inputs) {
      next = Math.min(next, slot.arrivedMs + this.#maxAge(slot, maxAgeMs) - now);
    }
    // Armed once and looked at when it fires: readings that arrive meanwhile only move the next look.
    if (this.#watch === undefined && next > 0 && Number.isFinite(next)) this.#watchIn(next);
  }

  #watchIn(delayMs: number): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = this.clock.timer(`inputs of ${this.name}`, delayMs + 1, () => {
      this.#watch = undefined;
      try {
        const inputs = this.#read();
        if (typeof inputs === 'string') this.#lost(inputs);
        else this.#arm();
      } catch (failure) {
        this.#fail(failure);
      }
    });
  }

  #end(): void {
    this.#watch?.[Symbol.dispose]();
    this.#withdraw();
  }
}
injects(NAME, LIFETIME, CLOCK, SCHEDULER, PUBLISHER, OUTPUTS, FUNCTION_PLAN, CONTEXT, HEALTH, VALUES)(FunctionRunner);

/** Each instance has a memory of its own, also where a step changes it in place. */
function beginning({ id, initial }: FunctionPlan['plugin']): unknown {
  try {
    return structuredClone(initial);
  } catch (error) {
    throw new PluginInvalidError({ plugin: id, why: 'its initial state is not plain data' }, { cause: error });
  }
}
