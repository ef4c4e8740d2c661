import { ConfigInvalidError, type HyphaeError } from '@hyphae/core';

/** Where something stands in the configuration file. Both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Keys and list indices from the root of the file to one value. */
export type ConfigPath = readonly (string | number)[];

/** One thing wrong with a configuration: where, and what to do about it. */
export interface ConfigProblem extends Position {
  /** Readable path such as `sensors.gh1/air.period` or `boards[0].provider`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** The most problems listed; further ones are counted. */
export const MAX_PROBLEMS = 100;

/** Writes a path the way problems show it. */
export function formatPath(path: ConfigPath): string {
  let text = '';
  for (const step of path) text += typeof step === 'number' ? `[${step}]` : `${text === '' ? '' : '.'}${step}`;
  return text;
}

/** Writes a problem as one line: `hyphae.yaml:12:5 sensors.gh1/air.period: …`. */
export function formatProblem(problem: ConfigProblem, file: string): string {
  const path = problem.path === '' ? '' : `${problem.path}: `;
  return `${file}:${problem.line}:${problem.column} ${path}${problem.message}`;
}

/** Puts problems in the order of the file, without repetitions, and bounds their number. */
export function sortProblems(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const seen = new Set<string>();
  const unique = problems.filter((problem) => {
    const key = `${problem.line}:${problem.column}:${problem.message}`;
    return !seen.has(key) && seen.add(key);
  });
  unique.sort((a, b) => a.line - b.line || a.column - b.column);
  const more = unique.length - MAX_PROBLEMS;
  const last = unique[MAX_PROBLEMS - 1];
  if (more <= 0 || !last) return unique;
  return [...unique.slice(0, MAX_PROBLEMS), { ...last, path: '', message: `… and ${more} more problems` }];
}

/** What a HYP_CONFIG_INVALID of this package carries. */
export interface ConfigInvalidContext extends Readonly<Record<string, unknown>> {
  readonly file: string;
  /** One line of text per problem. */
  readonly problems: readonly string[];
  /** The same problems, in the same order, for programs. */
  readonly details: readonly ConfigProblem[];
}

/** Makes the HYP_CONFIG_INVALID of a file from all its problems. */
export function configInvalid(file: string, problems: readonly ConfigProblem[]): HyphaeError {
  const details = sortProblems(problems);
  const context: ConfigInvalidContext = {
    file,
    problems: details.map((problem) => formatProblem(problem, file)),
    details,
  };
  return new ConfigInvalidError(context);
}

/** The structured problems of a HYP_CONFIG_INVALID; empty for other errors. */
export function problemsOf(error: HyphaeError): readonly ConfigProblem[] {
  const { details } = error.context as Partial<ConfigInvalidContext>; // absent unless configInvalid() made it
  return details ?? [];
}
