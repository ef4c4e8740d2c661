import { channelPath, type Measurement } from '@hyphae/core';
import { suggest } from '../config/suggest.js';
import { type Begin, prepare, type Stage } from './event-actions.js';
import type { Expectation, Verdict } from './expectations/expectation.js';
import { Monitor } from './expectations/monitor.js';
import type { Scenario, ScenarioProblem } from './read-scenario.js';
import { type EventNote, Timeline } from './timeline.js';

/** A scenario at work in one run: its events happen, its expectations are watched. */
export class ScenarioRun {
  readonly #scenario: Scenario;
  readonly #clock: Stage['clock'];
  /** Time on the wall without the steps that events make in it: what expectations are judged by. */
  readonly #startedAt: number;
  readonly #startedMs: number;
  readonly #monitors: readonly Monitor[];
  readonly #byPath = new Map<string, Monitor[]>();
  #timeline: Timeline | undefined;

  constructor(scenario: Scenario, clock: Stage['clock']) {
    this.#scenario = scenario;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#startedMs = clock.monotonic();
    this.#monitors = scenario.expectations.map((expectation) => this.#watch(expectation));
  }

  /** Takes one record of the run, whose path is given to spare building it twice. */
  observe(path: string, { value, quality }: Measurement): void {
    const watching = this.#byPath.get(path);
    if (!watching) return;
    const observation = { at: this.#now, path, value, quality };
    for (const monitor of watching) monitor.observe(observation);
  }

  /**
   * Events come from now on.
   *
   * @throws HYP_CONFIG_INVALID when an event acts on what is not there, or an expectation is about a channel that nobody has
   */
  begin(stage: Stage, note: (note: EventNote) => void): void {
    const problems: ScenarioProblem[] = this.#unknownChannels(stage);
    const begins: Begin[] = [];
    for (const event of this.#scenario.events) {
      const begin = prepare(event, stage);
      if (typeof begin === 'function') begins.push(begin);
      else problems.push({ path: ['events', event.index, begin.key], message: begin.message });
    }
    if (problems.length > 0) throw this.#scenario.refuse(problems);
    const timeline = (this.#timeline = new Timeline(this.#clock, note));
    this.#scenario.events.forEach((event, i) => timeline.add(event, begins[i]!)); // one each
  }

  /** No more events. What was expected, and what came of it. */
  end(): readonly Verdict[] {
    this.#timeline?.[Symbol.dispose]();
    return this.#monitors.map((monitor) => monitor.end(this.#now));
  }

  get #now(): number {
    return this.#startedAt + this.#clock.monotonic() - this.#startedMs;
  }

  #watch(expectation: Expectation): Monitor {
    const monitor = new Monitor(expectation, this.#startedAt);
    for (const path of expectation.paths) {
      const watching = this.#byPath.get(path) ?? [];
      watching.push(monitor);
      this.#byPath.set(path, watching);
    }
    return monitor;
  }

  #unknownChannels({ node }: Stage): ScenarioProblem[] {
    const instances = node.status();
    const known = instances.flatMap(({ channels }) => channels.map(({ path }) => path));
    const all = new Set([...known, ...instances.map(({ id }) => channelPath(id, '$state'))]);
    return this.#scenario.expectations.flatMap(({ paths }, index) =>
      paths
        .filter((path) => !all.has(path))
        .map((path) => ({ path: ['expect', index], message: `no channel ${path}; ${suggest(path, known)}` })),
    );
  }
}
