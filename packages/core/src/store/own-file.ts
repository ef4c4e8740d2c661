import { open } from 'node:fs/promises';
import { APPLICATION_ID } from './schema.js';

/** What every SQLite file begins with, and where its application id stands (sqlite.org/fileformat2.html#the_database_header). */
const HEADER = 'SQLite format 3\0';
const APPLICATION_ID_AT = 68;
const READ_BYTES = 100;

/**
 * Whether a file is empty or may have been a database of ours, however damaged: a name mistyped in the configuration can
 * lead to anything. Ours has our id; one that lost power early an SQLite header without an id yet, or nothing but zeros.
 */
export async function mayBeOwnFile(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const start = Buffer.alloc(READ_BYTES);
    await handle.read(start, 0, READ_BYTES, 0);
    const id = start.readUInt32BE(APPLICATION_ID_AT);
    return (
      id === APPLICATION_ID || (id === 0 && start.toString('latin1', 0, HEADER.length) === HEADER) || isZero(start)
    );
  } finally {
    await handle.close();
  }
}

const isZero = (bytes: Buffer) => bytes.every((byte) => byte === 0);
