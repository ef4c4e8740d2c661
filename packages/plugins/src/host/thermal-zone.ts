import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Types of thermal zone that are the processor's, best first. */
const PROCESSOR = [/^x86_pkg_temp$/i, /^(cpu|soc)[-_]?thermal$/i, /cpu|soc|package|core/i, /^acpitz$/i];

/**
 * The file with the processor's temperature, or `undefined` where the machine has none (most virtual ones).
 *
 * @param sys where sysfs is mounted
 */
export async function findProcessorZone(sys: string): Promise<string | undefined> {
  const root = join(sys, 'class/thermal');
  const names = (await readdir(root).catch((): string[] => []))
    .filter((name) => name.startsWith('thermal_zone'))
    .sort();
  const zones = await Promise.all(
    names.map(async (name) => ({
      file: join(root, name, 'temp'),
      type: (await readFile(join(root, name, 'type'), 'utf8').catch(() => '')).trim(),
    })),
  );
  for (const pattern of PROCESSOR) {
    const zone = zones.find(({ type }) => pattern.test(type));
    if (zone) return zone.file;
  }
  return zones[0]?.file;
}
