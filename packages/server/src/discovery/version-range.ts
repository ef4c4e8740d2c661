import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The parts of semver that are used. Loaded for ranges that are more than the usual one: it costs start-up time. */
const satisfies = () =>
  require('semver/functions/satisfies') as (version: string, range: string, options: object) => boolean; // its shape
const validRange = () => require('semver/ranges/valid') as (range: string) => string | null; // its shape

/** A release or a caret range of one, as npm writes it: `^1.2.3`. Longer numbers are left to semver. */
const CARET = /^\^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/;

/** True for what npm takes as a range of versions. */
export function isRange(range: string): boolean {
  return CARET.test(range) || validRange()(range) !== null;
}

/** Whether a version lies in a range. Prereleases count as versions like others. */
export function accepts(range: string, version: string): boolean {
  const least = CARET.exec(range)?.slice(1).map(Number);
  const found = CARET.exec(`^${version}`)?.slice(1).map(Number);
  if (!least || !found) return satisfies()(version, range, { includePrerelease: true });
  // A caret lets everything after the first number that is not 0 grow.
  const fixed = least.findIndex((number) => number !== 0);
  for (const [index, number] of found.entries()) {
    const from = least[index] ?? 0;
    if (number !== from) return number > from && fixed >= 0 && index > fixed;
  }
  return true;
}
