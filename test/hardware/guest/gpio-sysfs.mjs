/* GPIO over the legacy sysfs interface through onoff, on the kernel's simulated chip: rig module gpio-sim. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { gpioInput, gpioOutput } from '@hyphae/hal';
import { linuxBoard } from '@hyphae/hal/linux';
import { check, run } from './check.mjs';
import { makeGpioChip } from './gpio-sim.mjs';

// Two chips, so that a base that is assumed instead of looked up is the wrong one.
await makeGpioChip('expander', { lines: 16, label: 'pcf8575' });
const sim = await makeGpioChip('pi', { names: { 17: 'GPIO17' }, hogs: { 4: 'w1-master' } });
const { chip } = sim;
const exported = async () => (await readdir('/sys/class/gpio')).filter((name) => /^gpio\d+$/.test(name));

async function toggle({ clock }, offset, level) {
  await sim.pull(offset, level);
  await clock.sleep('20 ms');
}

async function open({ clock, lifetime }, need, use) {
  const board = lifetime.own(await linuxBoard({ gpio: 'sysfs' }).open({ clock }));
  const [address] = board.match(need, use);
  assert.ok(address, `no line matches ${use}`);
  const claim = lifetime.child('claim');
  return { claim, line: await board.open(need, address, { owner: 'test', lifetime: claim }) };
}

check(
  'lines are found by chip or label, with the names the character device would use',
  async ({ clock, lifetime }) => {
    const board = lifetime.own(await linuxBoard({ gpio: 'sysfs' }).open({ clock }));
    assert.deepEqual(board.match(gpioInput(), 'pinctrl-bcm2711/17'), [`${chip}/17`]);
    assert.deepEqual(board.match(gpioInput(), `${chip}/17`), [`${chip}/17`]);
    assert.deepEqual(board.match(gpioInput(), `${chip}/54`), []);
    assert.equal((await board.list()).filter(({ kind }) => kind === 'gpio').length, 16 + 54);
  },
);

check('an output starts at its initial level, follows what is written and is given back', async (test) => {
  await sim.pull(17, 0);
  const { line, claim } = await open(test, gpioOutput({ initial: 1 }), 'pinctrl-bcm2711/17');
  assert.equal(await sim.level(17), 1);
  await line.write(0);
  assert.equal(await sim.level(17), 0);
  await line.write(1);
  assert.equal(await line.read(), 1);
  await claim[Symbol.asyncDispose]();
  assert.deepEqual(await exported(), []);
  await assert.rejects(line.write(1), { code: 'HYP_DISPOSED' });
});

check('an active-low output starts at its logical level', async (test) => {
  const off = await open(test, gpioOutput({ initial: 0, activeLow: true }), `${chip}/17`);
  assert.equal(await sim.level(17), 1);
  await off.line.write(1);
  assert.equal(await sim.level(17), 0);
  await off.claim[Symbol.asyncDispose]();
  await open(test, gpioOutput({ initial: 1, activeLow: true }), `${chip}/17`);
  assert.equal(await sim.level(17), 0);
});

check('an input hears changes and can be read', async (test) => {
  await sim.pull(5, 0);
  const { line } = await open(test, gpioInput(), `${chip}/5`);
  const edges = line.changes();
  for (const level of [1, 0, 1]) {
    await toggle(test, 5, level);
    assert.equal((await edges.next()).value.level, level);
    assert.equal(await line.read(), level);
  }
  await edges.return();
});

check('what sysfs cannot do is refused and not left out', async (test) => {
  await assert.rejects(open(test, gpioInput({ bias: 'up' }), `${chip}/5`), /bias cannot be set over sysfs/);
  await assert.rejects(open(test, gpioOutput({ initial: 0, drive: 'open-drain' }), `${chip}/5`), {
    code: 'HYP_GPIO_LINE',
  });
});

check('a line the kernel uses is HYP_GPIO_BUSY', async (test) => {
  await assert.rejects(open(test, gpioInput(), `${chip}/4`), { code: 'HYP_GPIO_BUSY' });
});

check('in a worker thread lines are refused before onoff is loaded, which would end the process', async () => {
  const work = `
    import { parentPort } from 'node:worker_threads';
    const { SystemClock, Lifetime } = await import('@hyphae/core');
    const { gpioInput } = await import('@hyphae/hal');
    const { linuxBoard } = await import('@hyphae/hal/linux');
    const board = await linuxBoard({ gpio: 'sysfs' }).open({ clock: new SystemClock() });
    await board.open(gpioInput(), '${chip}/5', { owner: 'test', lifetime: new Lifetime('test') }).catch(({ message }) => parentPort.postMessage(message));`;
  const worker = new Worker(
    new URL(
      `data:text/javascript,${encodeURIComponent(work.replaceAll(/'(@hyphae\/[^']+)'/g, (_, name) => `'${import.meta.resolve(name)}'`))}`,
    ),
  );
  const message = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  assert.match(message, /main thread only/);
  await worker.terminate();
});

await run();
