import type { Candidate } from '../discovery/plugin-set.js';
import type { Paint } from './terminal.js';

const STATE = { loaded: 'green', skipped: 'yellow', failed: 'red' } as const;

/** One package and what became of it. */
export function candidateLines(candidate: Candidate, paint: Paint): readonly string[] {
  const { state, code, why, notes } = candidate;
  const name = candidate.version === undefined ? candidate.package : `${candidate.package} ${candidate.version}`;
  const reason = why === undefined ? '' : `: ${code === undefined ? '' : `${code} `}${why}`;
  return [`${paint(STATE[state], state.padEnd(7))} ${name}${reason}`, ...notes.map((note) => `        ${note}`)];
}

/** The packages, and parts of packages, that are not to be used, with the reason. Nothing where all is well. */
export function discoveryProblems(candidates: readonly Candidate[], paint: Paint): readonly string[] {
  return candidates
    .filter(({ state, notes }) => state !== 'loaded' || notes.length > 0)
    .flatMap((candidate) => candidateLines(candidate, paint));
}
