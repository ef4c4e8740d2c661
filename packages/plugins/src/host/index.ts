import { readFile, statfs } from 'node:fs/promises';
import { loadavg, uptime } from 'node:os';
import { join } from 'node:path';
import { defineSensor, type JsonSchema } from '@hyphae/core';
import { parseLoad, parseMemoryUsed, parseMillidegrees, parseUptime } from './proc.js';
import { findProcessorZone } from './thermal-zone.js';

/** Options of {@link host}. */
export const hostOptions = {
  type: 'object',
  additionalProperties: false,
  properties: {
    disk: { type: 'string', default: '/', minLength: 1, description: 'A path on the file system to watch.' },
    proc: { type: 'string', default: '/proc', minLength: 1, description: 'Where procfs is mounted.' },
    sys: { type: 'string', default: '/sys', minLength: 1, description: 'Where sysfs is mounted.' },
  },
} as const satisfies JsonSchema;

/**
 * The machine Hyphae runs on: `load1` (processes running or waiting, mean of one minute), `memory` and `disk` used in %,
 * `temperature` of the processor in Cel (only where the machine has such a sensor), `uptime` in s. What cannot be read this time
 * is `null`. Real even where the rest of the node is simulated.
 */
export const host = defineSensor({
  id: 'host',
  description: 'Load, memory, disk, temperature and uptime of this machine',
  channels: { load1: '1', memory: '%', disk: '%', temperature: 'Cel', uptime: 's' },
  needs: {},
  options: hostOptions,
  period: '10 s',

  async start(_, { clock, log, options }) {
    const zone = await clock.io(findProcessorZone(options.sys));
    if ((await clock.io(diskUsed(options.disk))) === null) log.warn(`there is no file system at ${options.disk}`);
    const proc = (file: string) => read(join(options.proc, file));
    const collect = async () => {
      const [load, memory, up, disk, temperature] = await Promise.all([
        proc('loadavg'),
        proc('meminfo'),
        proc('uptime'),
        diskUsed(options.disk),
        zone === undefined ? '' : read(zone),
      ]);
      // Elsewhere than on Linux the operating system is asked; os.loadavg() is all zeros where there is no such thing.
      return {
        load1: load === undefined ? (loadavg()[0] ?? null) : parseLoad(load),
        memory: memory === undefined ? undefined : parseMemoryUsed(memory),
        disk,
        temperature: zone === undefined ? undefined : parseMillidegrees(temperature ?? ''),
        uptime: up === undefined ? uptime() : parseUptime(up),
      };
    };
    return { sample: () => clock.io(collect()) };
  },
});

async function read(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

/** Used blocks in % of those an ordinary program may use, as df(1) counts. */
async function diskUsed(path: string): Promise<number | null> {
  const stats = await statfs(path).catch(() => undefined);
  if (!stats) return null;
  const used = stats.blocks - stats.bfree;
  const usable = used + stats.bavail;
  return usable > 0 ? (100 * used) / usable : null;
}
