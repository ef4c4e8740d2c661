import { Lifetime } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import test from 'ava';
import { gpioOutput } from '../gpio/gpio.js';
import { serialPort } from '../serial/serial-port.js';
import { surroundings } from './family.js';
import { GpioFamily } from './gpio-family.js';
import { LinuxI2cBus } from './linux-i2c-bus.js';
import { loadNative } from './native.js';
import { SerialFamily } from './serial-family.js';
import { openSysfsLine } from './sysfs-gpio-line.js';

const nothingInstalled = (name: string) =>
  Promise.reject(Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' }));

test('a missing module is named, with what it is for and how to get it', async (t) => {
  const error = await t.throwsAsync(loadNative('i2c-bus', nothingInstalled), { code: 'HYP_MODULE_MISSING' });
  t.regex(error?.message ?? '', /I²C on Linux needs the module i2c-bus.*npm install i2c-bus.*compiler/);
});

test('a module is what it exports by default where it has a default', async (t) => {
  t.deepEqual(await loadNative('koffi', async () => ({ default: { load: 1 } })), { load: 1 });
  t.deepEqual(await loadNative('koffi', async () => ({ load: 2 })), { load: 2 });
});

test('importing the Linux provider loads no native module', async (t) => {
  const { linuxProvider } = await import('./index.js');
  t.is(linuxProvider.id, 'linux');
  const loaded = process.report.getReport() as unknown as { readonly sharedObjects: readonly string[] };
  const native = loaded.sharedObjects.filter((path) => path.endsWith('.node'));
  t.deepEqual(native, []);
});

test('each kind of resource says which module it lacks when it is first used', async (t) => {
  const clock = new VirtualClock();
  const around = surroundings(clock, { load: nothingInstalled });
  await using lifetime = new Lifetime('test');
  const context = { owner: 'test', lifetime };
  const missing = (module: string) => ({ code: 'HYP_MODULE_MISSING', message: new RegExp(`module ${module},`) });

  await t.throwsAsync(new LinuxI2cBus(1, nothingInstalled).transfer(0x76, [{ read: 1 }]), missing('i2c-bus'));
  await t.throwsAsync(
    new GpioFamily(around).open(gpioOutput({ initial: 0 }), 'gpiochip0/17', context),
    missing('koffi'),
  );
  await t.throwsAsync(
    new SerialFamily(around).open(serialPort({ baudRate: 9600 }), '/dev/ttyS0', context),
    missing('serialport'),
  );
  await t.throwsAsync(
    openSysfsLine({ name: 'gpiochip0/17', number: 529, clock, load: nothingInstalled }, { direction: 'in' }, lifetime),
    missing('onoff'),
  );
});
