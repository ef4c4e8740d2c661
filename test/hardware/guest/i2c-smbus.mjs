/* An adapter that knows SMBus only: rig modules i2c-dev, i2c-stub with chips at 0x48 and 0x76. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { i2cDevice } from '@hyphae/hal';
import { LinuxI2cBus, linuxBoard, listI2cAdapters } from '@hyphae/hal/linux';
import { check, run } from './check.mjs';

const adapter = (await listI2cAdapters()).find(({ label }) => label.includes('stub'));
const owned = (lifetime) => lifetime.own(new LinuxI2cBus(adapter.number));
const bytes = (...values) => Uint8Array.of(...values);
const list = (read) => Array.from(read);

check('registers are written and read, from one byte to 32', async ({ lifetime }) => {
  const bus = owned(lifetime);
  for (const length of [1, 2, 3, 8, 26, 32]) {
    const data = Array.from({ length }, (_, index) => (index * 7 + length) & 0xff);
    await bus.transfer(0x76, [{ write: bytes(0x20, ...data) }]);
    const [read] = await bus.transfer(0x76, [{ write: bytes(0x20) }, { read: length }]);
    assert.deepEqual(list(read), data);
  }
});

check('a byte without a register is written and read where the chip points', async ({ lifetime }) => {
  const bus = owned(lifetime);
  await bus.transfer(0x48, [{ write: bytes(0x05, 0xab) }]);
  await bus.transfer(0x48, [{ write: bytes(0x05) }]);
  const [read] = await bus.transfer(0x48, [{ read: 1 }]);
  assert.deepEqual(list(read), [0xab]);
});

check('an empty write asks whether anybody is there', async ({ lifetime }) => {
  const bus = owned(lifetime);
  assert.deepEqual(await bus.transfer(0x48, [{ write: bytes() }]), []);
  await assert.rejects(bus.transfer(0x50, [{ write: bytes() }]), { code: 'HYP_I2C_NO_ACK' });
});

check('an absent chip (ENODEV here) is HYP_I2C_NO_ACK, and the bus works on', async ({ lifetime }) => {
  const bus = owned(lifetime);
  await assert.rejects(bus.transfer(0x50, [{ write: bytes(0) }, { read: 2 }]), { code: 'HYP_I2C_NO_ACK' });
  await assert.rejects(bus.transfer(0x50, [{ write: bytes(0, 1) }]), { code: 'HYP_I2C_NO_ACK' });
  await bus.transfer(0x48, [{ write: bytes(0) }, { read: 2 }]);
});

check('what SMBus cannot say is refused with the reason, before anything is sent', async ({ lifetime }) => {
  const bus = owned(lifetime);
  for (const segments of [
    [{ read: 2 }],
    [{ write: bytes(0) }, { read: 33 }],
    [{ write: bytes(0, 0) }, { read: 2 }],
    [{ write: new Uint8Array(34) }],
  ]) {
    await assert.rejects(bus.transfer(0x48, segments), (error) => {
      assert.equal(error.code, 'HYP_I2C_BUS');
      assert.match(error.message, /SMBus/);
      return true;
    });
  }
});

check('a driver reads registers through a claim of the board', async ({ clock, lifetime }) => {
  const board = lifetime.own(await linuxBoard().open({ clock }));
  const need = i2cDevice({ addresses: [0x76, 0x77] });
  const [address] = board.match(need); // one bus on this machine: no need to name it
  assert.equal(address, `i2c-${adapter.number}/0x76`);
  const chip = await board.open(need, address, { owner: 'test', lifetime: lifetime.child('claim') });
  await chip.writeRegister(0xd0, 0x60);
  assert.deepEqual(list(await chip.readRegister(0xd0)), [0x60]);
});

check('an address that a kernel driver uses is HYP_I2C_BUSY, and free again without it', async ({ lifetime }) => {
  const bus = owned(lifetime);
  const device = `/sys/bus/i2c/devices/i2c-${adapter.number}`;
  await writeFile(`${device}/new_device`, 'lm75 0x48');
  try {
    assert.match(await readFile(`/sys/bus/i2c/devices/${adapter.number}-0048/name`, 'utf8'), /lm75/);
    for (const segments of [[{ write: bytes(0) }, { read: 2 }], [{ write: bytes(0, 1) }]]) {
      // Twice: the second must not go through a descriptor left over from the first.
      await assert.rejects(bus.transfer(0x48, segments), { code: 'HYP_I2C_BUSY' });
      await assert.rejects(bus.transfer(0x48, segments), { code: 'HYP_I2C_BUSY' });
    }
  } finally {
    await writeFile(`${device}/delete_device`, '0x48');
  }
  await bus.transfer(0x48, [{ write: bytes(0) }, { read: 2 }]);
});

await run();
