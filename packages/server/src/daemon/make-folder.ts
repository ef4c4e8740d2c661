import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasErrno } from '../http/errno.js';

const OWNER_ONLY = 0o700;

/**
 * Makes a folder, and those above it, for its owner alone. Node's own recursive `mkdir` never ends where a file system
 * answers ENOENT although the folder above is there, as /proc does; this one gives the error.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, OWNER_ONLY);
  } catch (error) {
    const above = dirname(folder);
    if (!hasErrno(error, 'ENOENT') || above === folder) {
      if (await isFolder(folder)) return;
      throw error;
    }
    await makeFolder(above);
    await mkdir(folder, OWNER_ONLY).catch(async (failure: unknown) => {
      if (!(await isFolder(folder))) throw failure; // otherwise another process was quicker
    });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
