/* GPIO over the character device, on the kernel's simulated chip: rig module gpio-sim. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { gpioInput, gpioOutput } from '@hyphae/hal';
import { linuxBoard } from '@hyphae/hal/linux';
import { check, run } from './check.mjs';
import { makeGpioChip } from './gpio-sim.mjs';

const sim = await makeGpioChip('pi', { names: { 17: 'GPIO17', 27: 'GPIO27', 22: 'GPIO22' }, hogs: { 4: 'w1-master' } });
const { chip } = sim;

// The simulator raises its interrupt a little after the level has changed, and two changes within one tick are one interrupt.
async function toggle({ clock }, offset, level) {
  await sim.pull(offset, level);
  await clock.sleep('20 ms');
}

async function open({ clock, lifetime }, need, use) {
  const board = lifetime.own(await linuxBoard().open({ clock }));
  const [address] = board.match(need, use);
  assert.ok(address, `no line matches ${use}`);
  const claim = lifetime.child('claim');
  return { board, claim, address, line: await board.open(need, address, { owner: 'test', lifetime: claim }) };
}

check('lines are listed by address, with their names and who uses them', async ({ clock, lifetime }) => {
  const board = lifetime.own(await linuxBoard().open({ clock }));
  const lines = (await board.list()).filter(({ kind }) => kind === 'gpio');
  assert.equal(lines.length, 54);
  assert.deepEqual(lines[17], { kind: 'gpio', address: `${chip}/17`, label: 'GPIO17' });
  assert.equal(lines[4].label, 'pinctrl-bcm2711 (used by w1-master)');
  assert.equal(lines[5].label, 'pinctrl-bcm2711');
});

check(
  'a line is found by number, by name and by the label of its chip, and by nothing else',
  async ({ clock, lifetime }) => {
    const board = lifetime.own(await linuxBoard().open({ clock }));
    const need = gpioInput();
    for (const use of [`${chip}/17`, `/dev/${chip}/17`, 'GPIO17', 'pinctrl-bcm2711/17']) {
      assert.deepEqual(board.match(need, use), [`${chip}/17`], use);
    }
    for (const use of [undefined, '', 'GPIO99', `${chip}/54`, 'gpiochip7/1', '17', `${chip}/x`, '../gpiochip0/1']) {
      assert.deepEqual(board.match(need, use), [], String(use));
    }
  },
);

check('an output starts at its initial level and follows what is written', async (test) => {
  await sim.pull(17, 0);
  const { line } = await open(test, gpioOutput({ initial: 1 }), 'GPIO17');
  assert.equal(await sim.level(17), 1);
  assert.equal(await line.read(), 1);
  await line.write(0);
  assert.equal(await sim.level(17), 0);
  assert.equal(await line.read(), 0);
  await line.write(1);
  assert.equal(await sim.level(17), 1);
});

check('an active-low output inverts the wire and not the meaning', async (test) => {
  const { line } = await open(test, gpioOutput({ initial: 0, activeLow: true }), 'GPIO17');
  assert.equal(await sim.level(17), 1);
  assert.equal(await line.read(), 0);
  await line.write(1);
  assert.equal(await sim.level(17), 0);
  assert.equal(await line.read(), 1);
});

check('writes arrive in the order they were made, without waiting for each', async (test) => {
  const { line } = await open(test, gpioOutput({ initial: 0 }), 'GPIO17');
  await Promise.all([line.write(1), line.write(0), line.write(1), line.write(0), line.write(1)]);
  assert.equal(await sim.level(17), 1);
});

check('a released output falls back to its pull and can be claimed again', async (test) => {
  await sim.pull(17, 0);
  const first = await open(test, gpioOutput({ initial: 1 }), 'GPIO17');
  await first.claim[Symbol.asyncDispose]();
  assert.equal(await sim.level(17), 0);
  await assert.rejects(first.line.write(1), { code: 'HYP_DISPOSED' });
  await open(test, gpioOutput({ initial: 1 }), 'GPIO17');
  assert.equal(await sim.level(17), 1);
});

check('a line in use is HYP_GPIO_BUSY and names who uses it', async (test) => {
  await open(test, gpioOutput({ initial: 0 }), 'GPIO17');
  const busy = (consumer) => (error) => {
    assert.equal(error.code, 'HYP_GPIO_BUSY');
    assert.equal(error.context.consumer, consumer);
    return true;
  };
  await assert.rejects(open(test, gpioOutput({ initial: 0 }), `${chip}/17`), busy('hyphae'));
  await assert.rejects(open(test, gpioInput(), `${chip}/4`), busy('w1-master'));
});

check('an input is biased and read as the claim says', async (test) => {
  const up = await open(test, gpioInput({ bias: 'up' }), 'GPIO27');
  assert.equal(await sim.level(27), 1);
  assert.equal(await up.line.read(), 1);
  await up.claim[Symbol.asyncDispose]();
  const { line } = await open(test, gpioInput({ bias: 'down', activeLow: true }), 'GPIO27');
  assert.equal(await line.read(), 1);
  await sim.pull(27, 1);
  assert.equal(await line.read(), 0);
});

check('edges come in order, each with a kernel timestamp later than the one before', async (test) => {
  await sim.pull(27, 0);
  const { line } = await open(test, gpioInput(), 'GPIO27');
  const stop = new AbortController();
  const edges = line.changes({ signal: stop.signal });
  const before = test.clock.monotonic();
  const levels = Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? 1 : 0));
  for (const level of levels) await toggle(test, 27, level); // nobody reads meanwhile: they wait in the queue
  const seen = [];
  for await (const edge of edges) {
    seen.push(edge);
    if (seen.length === levels.length) stop.abort();
  }
  assert.deepEqual(
    seen.map(({ level }) => level),
    levels,
  );
  let last = before - 1;
  for (const { atMs, lost } of seen) {
    assert.ok(atMs > last, `${atMs} is not after ${last}`);
    assert.equal(lost, undefined);
    last = atMs;
  }
  assert.ok(last <= test.clock.monotonic());
});

check('edges are stamped when they happen, not when the program gets round to them', async (test) => {
  await sim.pull(27, 0);
  const { line } = await open(test, gpioInput(), 'GPIO27');
  const edges = line.changes();
  await sim.pull(27, 1);
  const until = test.clock.monotonic() + 300;
  while (test.clock.monotonic() < until); // a program that blocks its event loop
  const { value } = await edges.next();
  assert.ok(value.atMs < until - 100, `${until - value.atMs} ms before the end of the block`);
  await edges.return();
});

check('what happened before changes() was called is not reported', async (test) => {
  await sim.pull(22, 0);
  const { line } = await open(test, gpioInput(), 'GPIO22');
  await toggle(test, 22, 1);
  await toggle(test, 22, 0);
  const edges = line.changes();
  await toggle(test, 22, 1);
  assert.equal((await edges.next()).value.level, 1);
  await edges.return();
});

check('two readers of one line both get every edge, and one who comes later only what is new', async (test) => {
  await sim.pull(22, 0);
  const { line } = await open(test, gpioInput(), 'GPIO22');
  const [one, two] = [line.changes(), line.changes()];
  await toggle(test, 22, 1);
  assert.equal((await one.next()).value.level, 1);
  assert.equal((await two.next()).value.level, 1);
  await one.return();
  await toggle(test, 22, 0);
  assert.equal((await two.next()).value.level, 0);
  await two.return();
  await toggle(test, 22, 1);
  const again = line.changes();
  await toggle(test, 22, 0);
  assert.equal((await again.next()).value.level, 0);
  await again.return();
});

check('a bouncing contact is one edge when debounced', async (test) => {
  await sim.pull(22, 0);
  const { line } = await open(test, gpioInput(), 'GPIO22');
  const edges = line.changes({ debounce: '100 ms' });
  for (const level of [1, 0, 1, 0, 1]) await toggle(test, 22, level);
  assert.equal((await edges.next()).value.level, 1);
  for (const level of [0, 1, 0, 1, 0]) await toggle(test, 22, level);
  assert.equal((await edges.next()).value.level, 0);
  assert.equal(edges.waiting, 0);
  await edges.return();
});

check('an aborted reader ends, and so does one whose claim ends', async (test) => {
  const { line, claim } = await open(test, gpioInput(), 'GPIO22');
  const aborted = new AbortController();
  aborted.abort();
  assert.deepEqual(await line.changes({ signal: aborted.signal })[Symbol.asyncIterator]().next(), {
    value: undefined,
    done: true,
  });
  const edges = line.changes();
  const waiting = edges.next();
  await claim[Symbol.asyncDispose]();
  assert.equal((await waiting).done, true);
  await assert.rejects(line.changes().next(), { code: 'HYP_DISPOSED' });
  await assert.rejects(line.read(), { code: 'HYP_DISPOSED' });
});

check('no descriptor stays open after the claims end', async (test) => {
  const board = test.lifetime.own(await linuxBoard().open({ clock: test.clock }));
  const count = async () => (await readdir('/proc/self/fd')).length;
  await test.clock.sleep('20 ms');
  const before = await count();
  for (let i = 0; i < 20; i++) {
    const claim = test.lifetime.child('claim');
    const owner = { owner: 'test', lifetime: claim };
    await board.open(gpioOutput({ initial: 0 }), `${chip}/17`, owner);
    const input = await board.open(gpioInput(), `${chip}/22`, owner);
    const edges = input.changes();
    void edges.next();
    await claim[Symbol.asyncDispose]();
  }
  assert.equal(await count(), before);
});

check('a chip taken away under an open claim is HYP_DEVICE_GONE, for reader and writer', async (test) => {
  const other = await makeGpioChip('usb', { lines: 8, label: 'usb-relays' });
  const output = await open(test, gpioOutput({ initial: 0 }), 'usb-relays/0');
  const input = await open(test, gpioInput(), 'usb-relays/1');
  const edges = input.line.changes();
  const heard = assert.rejects(edges.next(), { code: 'HYP_DEVICE_GONE' });
  await other.remove();
  await heard;
  await assert.rejects(output.line.write(1), { code: 'HYP_DEVICE_GONE' });
  await assert.rejects(input.line.read(), { code: 'HYP_DEVICE_GONE' });
});

await run();
