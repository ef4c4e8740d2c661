import { asHyphaeError, DisposedError, PluginInvalidError, ReadingInvalidError } from '../errors/catalogue.js';
import type { HyphaeError } from '../errors/hyphae-error.js';
import type { Lifetime } from '../lifetime/lifetime.js';
import { readingOf } from '../measurements/reading.js';
import type { Unit } from '../measurements/unit.js';
import type { PluginContext } from '../plugins/context.js';
import type { Channels, Sample, Sensor } from '../plugins/sensor.js';
import { asPromise } from '../scheduling/as-promise.js';
import type { Scheduler, Task, Tick } from '../scheduling/scheduler.js';
import type { Clock, EpochMs } from '../time/clock.js';
import { toMs } from '../time/duration.js';
import { acquire } from './acquire.js';
import type { Health } from './instance.js';
import type { Slot } from './last-values.js';
import type { SensorPlan } from './node-plan.js';
import type { Publisher } from './publisher.js';
import {
  CLOCK,
  CONTEXT,
  HANDLES,
  HEALTH,
  injects,
  LIFETIME,
  NAME,
  PUBLISHER,
  SCHEDULER,
  SENSOR_PLAN,
  SIMULATED,
} from './tokens.js';
import { within } from './within.js';

const DEFAULT_PERIOD = '10 s';
const START_DEADLINE = '10 s';
const STOP_DEADLINE = '5 s';
const LONGEST_DEADLINE_MS = 30_000;
/** Quick retries of a failed reading, where the error says that trying again can help. */
const RETRIES = 2;
const RETRY_DELAY_MS = 20;

interface Channel {
  readonly name: string;
  readonly unit: Unit;
  readonly slot: Slot;
  readonly min: number;
  readonly max: number;
}

/** The sampling period of a plan in ms: the user's, else the plugin's, else 10 s. */
export const periodOf = (plan: SensorPlan): number => toMs(plan.period ?? plan.plugin.period ?? DEFAULT_PERIOD);

/** Runs one sensor: grid, retries, restart of the driver after a fault, validation, publication. */
export class SensorRunner {
  #sensor: Sensor<Channels> | undefined;
  #broken = false;
  /** The new start of the driver that is under way. It takes the time a start needs, whatever the period is. */
  #beginning: Promise<void> | undefined;
  /** Counts runs; a run whose number has passed has nothing to say any more. */
  #generation = 0;
  #abandon: ((error: unknown) => void) | undefined;
  readonly #channels: readonly Channel[];

  constructor(
    private readonly name: string,
    private readonly life: Lifetime,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
    private readonly publisher: Publisher,
    private readonly plan: SensorPlan,
    private readonly handles: Readonly<Record<string, unknown>>,
    private readonly context: PluginContext,
    private readonly simulated: boolean,
    private readonly health: Health,
  ) {
    const periodMs = periodOf(plan);
    this.#channels = Object.entries(plan.plugin.channels).map(([channel, unit]) => {
      const slot = publisher.slot(name, channel);
      slot.periodMs = periodMs;
      const [min, max] = plan.plausible?.[channel] ?? [-Infinity, Infinity];
      return { name: channel, unit, slot, min, max };
    });
  }

  /** Starts the driver and its grid. */
  async start(): Promise<Task> {
    this.life.defer(() => this.#end(), 'driver');
    await this.#startDriver();
    const periodMs = periodOf(this.plan);
    const deadline = this.plan.deadline ?? Math.min(periodMs, LONGEST_DEADLINE_MS);
    return this.life.own(
      this.scheduler.every(periodMs, (tick) => this.#run(tick), {
        name: `sample ${this.name}`,
        deadline,
        phase: this.plan.phase ?? 'spread',
        backoff: { max: '60 s' },
        onError: (error) => this.#fault(asHyphaeError(error, this.name, 'sample')),
      }),
      'grid',
    );
  }

  async #startDriver(): Promise<void> {
    const { plugin } = this.plan;
    const sensor: Partial<Sensor<Channels>> | undefined = await acquire(this.clock, this.life, {
      what: `start of ${this.name}`,
      deadline: START_DEADLINE,
      work: () => plugin.start(this.handles as never, this.context as never), // assembled from the same definition
      keep: (started) => (this.#sensor = started),
      putAway: (late: Partial<Sensor<Channels>> | undefined) => this.#leave(() => late?.stop?.()),
    });
    if (typeof sensor?.sample === 'function') return;
    throw new PluginInvalidError({ plugin: plugin.id, why: 'start() gave no object with a sample() method' });
  }

  async #end(): Promise<void> {
    this.#abandon?.(new DisposedError({ what: this.name }));
    await this.#beginning?.catch(() => {}); // it has said why; what matters is that it has stopped the old driver
    const sensor = this.#sensor;
    this.#sensor = undefined;
    await sensor?.stop?.();
  }

  /** Stops a driver whose failures are of no use any more. */
  async #leave(stop: () => unknown): Promise<void> {
    try {
      await within(this.clock, `stop of ${this.name}`, STOP_DEADLINE, stop);
    } catch (error) {
      this.context.log.debug('stop failed', { error: String(error) });
    }
  }

  /** One run, which ends at the latest when it is abandoned: a driver that never answers must not hold its grid for ever. */
  #run(tick: Tick): Promise<void> | void {
    const generation = ++this.#generation;
    const result = this.#broken ? this.#anew(tick, generation) : this.#sample(tick);
    const sampled = asPromise(result);
    if (!sampled) return this.#take(result as Sample<Channels>, tick, generation); // no promise, so it is the sample
    // One promise and no async function: this is the path of every reading.
    return new Promise((resolve, reject) => {
      this.#abandon = reject;
      const take = (sample: Sample<Channels>) => {
        try {
          this.#take(sample, tick, generation);
          resolve();
        } catch (error) {
          reject(asHyphaeError(error, this.name, 'sample')); // what #take throws is an error
        }
      };
      sampled.then(take, (failure: unknown) => {
        this.#again(tick, failure).then(take, reject);
      });
    });
  }

  #sample(tick: Tick): Promise<Sample<Channels>> | Sample<Channels> {
    const sensor = this.#sensor;
    if (!sensor) throw new PluginInvalidError({ plugin: this.plan.plugin.id, why: 'it has not started' });
    try {
      return sensor.sample(tick);
    } catch (failure) {
      // As a rejection, so that the retries are counted once for both.
      return Promise.reject(asHyphaeError(failure, this.name, 'sample'));
    }
  }

  /** A sample of a driver begun anew, if it is there before the run's deadline; the runs after that find it. */
  async #anew(tick: Tick, generation: number): Promise<Sample<Channels>> {
    await (this.#beginning ??= this.#begin());
    // Over meanwhile: the device may be in the middle of another run by now.
    if (generation !== this.#generation || this.life.ended) throw new DisposedError({ what: this.name });
    return this.#sample(tick);
  }

  /** The device may have been replaced or have lost its settings: after a fault the driver begins anew. */
  async #begin(): Promise<void> {
    try {
      const sensor = this.#sensor;
      this.#sensor = undefined;
      await this.#leave(() => sensor?.stop?.());
      await this.#startDriver();
      this.#broken = false;
    } catch (error) {
      // The run that asked for it may be over, and what it said then is not the cause.
      if (!this.life.ended) this.health.fault(asHyphaeError(error, this.name, 'start'));
      throw error;
    } finally {
      this.#beginning = undefined;
    }
  }

  /** Quick retries, where the error says that trying again can help. */
  async #again(tick: Tick, failure: unknown): Promise<Sample<Channels>> {
    for (let attempt = 1; ; attempt++) {
      const error = asHyphaeError(failure, this.name, 'sample');
      const sensor = this.#sensor;
      if (!error.retryable || attempt > RETRIES || tick.signal.aborted || !sensor) throw error;
      await this.clock.sleep(RETRY_DELAY_MS * attempt, { signal: tick.signal, name: `retry ${this.name}` });
      try {
        return await sensor.sample(tick);
      } catch (again) {
        failure = again;
      }
    }
  }

  #take(sample: Sample<Channels>, tick: Tick, generation: number): void {
    // What comes after the deadline was reported, or after the end, is not used.
    if (generation !== this.#generation || this.life.ended) return;
    this.#abandon = undefined; // it would keep all of this run in memory until the next
    const invalid = this.#accept(sample, tick.at);
    if (invalid) throw invalid;
    this.health.ok();
  }

  /** Publishes each channel; says what was wrong with the first that is not a number. */
  #accept(sample: Sample<Channels> | undefined, at: EpochMs): HyphaeError | undefined {
    if (typeof sample !== 'object' || sample === null) return this.#nothing(sample, at);
    let invalid: HyphaeError | undefined;
    let any = false;
    for (const { name, unit, slot, min, max } of this.#channels) {
      const value: unknown = sample[name];
      if (value === undefined) continue;
      any = true;
      if (typeof value === 'number' && Number.isFinite(value)) {
        const quality = value >= min && value <= max ? 'good' : 'suspect';
        this.#publish(slot, name, value, unit, at, quality);
        continue;
      }
      if (value !== null)
        invalid ??= new ReadingInvalidError({ source: this.name, channel: name, found: describe(value) });
      this.#bad(slot, name, unit, at);
    }
    return any ? invalid : this.#nothing(sample, at);
  }

  /** A sample without any of the declared channels: those it has had are lost. */
  #nothing(sample: unknown, at: EpochMs): HyphaeError {
    for (const { name, unit, slot } of this.#channels) if (slot.quality !== undefined) this.#bad(slot, name, unit, at);
    const channels = this.#channels.map(({ name }) => name);
    const strange = Object.keys(Object(sample) as object).filter((key) => !channels.includes(key)); // Object() boxes whatever it is given
    const found =
      typeof sample === 'object' && sample !== null ? strange.slice(0, 8).join(', ') || 'nothing' : String(sample);
    return new ReadingInvalidError({ source: this.name, channel: channels.join(' or '), found });
  }

  #publish(
    slot: Slot,
    channel: string,
    value: number | null,
    unit: Unit,
    at: EpochMs,
    quality: 'good' | 'suspect' | 'bad',
  ) {
    this.publisher.publish(slot, readingOf(this.name, channel, value, unit, at, quality, this.simulated));
  }

  /** A loss is published once; its duration is the time to the next reading. */
  #bad(slot: Slot, channel: string, unit: Unit, at: EpochMs): void {
    if (slot.quality !== 'bad') this.#publish(slot, channel, null, unit, at, 'bad');
  }

  #fault(error: HyphaeError): void {
    if (error.code === 'HYP_DEADLINE') {
      this.#generation++;
      this.#abandon?.(error);
    }
    // A run may be too short for the new start of the driver; how that one ends is what there is to tell.
    if (this.life.ended || this.#beginning) return;
    this.health.fault(error);
    if (error.code === 'HYP_READING_INVALID') return;
    this.#broken = true;
    for (const { name, unit, slot } of this.#channels) {
      // A channel this instance never had stays away.
      if (slot.quality !== undefined || error.code !== 'HYP_DEADLINE') this.#bad(slot, name, unit, this.clock.now());
    }
  }
}
injects(NAME, LIFETIME, CLOCK, SCHEDULER, PUBLISHER, SENSOR_PLAN, HANDLES, CONTEXT, SIMULATED, HEALTH)(SensorRunner);

const describe = (value: unknown): string => (typeof value === 'number' ? String(value) : `a ${typeof value}`);
