import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bench } from '@hyphae/core/testing';
import test from 'ava';
import { host } from './index.js';
import { parseLoad, parseMemoryUsed, parseMillidegrees, parseUptime } from './proc.js';
import { findProcessorZone } from './thermal-zone.js';

const FILES: Readonly<Record<string, string>> = {
  'proc/loadavg': '0.52 0.58 0.59 1/389 12345\n',
  'proc/uptime': '350735.47 234388.90\n',
  'proc/meminfo':
    'MemTotal:        8000000 kB\nMemFree:          500000 kB\nMemAvailable:    6000000 kB\nBuffers: 1 kB\n',
  'sys/class/thermal/thermal_zone0/type': 'acpitz\n',
  'sys/class/thermal/thermal_zone0/temp': '27800\n',
  'sys/class/thermal/thermal_zone1/type': 'cpu-thermal\n',
  'sys/class/thermal/thermal_zone1/temp': '48312\n',
};

/** A machine made of files, removed after the test. */
async function machine(files: Readonly<Record<string, string>>): Promise<AsyncDisposable & { readonly root: string }> {
  const root = await mkdtemp(join(tmpdir(), 'hyphae-host-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true }) };
}

const optionsOf = (root: string) => ({ proc: join(root, 'proc'), sys: join(root, 'sys'), disk: root });

test('reads load, memory, temperature and uptime from procfs and sysfs', async (t) => {
  await using computer = await machine(FILES);
  await using rig = await bench(host, { period: '1 min', options: optionsOf(computer.root) });
  const [sample] = await rig.periods(1);
  t.is(sample?.load1, 0.52);
  t.is(sample?.memory, 25);
  t.is(sample?.temperature, 48.312);
  t.is(sample?.uptime, 350735.47);
  t.true(typeof sample?.disk === 'number' && sample.disk > 0 && sample.disk < 100);
});

test('a machine without a thermal sensor has no temperature, rather than a bad one', async (t) => {
  const files = Object.fromEntries(Object.entries(FILES).filter(([name]) => name.startsWith('proc/')));
  await using computer = await machine(files);
  await using rig = await bench(host, { period: '1 min', options: optionsOf(computer.root) });
  await rig.periods(2);
  t.is(rig.fault, undefined);
  t.false(rig.readings.some(({ channel }) => channel === 'temperature'));
});

test('what cannot be read this time is bad, and the rest goes on', async (t) => {
  await using computer = await machine(FILES);
  await using rig = await bench(host, { period: '1 min', options: optionsOf(computer.root) });
  await rig.periods(1);
  await rm(join(computer.root, 'sys'), { recursive: true });
  const [sample] = await rig.periods(1);
  t.is(sample?.temperature, null);
  t.is(sample?.load1, 0.52);
});

test('reads this machine, and its readings are real', async (t) => {
  await using rig = await bench(host, { period: '1 min' });
  const [sample] = await rig.periods(1);
  t.is(rig.fault, undefined);
  t.true(typeof sample?.load1 === 'number' && sample.load1 >= 0);
  t.true(typeof sample?.uptime === 'number' && sample.uptime > 0);
  t.true(typeof sample?.disk === 'number' && sample.disk > 0 && sample.disk <= 100);
  t.true(rig.readings.every(({ simulated }) => simulated !== true));
});

test('a path without a file system leaves only the disk without value', async (t) => {
  await using computer = await machine(FILES);
  const options = { ...optionsOf(computer.root), disk: join(computer.root, 'nowhere') };
  await using rig = await bench(host, { period: '1 min', options });
  const [sample] = await rig.periods(1);
  t.is(sample?.disk, null);
  t.is(sample?.memory, 25);
});

test('the processor’s zone is preferred, and any is better than none', async (t) => {
  await using computer = await machine(FILES);
  const zone = (n: number) => join(computer.root, `sys/class/thermal/thermal_zone${n}/temp`);
  t.is(await findProcessorZone(join(computer.root, 'sys')), zone(1));
  await writeFile(join(computer.root, 'sys/class/thermal/thermal_zone0/type'), 'x86_pkg_temp\n');
  t.is(await findProcessorZone(join(computer.root, 'sys')), zone(0));
  await rm(join(computer.root, 'sys/class/thermal/thermal_zone0'), { recursive: true });
  await writeFile(join(computer.root, 'sys/class/thermal/thermal_zone1/type'), 'iwlwifi\n');
  t.is(await findProcessorZone(join(computer.root, 'sys')), zone(1));
  t.is(await findProcessorZone(join(computer.root, 'elsewhere')), undefined);
});

test('text that is not what the kernel writes becomes no value', (t) => {
  for (const parse of [parseLoad, parseUptime, parseMemoryUsed, parseMillidegrees]) {
    for (const text of ['', '\n', 'nonsense', '\0']) t.is(parse(text), null, `${parse.name} ${JSON.stringify(text)}`);
  }
  t.is(parseMemoryUsed('MemTotal: 0 kB\nMemAvailable: 0 kB\n'), null);
  t.is(parseMemoryUsed('MemTotal: 8000000 kB\n'), null);
  t.is(parseMillidegrees('-5000\n'), -5);
  t.is(parseMillidegrees('0\n'), 0);
  t.is(parseLoad('0.00 0.00 0.00 1/1 1\n'), 0);
});
