import type { Measurement } from '@hyphae/core';
import type { FunctionPlan, NodePlan, OutputStatus } from '@hyphae/core/kernel';

/** What a channel did during a run. Good readings only, but for the counts. */
export interface ChannelSummary {
  readonly path: string;
  readonly unit: string;
  readonly readings: number;
  readonly notGood: number;
  readonly min: number | null;
  readonly mean: number | null;
  readonly max: number | null;
}

/** What an output did during a run. */
export interface OutputSummary {
  readonly path: string;
  readonly onMs: number;
  readonly switches: number;
}

/**
 * How well a two-position controller held its band, from when it first was where it should be: above the lower edge when it
 * heats, below the upper one when it cools. Milliseconds.
 */
export interface BandSummary {
  readonly function: string;
  readonly mode: 'heat' | 'cool';
  readonly channel: string;
  readonly low: number;
  readonly high: number;
  readonly reachedAfterMs: number | null;
  readonly insideMs: number;
  readonly belowMs: number;
  readonly aboveMs: number;
  readonly lowest: number | null;
  readonly highest: number | null;
}

class ChannelTally {
  count = 0;
  good = 0;
  sum = 0;
  min = Infinity;
  max = -Infinity;

  constructor(
    readonly path: string,
    readonly unit: string,
  ) {}

  add({ value, quality }: Measurement): void {
    this.count++;
    if (value === null || quality !== 'good') return;
    this.good++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }
}

class BandTally {
  #last: { value: number; at: number } | undefined;
  #reachedAt: number | undefined;
  inside = 0;
  below = 0;
  above = 0;
  lowest = Infinity;
  highest = -Infinity;

  constructor(
    readonly name: string,
    readonly mode: 'heat' | 'cool',
    readonly channel: string,
    readonly low: number,
    readonly high: number,
    readonly startedAt: number,
  ) {}

  add({ value, quality, at }: Measurement): void {
    if (this.#last && this.#reachedAt !== undefined) {
      const passed = at - this.#last.at;
      if (this.#last.value < this.low) this.below += passed;
      else if (this.#last.value > this.high) this.above += passed;
      else this.inside += passed;
    }
    if (value === null || quality !== 'good') return void (this.#last = undefined);
    this.#last = { value, at };
    if (this.mode === 'heat' ? value >= this.low : value <= this.high) this.#reachedAt ??= at;
    if (this.#reachedAt === undefined) return;
    if (value < this.lowest) this.lowest = value;
    if (value > this.highest) this.highest = value;
  }

  get reachedAfter(): number | null {
    return this.#reachedAt === undefined ? null : this.#reachedAt - this.startedAt;
  }
}

/** Counts while a run goes on; nothing is kept per reading. */
export class RunSummary {
  readonly #channels = new Map<string, ChannelTally>();
  readonly #bands = new Map<string, BandTally[]>();
  #records = 0;

  constructor(plan: NodePlan, startedAt: number) {
    for (const [name, entry] of Object.entries(plan.functions ?? {})) {
      const band = bandOf(name, entry, startedAt);
      if (band) this.#bands.set(band.channel, [...(this.#bands.get(band.channel) ?? []), band]);
    }
  }

  /** Takes one record, whose path is given to spare building it twice. */
  add(path: string, record: Measurement): void {
    this.#records++;
    if ((record.kind ?? 'm') !== 'm') return;
    let tally = this.#channels.get(path);
    if (!tally) this.#channels.set(path, (tally = new ChannelTally(path, record.unit)));
    tally.add(record);
    for (const band of this.#bands.get(path) ?? []) band.add(record);
  }

  /** Everything that was published. */
  get records(): number {
    return this.#records;
  }

  channels(): readonly ChannelSummary[] {
    return [...this.#channels.values()]
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .map(({ path, unit, count, good, sum, min, max }) => ({
        path,
        unit,
        readings: count,
        notGood: count - good,
        min: good > 0 ? min : null,
        mean: good > 0 ? sum / good : null,
        max: good > 0 ? max : null,
      }));
  }

  bands(): readonly BandSummary[] {
    return [...this.#bands.values()].flat().map((band) => ({
      function: band.name,
      mode: band.mode,
      channel: band.channel,
      low: band.low,
      high: band.high,
      reachedAfterMs: band.reachedAfter,
      insideMs: band.inside,
      belowMs: band.below,
      aboveMs: band.above,
      lowest: Number.isFinite(band.lowest) ? band.lowest : null,
      highest: Number.isFinite(band.highest) ? band.highest : null,
    }));
  }

  /** The outputs' own accounts. */
  static outputs(list: readonly OutputStatus[]): readonly OutputSummary[] {
    return list.map(({ id, onMs, switches }) => ({ path: id, onMs, switches }));
  }
}

/** A controller with a setpoint and a band around it, and one input: a thermostat, whatever it is called. */
function bandOf(name: string, { inputs, options, outputs }: FunctionPlan, startedAt: number): BandTally | undefined {
  const { setpoint, band, mode } = (options ?? {}) as Readonly<Record<string, unknown>>; // each is checked
  const [channel, ...others] = Object.values(inputs);
  if (typeof setpoint !== 'number' || channel === undefined || others.length > 0 || !outputs) return undefined;
  const half = (typeof band === 'number' ? band : 1) / 2;
  return new BandTally(name, mode === 'cool' ? 'cool' : 'heat', channel, setpoint - half, setpoint + half, startedAt);
}
