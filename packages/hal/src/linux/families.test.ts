import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandom, silentLogger } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import test, { type ExecutionContext } from 'ava';
import { gpioInput } from '../gpio/gpio.js';
import { i2cDevice } from '../i2c/i2c-device.js';
import { serialPort } from '../serial/serial-port.js';
import { type Surroundings, surroundings } from './family.js';
import { I2cFamily } from './i2c-family.js';
import { linuxBoard, linuxProvider } from './linux-provider.js';
import { SerialFamily } from './serial-family.js';
import { SysfsGpioFamily } from './sysfs-gpio-family.js';

/** A machine made of files: contents by path, links by path. */
async function machine(
  t: ExecutionContext,
  files: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>> = {},
): Promise<{ readonly root: string; readonly around: Surroundings }> {
  const root = await mkdtemp(join(tmpdir(), 'hyphae-machine-'));
  t.teardown(() => rm(root, { recursive: true }));
  await mkdir(join(root, 'dev'));
  await mkdir(join(root, 'sys'));
  const place = async (path: string) => {
    await mkdir(join(root, path, '..'), { recursive: true });
    return join(root, path);
  };
  for (const [path, content] of Object.entries(files)) await writeFile(await place(path), content);
  for (const [path, target] of Object.entries(links)) await symlink(join(root, target), await place(path));
  const around = surroundings(new VirtualClock(), { sysfs: join(root, 'sys'), dev: join(root, 'dev') });
  return { root, around };
}

const bme280 = i2cDevice({ addresses: [0x76, 0x77] });

test('one bus needs no naming, and the address may be left to the need', async (t) => {
  const { around } = await machine(t, { 'dev/i2c-1': '', 'sys/class/i2c-dev/i2c-1/name': 'bcm2835 (i2c@7e804000)\n' });
  const family = new I2cFamily(around);
  await family.scan();
  t.deepEqual(family.list(), [{ kind: 'i2c', address: 'i2c-1', label: 'bcm2835 (i2c@7e804000)' }]);
  t.deepEqual(family.match(bme280, undefined), ['i2c-1/0x76', 'i2c-1/0x77']);
  t.deepEqual(family.match(bme280, 'i2c-1'), ['i2c-1/0x76', 'i2c-1/0x77']);
  t.deepEqual(family.match(bme280, '0x77'), ['i2c-1/0x77']);
  t.deepEqual(family.match(bme280, '119'), ['i2c-1/0x77']);
});

test('a full address is taken at its word and written one way', async (t) => {
  const { around } = await machine(t, { 'dev/i2c-1': '' });
  const family = new I2cFamily(around);
  await family.scan();
  for (const use of ['i2c-1/0x5A', 'i2c-1/0x5a', 'i2c-1/90', '/dev/i2c-1/0x5a']) {
    t.deepEqual(family.match(bme280, use), ['i2c-1/0x5a'], use);
  }
  for (const use of ['i2c-2/0x76', 'i2c-1/bme280', 'i2c-1/0x76/1', '', 'bme280', 'i2c-10']) {
    t.deepEqual(family.match(bme280, use), [], use);
  }
});

test('with several buses nothing is tried unless one is named', async (t) => {
  const { around } = await machine(t, { 'dev/i2c-0': '', 'dev/i2c-10': '', 'dev/i2c-2': '', 'dev/i2c-x': '' });
  const family = new I2cFamily(around);
  await family.scan();
  t.deepEqual(
    family.list().map(({ address }) => address),
    ['i2c-0', 'i2c-2', 'i2c-10'],
  );
  t.deepEqual(family.match(bme280, undefined), []);
  t.deepEqual(family.match(bme280, '0x76'), []);
  t.deepEqual(family.match(bme280, 'i2c-2'), ['i2c-2/0x76', 'i2c-2/0x77']);
});

test('sysfs lines are found by label or number whatever the base', async (t) => {
  const { around } = await machine(t, {
    'sys/class/gpio/export': '',
    'sys/class/gpio/gpiochip512/label': 'pinctrl-bcm2711\n',
    'sys/class/gpio/gpiochip512/base': '512\n',
    'sys/class/gpio/gpiochip512/ngpio': '54\n',
    'sys/class/gpio/gpiochip566/label': 'raspberrypi-exp-gpio\n',
    'sys/class/gpio/gpiochip566/base': '566\n',
    'sys/class/gpio/gpiochip566/ngpio': '8\n',
    'sys/class/gpio/gpiochip999/label': 'half a chip\n',
  });
  const family = new SysfsGpioFamily(around);
  await family.scan();
  const need = gpioInput();
  t.is(family.list().length, 62);
  t.deepEqual(family.match(need, 'pinctrl-bcm2711/17'), ['gpiochip0/17']);
  t.deepEqual(family.match(need, 'gpiochip0/17'), ['gpiochip0/17']);
  t.deepEqual(family.match(need, 'raspberrypi-exp-gpio/7'), ['gpiochip1/7']);
  for (const use of [undefined, 'gpiochip1/8', 'gpiochip512/17', 'GPIO17', '17'])
    t.deepEqual(family.match(need, use), [], use);
});

test('a chip keeps the name the character device gives it', async (t) => {
  const chip = (base: number, name: string) => ({
    [`sys/class/gpio/gpiochip${base}/label`]: `chip at ${base}`,
    [`sys/class/gpio/gpiochip${base}/base`]: String(base),
    [`sys/class/gpio/gpiochip${base}/ngpio`]: '8',
    [`sys/class/gpio/gpiochip${base}/device/${name}/dev`]: '',
  });
  const { around } = await machine(t, { ...chip(512, 'gpiochip1'), ...chip(600, 'gpiochip0') });
  const family = new SysfsGpioFamily(around);
  await family.scan();
  t.deepEqual(family.match(gpioInput(), 'chip at 512/3'), ['gpiochip1/3']);
  t.deepEqual(family.match(gpioInput(), 'gpiochip0/3'), ['gpiochip0/3']);
});

test('a serial port is claimed by the name that stays, whichever name the user wrote', async (t) => {
  const { root, around } = await machine(
    t,
    {
      'dev/ttyUSB0': '',
      'dev/ttyAMA0': '',
      'dev/ttyS4': '',
      'dev/tty1': '',
      'sys/devices/usb/x': '',
      'sys/devices/uart/x': '',
      'sys/class/tty/tty1/dev': '4:1',
      'sys/class/tty/ttyS4/type': '0\n',
      'sys/class/tty/ttyAMA0/type': '32\n',
    },
    {
      'sys/class/tty/ttyUSB0/device': 'sys/devices/usb',
      'sys/class/tty/ttyAMA0/device': 'sys/devices/uart',
      'sys/class/tty/ttyS4/device': 'sys/devices/uart',
      'dev/serial0': 'dev/ttyAMA0',
      'dev/serial/by-id/usb-FTDI_A50285BI-if00-port0': 'dev/ttyUSB0',
      'dev/serial/by-path/platform-usb-0:1.4:1.0-port0': 'dev/ttyUSB0',
    },
  );
  const dev = join(root, 'dev');
  const byId = `${dev}/serial/by-id/usb-FTDI_A50285BI-if00-port0`;
  const family = new SerialFamily(around);
  await family.scan();
  const need = serialPort({ baudRate: 9600 });
  t.deepEqual(family.list(), [
    { kind: 'serial', address: `${dev}/ttyAMA0`, label: `${dev}/ttyAMA0` },
    { kind: 'serial', address: byId, label: `${dev}/ttyUSB0` },
  ]);
  for (const use of [`${dev}/ttyUSB0`, byId, `${dev}/serial/by-path/platform-usb-0:1.4:1.0-port0`]) {
    t.deepEqual(family.match(need, use), [byId], use);
  }
  for (const use of [`${dev}/ttyAMA0`, `${dev}/serial0`]) t.deepEqual(family.match(need, use), [`${dev}/ttyAMA0`], use);
  t.deepEqual(family.match(need, '/dev/null'), ['/dev/null'], 'any character device named by hand');
  for (const use of [undefined, 'ttyUSB0', `${dev}/ttyUSB1`, `${dev}/ttyS4`, dev])
    t.deepEqual(family.match(need, use), [], use);
});

test('a machine that offers nothing is absent and says so; one bus makes it present', async (t) => {
  const bare = await machine(t, {});
  const options = (around: Surroundings) => ({ sysfs: around.sysfs, dev: around.dev });
  const absent = await linuxBoard(options(bare.around)).probe();
  t.false(absent.present);
  const { around } = await machine(t, { 'dev/i2c-1': '' });
  const presence = await linuxBoard(options(around)).probe();
  if (process.platform === 'linux') t.deepEqual(presence, { present: true });
  else t.like(presence, { present: false });
});

test('virtual time waits for the look at a machine', async (t) => {
  const { around } = await machine(t, { 'dev/i2c-1': '' });
  const clock = new VirtualClock();
  let late = false;
  clock.timer('deadline', '1 s', () => (late = true));
  await clock.run(linuxBoard({ sysfs: around.sysfs, dev: around.dev }).probe({ clock }));
  t.false(late);
});

test('a board lists what was plugged in after it was opened', async (t) => {
  const { root, around } = await machine(t, {});
  const clock = new VirtualClock();
  await using board = await linuxBoard({ sysfs: around.sysfs, dev: around.dev }).open({ clock });
  t.deepEqual(board.match(bme280, 'i2c-3/0x76'), []);
  await writeFile(join(root, 'dev/i2c-3'), '');
  t.deepEqual(
    (await board.list()).map(({ address }) => address),
    ['i2c-3'],
  );
  t.deepEqual(board.match(bme280, 'i2c-3/0x76'), ['i2c-3/0x76']);
  t.deepEqual(board.match({ kind: 'spi', choices: [] }, 'spi0'), []);
});

test('the provider plugin makes the board of its options', async (t) => {
  const { around } = await machine(t, { 'dev/i2c-1': '' });
  const provider = linuxProvider.create({
    options: { gpio: 'auto', sysfs: around.sysfs, dev: around.dev },
    log: silentLogger,
    random: new SeededRandom(1),
    find: () => undefined,
    ids: () => [],
  });
  await using board = await provider.open({ clock: new VirtualClock() });
  t.is(board.name, 'linux');
  t.false(board.simulated);
  t.deepEqual(board.match(bme280, undefined), ['i2c-1/0x76', 'i2c-1/0x77']);
});
