import { StoreError } from '../errors/catalogue.js';
import { type HyphaeError, isHyphaeError } from '../errors/hyphae-error.js';

/** What an SQLite result code or a system error code means to the owner of the disk (sqlite.org/rescode.html). */
const WHYS: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'the disk is full',
  SQLITE_READONLY: 'the file or its directory is read-only',
  SQLITE_BUSY: 'another process has kept the database locked',
  SQLITE_LOCKED: 'the database is locked',
  SQLITE_IOERR: 'the disk reports an input/output error',
  SQLITE_CORRUPT: 'the database file is damaged',
  SQLITE_NOTADB: 'the file is not a database',
  SQLITE_CANTOPEN: 'the file or its directory cannot be opened',
  SQLITE_PERM: 'permission is denied',
  SQLITE_TOOBIG: 'the batch is too large for one row',
  SQLITE_NOMEM: 'memory is short',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'the directory does not exist and cannot be made',
  ENOTDIR: 'a part of the path is a file, not a directory',
  EEXIST: 'a part of the path is a file, not a directory',
  EISDIR: 'the path is a directory',
  EIO: 'the disk reports an input/output error',
};

/** The code of an error of the driver or the system, if it has one. */
export function failureCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** True where the file itself is beyond use. */
export function isCorruption(error: unknown): boolean {
  const code = failureCode(error);
  return code === 'SQLITE_CORRUPT' || code === 'SQLITE_NOTADB';
}

/** Text of an error without the megabyte of SQL that may hang on it. */
function brief(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.length > 300 ? `…${text.slice(-300)}` : text;
}

/** Makes HYP_STORE of whatever a disk, the driver or knex threw. Catalogued errors pass. */
export function storeError(operation: string, error: unknown): HyphaeError {
  if (isHyphaeError(error)) return error;
  const code = failureCode(error);
  const known = code === undefined ? undefined : WHYS[code];
  const text = brief(error);
  const why = known === undefined ? text : `${known} (${text})`;
  return new StoreError({ operation, why }, { cause: text.startsWith('…') ? new Error(text) : error });
}
