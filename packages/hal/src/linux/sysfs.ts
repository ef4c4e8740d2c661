import { constants, readdir, readFile, realpath, writeFile } from 'node:fs/promises';

/** The trimmed text of a sysfs attribute. @throws the system error */
export async function readAttribute(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).trim();
}

/** Writes a sysfs attribute in one write, as the kernel expects. Never creates a file. @throws the system error */
export async function writeAttribute(path: string, value: string | number): Promise<void> {
  await writeFile(path, String(value), { flag: constants.O_WRONLY | constants.O_TRUNC });
}

/** Names in a directory, sorted; none when it is not there. */
export async function namesIn(path: string): Promise<readonly string[]> {
  return (await readdir(path).catch(() => [])).sort();
}

/** Where a link leads in the end; `undefined` when it leads nowhere. */
export async function targetOf(path: string): Promise<string | undefined> {
  return realpath(path).catch(() => undefined);
}
