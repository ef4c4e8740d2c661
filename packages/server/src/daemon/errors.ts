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
export const StoreUnusableError = defineError<{ file: string; why: string }>()(
  'HYP_STORE_UNUSABLE',
  'The database {file} cannot be used: {why}. Until the next start readings are kept in memory only',
  { remedy: 'Check the file, free space and permissions, then start the node again; control goes on meanwhile.' },
);
export const StoreDamagedError = defineError<{ file: string; aside: string }>()(
  'HYP_STORE_DAMAGED',
  'The database {file} was damaged: it is kept as {aside}, and an empty one begins',
  { remedy: 'Check the disk; save from the old file what can be saved, with `sqlite3 FILE .recover`, then delete it.' },
);
export const ConfigFileError = defineError<{ file: string; why: string }>()(
  'HYP_CONFIG_FILE',
  'The configuration {file} cannot be read: {why}',
  { remedy: 'Check the path given with -c or HYPHAE_CONFIG; `hyphae init` writes a file to start from.' },
);
