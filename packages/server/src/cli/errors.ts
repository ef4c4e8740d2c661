import { defineError } from '@hyphae/core';

// Rows of the command's own errors. Documented in docs/reference/errors.md with the others.

/** npm ended with an error. */
export const NpmError = defineError<{ command: string; why: string }>()('HYP_NPM', 'npm {command} failed: {why}', {
  remedy: 'npm has printed the reason above; check the name of the package and the connection.',
});

/** A package that a node would not load. */
export const PackageUnfitError = defineError<{ package: string; why: string }>()(
  'HYP_PACKAGE_UNFIT',
  'The package {package} would not be loaded: {why}',
  { remedy: 'Mend what is listed; the guide for plugin authors describes each point.' },
);

/** There is no node to talk to. */
export const NodeAbsentError = defineError<{ what: string; why: string }>()(
  'HYP_NODE_ABSENT',
  'No node answers for {what}: {why}',
  {
    retryable: true,
    remedy: 'Start it with `hyphae start`, or say which one is meant with -c, HYPHAE_DATA or --url.',
  },
);

/** The token of the own node is for the own node. */
export const TokenMissingError = defineError<{ url: string }>()(
  'HYP_TOKEN_MISSING',
  'No token is known for {url}; the one of this data directory is sent to its own node only',
  { remedy: 'Set HYPHAE_TOKEN to the token of that node: the file `token` in its data directory.' },
);

/** A simulation that cannot begin as it was asked for. */
export const SimulationError = defineError<{ why: string }>()('HYP_SIMULATION', 'The simulation cannot begin: {why}', {
  remedy: '`hyphae simulate --help` lists what can be asked for; the guide docs/guides/simulate.md has examples.',
});

/** The log of a run cannot be written. */
export const RunLogError = defineError<{ file: string; why: string }>()(
  'HYP_RUN_LOG',
  'The log {file} cannot be written: {why}',
  { remedy: 'Check the path given with --log, and the space left.' },
);
