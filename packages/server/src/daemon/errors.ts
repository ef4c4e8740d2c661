import { defineError } from '@hyphae/core';

// Rows of the daemon's own errors. Documented in docs/reference/errors.md with the others.

export const DataInUseError = defineError<{ folder: string; pid: number }>()(
  'HYP_DATA_IN_USE',
  'The data directory {folder} is in use by another node (process {pid})',
  { remedy: 'Stop that node, or give this one a data directory of its own with HYPHAE_DATA.' },
);
export const DataDirectoryError = defineError<{ folder: string; why: string }>()(
  'HYP_DATA_DIRECTORY',
  'The data directory {folder} cannot be used: {why}',
  { remedy: 'Make it writable for this user and check the space left, or name another one with HYPHAE_DATA.' },
);
export const ConfigFileError = defineError<{ file: string; why: string }>()(
  'HYP_CONFIG_FILE',
  'The configuration {file} cannot be read: {why}',
  { remedy: 'Check the path given with -c or HYPHAE_CONFIG; `hyphae init` writes a file to start from.' },
);
