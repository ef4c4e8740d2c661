/* 1-Wire thermometers behind the kernel's own drivers: a simulated DS2482 bridge at 0x18 of i2c-usersim, two DS18B20 on it. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { oneWireThermometer } from '@hyphae/hal';
import { linuxBoard } from '@hyphae/hal/linux';
import { check, run } from './check.mjs';

const responder = fork(new URL('./w1-responder.mjs', import.meta.url));
const [{ bus }] = await once(responder, 'message');
await writeFile(`/sys/bus/i2c/devices/i2c-${bus}/new_device`, 'ds2482 0x18');
const need = oneWireThermometer({ families: [0x28] });
const celsius = (bytes) => new DataView(bytes.buffer, bytes.byteOffset).getInt16(0, true) / 16;

async function open({ clock, lifetime }) {
  const board = lifetime.own(await linuxBoard().open({ clock }));
  for (let tries = 0; board.match(need).length < 2; tries++) {
    assert.ok(tries < 100, 'the kernel did not find the thermometers');
    await clock.sleep('200 ms');
    await board.scan();
  }
  const context = { owner: 'test', lifetime: lifetime.child('claim') };
  const ids = board.match(need);
  return { board, ids, chips: await Promise.all(ids.map((id) => board.open(need, id, context))) };
}

check('the kernel finds two thermometers, and a user may name either', async (test) => {
  const { board, ids } = await open(test);
  assert.equal(ids.length, 2);
  assert.deepEqual(board.match(need, ids[1]), [ids[1]]);
  assert.deepEqual(board.match(need, '28-000000000000'), []);
  assert.deepEqual(board.match(oneWireThermometer({ families: [0x10] })), []);
});

check('both are measured at once, and the nine bytes are those of the chip', async (test) => {
  const { chips } = await open(test);
  const scratchpads = await Promise.all(chips.map((chip) => chip.measure()));
  assert.deepEqual(
    scratchpads.map(({ length }) => length),
    [9, 9],
  );
  assert.deepEqual(scratchpads.map(celsius).sort(), [-10.125, 21.5]);
});

check('a temperature that changes is measured anew', async (test) => {
  const { chips } = await open(test);
  responder.send({ celsius: 30.0625 });
  await once(responder, 'message');
  const readings = (await Promise.all(chips.map((chip) => chip.measure()))).map(celsius);
  assert.ok(readings.includes(30.0625), String(readings));
});

check('the event loop goes on during a conversion', async (test) => {
  const { chips } = await open(test);
  let turns = 0;
  let waiting = true;
  const measured = chips[0].measure().finally(() => (waiting = false));
  while (waiting) {
    await test.clock.sleep('10 ms');
    turns++;
  }
  await measured;
  assert.ok(turns > 20, `only ${turns} turns of the loop`);
});

check('a thermometer that was taken away is HYP_DEVICE_GONE', async (test) => {
  const { chips, ids } = await open(test);
  responder.send({ unplug: true });
  await once(responder, 'message');
  const outcomes = await Promise.allSettled(chips.map((chip) => chip.measure()));
  const failed = outcomes.filter(({ status }) => status === 'rejected');
  assert.equal(failed.length, 1, JSON.stringify(ids));
  assert.equal(failed[0].reason.code, 'HYP_DEVICE_GONE');
});

await run();
