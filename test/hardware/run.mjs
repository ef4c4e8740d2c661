#!/usr/bin/env node
/*
 * Proves hal/linux on a real kernel: runs the scripts of guest/ inside the kernel rig, where adapters, lines and ports are the
 * kernel's and the chips behind them are ours. Installs nothing.
 *
 *   node test/hardware/run.mjs [SUITE…] [--allow-missing]
 *
 * The rig is the program named by HYPHAE_RIG, else ../shared/kernel-rig/rig beside the repository. It needs busybox-static and
 * kmod; the serial suite needs socat. Where it cannot run this says so and fails, unless --allow-missing turns that into skips.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = resolve(here, '../..');
const rig = process.env.HYPHAE_RIG ?? resolve(root, '../shared/kernel-rig/rig');

/** Each suite: its modules, and whether the host holds a wire to it. */
const SUITES = {
  i2c: { modules: ['i2c-dev', 'i2c-usersim'] },
  'i2c-smbus': { modules: ['i2c-dev', 'i2c-stub,chip_addr=0x48,0x76', 'lm75'] },
  gpio: { modules: ['gpio-sim'] },
  'gpio-sysfs': { modules: ['gpio-sim'] },
  serial: { modules: [], wire: true },
  'node-on-rig': { modules: ['i2c-dev', 'i2c-usersim', 'gpio-sim'] },
  'conformance-i2c': { modules: ['i2c-dev', 'i2c-usersim'] },
  'conformance-smbus': { modules: ['i2c-dev', 'i2c-stub,chip_addr=0x48'] },
  'conformance-gpio': { modules: ['gpio-sim'] },
  'conformance-serial': { modules: [] },
  onewire: { modules: ['i2c-dev', 'i2c-usersim', 'wire', 'ds2482', 'w1_therm'] },
};

const has = (program) =>
  (process.env.PATH ?? '')
    .split(':')
    .concat('/usr/sbin', '/sbin')
    .some((folder) => existsSync(join(folder, program)));

/** Why the rig cannot run here; nothing when it can. */
function obstacles() {
  const found = [];
  if (process.platform !== 'linux' || process.arch !== 'x64')
    found.push(`the rig runs on Linux x64, this is ${process.platform} ${process.arch}`);
  try {
    accessSync(rig, constants.X_OK);
  } catch {
    found.push(`there is no rig at ${rig}; set HYPHAE_RIG to its path`);
  }
  for (const [program, origin] of [
    ['busybox', 'busybox-static'],
    ['modprobe', 'kmod'],
    ['socat', 'socat'],
  ]) {
    if (!has(program)) found.push(`${program} is missing: install the package ${origin}`);
  }
  const shm =
    existsSync('/proc/mounts') &&
    readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[1] === '/dev/shm');
  if (!process.env.TMPDIR && (!shm || shm.split(' ')[3]?.split(',').includes('noexec'))) {
    found.push('/dev/shm does not allow programs to be executed: set TMPDIR to a directory that does');
  }
  if (!existsSync(join(root, 'packages/hal/dist/linux/index.js')))
    found.push('packages/hal is not built: run `npm run build`');
  return found;
}

/** A wire between host and guest: what the guest sends comes back, as from a device that echoes. */
async function echoWire() {
  const folder = mkdtempSync(join(tmpdir(), 'hyphae-wire-'));
  const link = join(folder, 'tty');
  const socat = spawn('socat', [`pty,rawer,link=${link}`, 'EXEC:cat'], { stdio: 'inherit' });
  while (!existsSync(link)) await sleep(20);
  return {
    path: readlinkSync(link),
    close() {
      socat.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function runSuite(name, { modules, wire }) {
  console.log(`# ${name}`);
  const echo = wire ? await echoWire() : undefined;
  const parameters = ['-t', process.env.HYPHAE_RIG_TIMEOUT ?? '900', ...modules.flatMap((module) => ['-m', module])];
  if (echo) parameters.push('-p', echo.path);
  const guest = spawn(rig, [...parameters, '--', process.execPath, join(here, 'guest', `${name}.mjs`)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  guest.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    process.stdout.write(text);
  });
  const status = await new Promise((done) => {
    guest.once('error', (error) => done(error.message));
    guest.once('close', done);
  });
  echo?.close();
  const lines = output.split('\n');
  const passed = lines.filter((line) => line.startsWith('ok - ')).length;
  let failed = lines.filter((line) => line.startsWith('not ok - ')).length;
  const planned = Number(/^1\.\.(\d+)$/m.exec(output)?.[1] ?? NaN);
  if (planned !== passed + failed || planned === 0 || (failed === 0 && status !== 0)) {
    console.log(`not ok - ${name} ended early (status ${status})`);
    failed++;
  }
  return { passed, failed };
}

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = wanted.filter((name) => !(name in SUITES));
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(', ')}; there are: ${Object.keys(SUITES).join(', ')}`);
  process.exit(2);
}
const names = wanted.length > 0 ? wanted : Object.keys(SUITES);
const inTheWay = obstacles();
if (inTheWay.length > 0) {
  const banner = '!'.repeat(100);
  console.error([banner, 'HARDWARE TESTS DID NOT RUN:', ...inTheWay.map((each) => `  - ${each}`), banner].join('\n'));
  console.log(`0 passed, 0 failed, ${names.length} skipped`);
  process.exit(process.argv.includes('--allow-missing') ? 0 : 1);
}
let passed = 0;
let failed = 0;
for (const name of names) {
  const result = await runSuite(name, SUITES[name]);
  passed += result.passed;
  failed += result.failed;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
