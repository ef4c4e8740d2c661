import { link, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../http/errno.js';
import { DataInUseError } from './errors.js';

const FILE = 'node.lock';
const ATTEMPTS = 5;
/** What a file system without hard links answers. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** Who holds a data directory. */
interface Holder {
  readonly pid: number;
  /** When that process began, where the system tells: process numbers are used again. */
  readonly began?: string;
}

/**
 * Takes the data directory for this process until disposed. A lock left behind by a process that is gone is taken over.
 *
 * @throws HYP_DATA_IN_USE, or the operating system's error when the folder cannot be written
 */
export async function lockDataDirectory(folder: string, pid = process.pid): Promise<AsyncDisposable> {
  const file = join(folder, FILE);
  const own = `${file}.${pid}`;
  const began = await startOf(pid);
  const holder: Holder = began === undefined ? { pid } : { pid, began };
  const text = `${JSON.stringify(holder)}\n`;
  try {
    await writeFile(own, text, { mode: 0o600 });
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // A hard link appears whole and only once: the lock never exists without its content.
      const refusal = await link(own, file)
        .catch(async (error: unknown) => {
          if (!NO_LINKS.some((code) => hasErrno(error, code))) throw error;
          // FAT has no links. A power cut may leave the lock empty there, and so nobody's.
          await writeFile(file, text, { mode: 0o600, flag: 'wx' });
        })
        .then(
          () => undefined,
          (error: unknown) => error,
        );
      if (refusal === undefined) return { [Symbol.asyncDispose]: () => release(file, pid) };
      if (!hasErrno(refusal, 'EEXIST')) throw refusal as Error; // node:fs rejects with errors only
      const other = await read(file);
      if (other && (await isAlive(other))) throw new DataInUseError({ folder, pid: other.pid });
      await removeStale(file, own);
    }
  } finally {
    await rm(own, { force: true }).catch(() => {}); // what made writing fail is told instead
  }
  throw new DataInUseError({ folder, pid: (await read(file))?.pid ?? 0 });
}

/** Takes a dead process's lock away. Of several that try, one gets it; should it be a living one by now, it is put back. */
async function removeStale(file: string, own: string): Promise<void> {
  const aside = `${own}.stale`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return;
    throw error;
  }
  const holder = await read(aside);
  if (holder && (await isAlive(holder))) await link(aside, file).catch(() => {});
  await rm(aside, { force: true });
}

async function release(file: string, pid: number): Promise<void> {
  const holder = await read(file);
  if (holder?.pid === pid) await unlink(file).catch(() => {}); // gone already, or a medium that is read-only by now
}

async function read(file: string): Promise<Holder | undefined> {
  try {
    const { pid, began } = JSON.parse(await readFile(file, 'utf8')) as Partial<Holder>; // each field is checked
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
    return typeof began === 'string' ? { pid, began } : { pid };
  } catch {
    return undefined; // missing, or cut short by a power loss: nobody's
  }
}

async function isAlive({ pid, began }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!hasErrno(error, 'EPERM')) return false;
  }
  const now = await startOf(pid);
  return began === undefined || now === undefined || began === now;
}

/** Start of a process in clock ticks since boot (proc_pid_stat(5), field 22), with the boot it belongs to. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    // The second field is a name in parentheses that may itself hold spaces and parentheses.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return ticks === undefined ? undefined : `${boot.trim()} ${ticks}`;
  } catch {
    return undefined;
  }
}
