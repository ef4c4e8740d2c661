import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lifetime } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import test, { type ExecutionContext } from 'ava';
import { oneWireThermometer } from '../onewire/thermometer.js';
import { surroundings } from './family.js';
import { OneWireFamily } from './onewire-family.js';
import { parseW1Slave } from './w1-bus.js';

// The example of Documentation/w1/slaves/w1_therm.rst, and a scratchpad of the DS18B20's power-on value, 85 °C.
const GOOD = '72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\n72 01 4b 46 7f ff 0e 10 57 t=23125\n';
const BAD_CRC = '72 01 4b 46 7f ff 0e 10 58 : crc=57 NO\n72 01 4b 46 7f ff 0e 10 57 t=23125\n';
const SHORTED = '00 00 00 00 00 00 00 00 00 : crc=00 YES\n00 00 00 00 00 00 00 00 00 t=0\n';
const SILENT = 'ff ff ff ff ff ff ff ff ff : crc=c9 NO\n72 01 4b 46 7f ff 0e 10 57 t=23125\n';
const ID = '28-0000075b3c1a';
const need = oneWireThermometer({ families: [0x28] });

/** A sysfs with one bus master and one thermometer on it, linked as the kernel does. */
async function tree(t: ExecutionContext, text: string, bulk?: string) {
  const sysfs = await mkdtemp(join(tmpdir(), 'hyphae-w1-'));
  t.teardown(() => rm(sysfs, { recursive: true }));
  const master = join(sysfs, 'devices/w1_bus_master1');
  await mkdir(join(master, ID), { recursive: true });
  await mkdir(join(sysfs, 'bus/w1/devices'), { recursive: true });
  await symlink(join(master, ID), join(sysfs, 'bus/w1/devices', ID));
  await symlink(master, join(sysfs, 'bus/w1/devices/w1_bus_master1'));
  await writeFile(join(master, ID, 'w1_slave'), text);
  if (bulk !== undefined) await writeFile(join(master, 'therm_bulk_read'), bulk);
  const clock = new VirtualClock();
  const family = new OneWireFamily(surroundings(clock, { sysfs }));
  await family.scan();
  const lifetime = new Lifetime('test');
  t.teardown(() => lifetime[Symbol.asyncDispose]());
  const chip = await family.open(need, ID, { owner: 'test', lifetime });
  return { sysfs, master, clock, family, chip, lifetime };
}

test('the nine bytes are read from the first line, whatever the checksum', (t) => {
  t.deepEqual(parseW1Slave(GOOD), Uint8Array.of(0x72, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0e, 0x10, 0x57));
  t.is(parseW1Slave(BAD_CRC)?.[8], 0x58);
  for (const other of ['', '\n', '72 01', 't=23125', GOOD.slice(3), ` ${GOOD}`])
    t.is(parseW1Slave(other), undefined, other);
});

test('a thermometer is measured', async (t) => {
  const { chip } = await tree(t, GOOD);
  t.is(chip.name, ID);
  t.deepEqual(await chip.measure(), parseW1Slave(GOOD));
});

test('a shorted or silent line is a device that is gone, not 0 °C', async (t) => {
  for (const text of [SHORTED, SILENT, '']) {
    const { chip } = await tree(t, text);
    await t.throwsAsync(chip.measure(), { code: 'HYP_DEVICE_GONE' });
  }
});

test('an unplugged thermometer is gone, and is measured again when it is back', async (t) => {
  const { chip, master, family, sysfs } = await tree(t, GOOD);
  await rm(join(master, ID), { recursive: true });
  await rm(join(sysfs, 'bus/w1/devices', ID));
  await t.throwsAsync(chip.measure(), { code: 'HYP_DEVICE_GONE' });
  await family.scan();
  t.deepEqual(family.match(need, ID), []);
  await mkdir(join(master, ID));
  await writeFile(join(master, ID, 'w1_slave'), GOOD);
  await symlink(join(master, ID), join(sysfs, 'bus/w1/devices', ID));
  t.is((await chip.measure()).length, 9);
  await family.scan();
  t.deepEqual(family.match(need, ID), [ID]);
});

test('where the kernel converts on all chips at once, that is started and waited for before the read', async (t) => {
  const { chip, clock, master } = await tree(t, SILENT, '0');
  const bulk = join(master, 'therm_bulk_read');
  const measured = chip.measure();
  let done = false;
  void measured.then(() => (done = true));
  await clock.advance('400 ms');
  t.is(await readFile(bulk, 'utf8'), 'trigger\n');
  await writeFile(bulk, '-1\n');
  await clock.advance('100 ms');
  t.false(done, 'it was read during the conversion');
  await writeFile(join(master, ID, 'w1_slave'), GOOD);
  await writeFile(bulk, '1\n');
  t.deepEqual(await clock.run(measured), parseW1Slave(GOOD));
});

test('a conversion that never ends is given up after two seconds', async (t) => {
  const { chip, clock } = await tree(t, GOOD, '0');
  const measured = chip.measure();
  await clock.run(measured);
  t.true(clock.monotonic() >= 2000 && clock.monotonic() < 2200, String(clock.monotonic()));
});

test('a thermometer is found by its id or its family', async (t) => {
  const { family } = await tree(t, GOOD);
  t.deepEqual(family.match(need, undefined), [ID]);
  t.deepEqual(family.match(need, ID.toUpperCase()), [ID]);
  t.deepEqual(family.match(need, '28'), [ID]);
  t.deepEqual(family.match(need, '10'), []);
  t.deepEqual(family.match(oneWireThermometer({ families: [0x10] }), undefined), []);
  t.deepEqual(family.match(need, 'w1_bus_master1'), []);
  t.deepEqual(family.list(), [{ kind: 'onewire', address: ID, label: 'family 28' }]);
});

test('nothing is measured after the claim', async (t) => {
  const { chip, lifetime } = await tree(t, GOOD);
  await lifetime[Symbol.asyncDispose]();
  await t.throwsAsync(chip.measure(), { code: 'HYP_DISPOSED' });
});
