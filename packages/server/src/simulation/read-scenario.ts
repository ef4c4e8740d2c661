import { basename } from 'node:path';
import { toMs } from '@hyphae/core';
import { type ConfigProblem, configInvalid } from '../config/problem.js';
import { reportSchemaErrors, schemaErrors } from '../config/schema-problems.js';
import { suggest } from '../config/suggest.js';
import { YamlSource } from '../config/yaml-source.js';
import { readText } from '../daemon/read-text.js';
import { type TimedEvent, timed, timeProblems } from './event-times.js';
import type { Expectation } from './expectations/expectation.js';
import { parseExpectations } from './expectations/parse-expectations.js';
import { EVENT_SCHEMAS, Scenario as ScenarioSchema, type ScenarioFile } from './scenario-schema.js';

/** What is to happen in a run, and what is expected of it. */
export interface Scenario {
  readonly file: string;
  readonly name: string;
  readonly forMs: number | undefined;
  readonly seed: number | undefined;
  readonly from: string | undefined;
  readonly events: readonly TimedEvent[];
  readonly expectations: readonly Expectation[];
  /** Makes the error of problems found later, at their places in the file. */
  refuse(problems: readonly ScenarioProblem[]): Error;
}

/** Something wrong at a place of the file. */
export interface ScenarioProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A scenario holds no secrets. */
const NO_SECRETS = {
  env: () => ({ why: 'a scenario cannot refer to secrets' }),
  file: () => ({ why: 'a scenario cannot refer to secrets' }),
};

/**
 * Reads a scenario and checks all of it that can be checked without a node.
 *
 * @param forMs the length of the run, where it is given elsewhere
 * @throws HYP_CONFIG_FILE when it cannot be read, HYP_CONFIG_INVALID with every problem and its place
 */
export async function readScenario(file: string, forMs: number | undefined): Promise<Scenario> {
  const source = new YamlSource(await readText(file), NO_SECRETS);
  const name = basename(file);
  const refuse = (problems: readonly ConfigProblem[]) => configInvalid(name, problems);
  if (source.problems.length > 0) throw refuse(source.problems);
  checkShape(source);
  if (source.problems.length > 0) throw refuse(source.problems);
  const scenario = source.value as ScenarioFile; // the schema has passed
  const length = forMs ?? (scenario.for === undefined ? undefined : toMs(scenario.for)); // likewise
  const events = (scenario.events ?? []).map((event, index) => timed(event, index)); // likewise
  for (const { index, key, message } of timeProblems(events, length ?? Infinity)) {
    source.report(['events', index, key], message);
  }
  if (scenario.from !== undefined && Number.isNaN(Date.parse(scenario.from)))
    source.report(['from'], `${scenario.from} is no point in time; write it as 2026-01-10T00:00:00Z`);
  const { expectations, problems } = parseExpectations(scenario.expect ?? []);
  for (const { path, message } of problems) source.report(['expect', ...path], message);
  if (source.problems.length > 0) throw refuse(source.problems);
  return {
    file,
    name: scenario.name ?? name.replace(/\.ya?ml$/, ''),
    forMs: length,
    seed: scenario.seed,
    from: scenario.from,
    events,
    expectations,
    refuse(found) {
      for (const { path, message } of found) source.report(path, message);
      return refuse(source.problems);
    },
  };
}

/** Events one by one: an alternative among seven would be complained about seven times. */
function checkShape(source: YamlSource): void {
  const value = source.value as { readonly events?: unknown } | null; // not checked yet
  const events: readonly unknown[] = Array.isArray(value?.events) ? value.events : [];
  const rest = Array.isArray(value?.events) ? { ...value, events: [] } : value;
  reportSchemaErrors(source, [], schemaErrors(ScenarioSchema, rest));
  const kinds = Object.keys(EVENT_SCHEMAS) as (keyof typeof EVENT_SCHEMAS)[];
  for (const [index, event] of events.entries()) {
    const path = ['events', index];
    if (typeof event !== 'object' || event === null) {
      source.report(path, 'an event is a map: `at`, and what happens');
      continue;
    }
    const found = kinds.filter((kind) => kind in event);
    const [kind] = found;
    if (kind === undefined) {
      const keys = Object.keys(event).filter((key) => !['name', 'at', 'for', 'every', 'board'].includes(key));
      const meant = keys[0] === undefined ? '' : ` (${keys[0]}: ${suggest(keys[0], kinds)})`;
      source.report(path, `says nothing of what happens; one of ${kinds.join(', ')}${meant}`);
    } else if (found.length > 1) {
      source.report(path, `says ${found.join(' and ')}; make an event of each`);
    } else reportSchemaErrors(source, path, schemaErrors(EVENT_SCHEMAS[kind], event));
  }
}
