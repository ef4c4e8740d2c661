import type { Quality } from '@hyphae/core';
import fc from 'fast-check';
import type { Expectation, Observation, Verdict } from './expectation.js';
import { Monitor } from './monitor.js';
import { parseExpectations } from './parse-expectations.js';

/** When the runs of these tests begin: midnight UTC. */
export const T0 = Date.UTC(2026, 5, 1);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** The one expectation an entry says. */
export function expectation(entry: Readonly<Record<string, unknown>>): Expectation {
  const { expectations, problems } = parseExpectations([entry]);
  const [first] = expectations;
  if (!first) throw new Error(JSON.stringify(problems));
  return first;
}

/** A record so long after the start of the run. */
export function reading(after: number, path: string, value: number | null, quality?: Quality): Observation {
  return { at: T0 + after, path, value, quality: quality ?? (value === null ? 'bad' : 'good') };
}

/** Judges a whole run. */
export function judge(entry: Readonly<Record<string, unknown>>, lasts: number, ...records: Observation[]): Verdict {
  const monitor = new Monitor(expectation(entry), T0);
  for (const record of records) monitor.observe(record);
  return monitor.end(T0 + lasts);
}

/** A switch that is on, off, or unknown, milliseconds after the start. */
export type Course = readonly { readonly after: number; readonly value: 0 | 1 | null }[];

/** A course of up to so many milliseconds. Often several changes at one moment, of which the last one counts. */
export function course(lasts: number): fc.Arbitrary<Course> {
  const value = fc.constantFrom<(0 | 1 | null)[]>(0, 1, 0, 1, null);
  return fc
    .array(fc.record({ after: fc.integer({ min: 0, max: lasts }), value }), { maxLength: 25 })
    .map((changes) => changes.sort((a, b) => a.after - b.after));
}

/** The state at every millisecond, the first and the last included, worked out without any cleverness. */
export function everyMoment(changes: Course, lasts: number): (boolean | undefined)[] {
  return Array.from({ length: lasts + 1 }, (_, moment) => {
    const value = changes.findLast(({ after }) => after <= moment)?.value;
    return value === undefined || value === null ? undefined : value === 1;
  });
}

/** The records of a course. */
export function records(path: string, changes: Course): Observation[] {
  return changes.map(({ after, value }) => reading(after, path, value));
}

/** The records of several channels in the order of time. */
export function together(...lists: Observation[][]): Observation[] {
  return lists.flat().sort((a, b) => a.at - b.at);
}
