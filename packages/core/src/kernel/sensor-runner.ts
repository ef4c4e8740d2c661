import { asHyphaeError, DisposedError, PluginInvalidError, ReadingInvalidError } from '../errors/catalogue.js';
import type { HyphaeError } from '../errors/hyphae-error.js';
import type { Lifetime } from '../lifetime/lifetime.js';
import type { Unit } from '../measurements/unit.js';
import type { PluginContext } from '../plugins/context.js';
import type { Channels, Sample, Sensor } from '../plugins/sensor.js';
import type { Scheduler, Task, Tick } from '../scheduling/scheduler.js';
import type { Clock, EpochMs } from '../time/clock.js';
import { toMs } from '../time/duration.js';
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
    await this.#startDriver();
    this.life.defer(() => {
      this.#abandon?.(new DisposedError({ what: this.name }));
      return this.#stopDriver();
    }, 'driver');
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
    const sensor = await within(
      this.clock,
      `start of ${this.name}`,
      START_DEADLINE,
      () => plugin.start(this.handles as never, this.context as never), // assembled from the same definition
    );
    if (typeof (sensor as Partial<Sensor<Channels>> | undefined)?.sample !== 'function') {
      throw new PluginInvalidError({ plugin: plugin.id, why: 'start() gave no object with a sample() method' });
    }
    this.#sensor = sensor;
  }

  async #stopDriver(): Promise<void> {
    const sensor = this.#sensor;
    this.#sensor = undefined;
    await sensor?.stop?.();
  }

  /** One run, which ends at the latest when it is abandoned: a driver that never answers must not hold its grid for ever. */
  #run(tick: Tick): Promise<void> | void {
    const generation = ++this.#generation;
    const sampled = this.#broken ? this.#anew(tick) : this.#sample(tick);
    if (!(sampled instanceof Promise)) return this.#take(sampled, tick, generation);
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
      return this.#again(tick, failure);
    }
  }

  /** The device may have been replaced or have lost its settings: after a fault the driver begins anew. */
  async #anew(tick: Tick): Promise<Sample<Channels>> {
    await this.#stopDriver().catch((error: unknown) => this.context.log.debug('stop failed', { error: String(error) }));
    await this.#startDriver();
    return this.#sample(tick);
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
    this.#broken = false;
    const invalid = this.#accept(sample, tick.at);
    if (invalid) throw invalid;
    this.health.ok();
  }

  /** Publishes each channel; says what was wrong with the first that is not a number. */
  #accept(sample: Sample<Channels> | undefined, at: EpochMs): HyphaeError | undefined {
    if (typeof sample !== 'object' || sample === null) {
      return new ReadingInvalidError({ source: this.name, channel: '(all)', found: String(sample) });
    }
    let invalid: HyphaeError | undefined;
    for (const { name, unit, slot, min, max } of this.#channels) {
      const value: unknown = sample[name];
      if (value === undefined) continue;
      if (typeof value === 'number' && Number.isFinite(value)) {
        const quality = value >= min && value <= max ? 'good' : 'suspect';
        this.#publish(slot, name, value, unit, at, quality);
        continue;
      }
      if (value !== null)
        invalid ??= new ReadingInvalidError({ source: this.name, channel: name, found: describe(value) });
      this.#bad(slot, name, unit, at);
    }
    return invalid;
  }

  #publish(
    slot: Slot,
    channel: string,
    value: number | null,
    unit: Unit,
    at: EpochMs,
    quality: 'good' | 'suspect' | 'bad',
  ) {
    this.publisher.publish(
      slot,
      this.simulated
        ? { source: this.name, channel, value, unit, at, quality, simulated: true }
        : { source: this.name, channel, value, unit, at, quality },
    );
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
    if (this.life.ended) return;
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
