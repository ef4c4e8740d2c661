/* I²C on a real adapter whose chips are ours: rig modules i2c-dev, i2c-usersim. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { i2cDevice } from '@hyphae/hal';
import { LinuxI2cBus, linuxBoard, listI2cAdapters } from '@hyphae/hal/linux';
import { check, run } from './check.mjs';

const responder = fork(new URL('./responder.mjs', import.meta.url));
const [{ bus: number }] = await once(responder, 'message');
const name = `i2c-${number}`;
const transactions = async () => {
  responder.send('transactions');
  return (await once(responder, 'message'))[0].transactions;
};
const bytes = (...values) => Uint8Array.of(...values);
const list = (read) => Array.from(read);
const owned = (lifetime) => lifetime.own(new LinuxI2cBus(number));

check('adapters are listed with the name the kernel gives them', async () => {
  const adapter = (await listI2cAdapters()).find((each) => each.number === number);
  assert.match(adapter.label, /i2c-usersim/);
});

check('a register is read with a repeated start, as one transaction', async ({ lifetime }) => {
  await transactions();
  const [read] = await owned(lifetime).transfer(0x48, [{ write: bytes(0x10) }, { read: 3 }]);
  assert.deepEqual(list(read), [0x10, 0x11, 0x12]);
  assert.deepEqual(await transactions(), [{ address: 0x48, segments: 'wr' }]);
});

check('plain writes and reads arrive as they are', async ({ lifetime }) => {
  const bus = owned(lifetime);
  await bus.transfer(0x48, [{ write: bytes(0x20, 7, 8, 9) }]);
  await bus.transfer(0x48, [{ write: bytes(0x20) }]);
  const [read] = await bus.transfer(0x48, [{ read: 3 }]);
  assert.deepEqual(list(read), [7, 8, 9]);
});

check('more than 32 bytes of registers come in one combined transfer', async ({ lifetime }) => {
  await transactions();
  const [read] = await owned(lifetime).transfer(0x48, [{ write: bytes(0x40) }, { read: 100 }]);
  assert.deepEqual(
    list(read),
    Array.from({ length: 100 }, (_, index) => 0x40 + index),
  );
  assert.deepEqual(await transactions(), [{ address: 0x48, segments: 'wr' }]);
});

check('two-byte addresses, several reads and writes go into one combined transfer', async ({ lifetime }) => {
  const bus = owned(lifetime);
  await bus.transfer(0x50, [{ write: bytes(0x01, 0x00, 1, 2, 3, 4) }]);
  await transactions();
  const reads = await bus.transfer(0x50, [
    { write: bytes(0x01, 0x00) },
    { read: 2 },
    { write: bytes(0x01, 0x03) },
    { read: 1 },
  ]);
  assert.deepEqual(reads.map(list), [[1, 2], [4]]);
  assert.deepEqual(await transactions(), [{ address: 0x50, segments: 'wrwr' }]);
});

for (const [address, code, what] of [
  [0x51, 'HYP_I2C_NO_ACK', 'an absent chip (EREMOTEIO)'],
  [0x64, 'HYP_I2C_NO_ACK', 'an absent chip (ENXIO)'],
  [0x62, 'HYP_I2C_ARBITRATION', 'lost arbitration (EAGAIN)'],
  [0x60, 'HYP_I2C_TIMEOUT', 'a time-out (ETIMEDOUT)'],
  [0x63, 'HYP_I2C_TIMEOUT', 'a chip that holds the bus until the adapter gives up'],
  [0x61, 'HYP_I2C_BUS', 'an input or output error (EIO)'],
  [0x65, 'HYP_I2C_BUS', 'a protocol error (EPROTO)'],
]) {
  check(`${what} is ${code} in every way of transferring`, async ({ lifetime }) => {
    const bus = owned(lifetime);
    const ways = [
      [{ write: bytes(1, 2) }],
      [{ read: 2 }],
      [{ write: bytes(1) }, { read: 2 }],
      [{ write: bytes(1, 2) }, { read: 2 }],
    ];
    // The silent chip takes a second each time; once is proof enough.
    for (const way of address === 0x63 ? ways.slice(2, 3) : ways) {
      await assert.rejects(bus.transfer(address, way), { code });
    }
  });
}

check('a bus that does not exist is HYP_RESOURCE_MISSING and names those that do', async ({ lifetime }) => {
  const bus = lifetime.own(new LinuxI2cBus(97));
  await assert.rejects(bus.transfer(0x48, [{ read: 1 }]), (error) => {
    assert.equal(error.code, 'HYP_RESOURCE_MISSING');
    assert.ok(error.context.offered.includes(name));
    return true;
  });
});

check('the event loop goes on while a chip holds the bus', async ({ clock, lifetime }) => {
  const bus = owned(lifetime);
  let turns = 0;
  let waiting = true;
  const held = bus.transfer(0x63, [{ read: 1 }]).catch(() => (waiting = false));
  while (waiting) {
    await clock.sleep('10 ms');
    turns++;
  }
  await held;
  assert.ok(turns > 10, `only ${turns} turns of the loop`);
});

check('no descriptor stays open after the bus is disposed', async () => {
  const { readdir } = await import('node:fs/promises');
  const before = (await readdir('/proc/self/fd')).length;
  const bus = new LinuxI2cBus(number);
  await Promise.all([0x48, 0x50, 0x48, 0x50].map((address) => bus.transfer(address, [{ read: 1 }])));
  await bus.transfer(0x50, [{ write: bytes(0, 0) }, { read: 1 }]);
  await bus[Symbol.asyncDispose]();
  assert.equal((await readdir('/proc/self/fd')).length, before);
});

check(
  'a driver works through a claim of the board, and says NO_ACK while its chip is unplugged',
  async ({ clock, lifetime }) => {
    const board = lifetime.own(await linuxBoard().open({ clock }));
    const need = i2cDevice({ addresses: [0x48] });
    const [address] = board.match(need, name);
    assert.equal(address, `${name}/0x48`);
    const chip = await board.open(need, address, { owner: 'test', lifetime: lifetime.child('claim') });
    assert.deepEqual(list(await chip.readRegister(0x80, 2)), [0x80, 0x81]);
    await chip.writeRegister(0x80, 0xaa);
    assert.deepEqual(list(await chip.readRegister(0x80)), [0xaa]);
    responder.send('unplug');
    await transactions();
    await assert.rejects(chip.readRegister(0x80), { code: 'HYP_I2C_NO_ACK' });
    responder.send('plug in');
    await transactions();
    assert.deepEqual(list(await chip.readRegister(0x80)), [0xaa]);
  },
);

check('an unplugged adapter goes away and comes back under the same claim', async ({ clock, lifetime }) => {
  // Another adapter, because the number of the first is used by the checks before.
  const second = fork(new URL('./responder.mjs', import.meta.url));
  const [{ bus: other }] = await once(second, 'message');
  const board = lifetime.own(await linuxBoard().open({ clock }));
  const device = await board.open(i2cDevice({ addresses: [0x48] }), `i2c-${other}/0x48`, {
    owner: 'test',
    lifetime: lifetime.child('claim'),
  });
  assert.deepEqual(list(await device.readRegister(1)), [1]);
  second.kill('SIGKILL');
  await once(second, 'exit');
  await assert.rejects(device.readRegister(1), (error) => /HYP_I2C_NO_ACK|HYP_RESOURCE_MISSING/.test(error.code));
  await assert.rejects(device.readRegister(1), { code: 'HYP_RESOURCE_MISSING' });
  assert.equal(
    (await listI2cAdapters()).some((adapter) => adapter.number === other),
    false,
  );
  const third = fork(new URL('./responder.mjs', import.meta.url));
  const [{ bus: again }] = await once(third, 'message');
  assert.equal(again, other, 'the kernel gave the adapter another number');
  assert.deepEqual(list(await device.readRegister(1)), [1]);
  third.kill('SIGKILL');
});

check('this is a real kernel', async () => {
  assert.match(await readFile('/proc/version', 'utf8'), /^Linux/);
});

await run();
