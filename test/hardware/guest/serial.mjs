/* Serial ports: /dev/ttyS1 is the guest's end of a pseudo-terminal whose other end the host holds; socat makes more inside. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { access, readdir, readlink } from 'node:fs/promises';
import { delimited, fixedLength, serialPort } from '@hyphae/hal';
import { linuxBoard } from '@hyphae/hal/linux';
import { check, run } from './check.mjs';

const text = (bytes) => Buffer.from(bytes).toString('latin1');
const line = (words) => Buffer.from(`${words}\n`);

async function open({ clock, lifetime }, use, spec = { baudRate: 115_200 }) {
  const board = lifetime.own(await linuxBoard().open({ clock }));
  const need = serialPort(spec);
  const [address] = board.match(need, use);
  assert.ok(address, `no port matches ${use}`);
  const claim = lifetime.child('claim');
  return { claim, board, port: await board.open(need, address, { owner: 'test', lifetime: claim }) };
}

/** A pair of pseudo-terminals; what is written to one comes out of the other until it is unplugged. */
async function pair({ clock, lifetime }, near, far) {
  const socat = spawn('socat', [`pty,rawer,link=${near}`, far ?? `pty,rawer,link=${near}.far`]);
  const exited = new Promise((resolve) => socat.once('exit', resolve));
  const unplug = async () => {
    socat.kill('SIGKILL');
    await exited;
    await (await import('node:fs/promises')).rm(near, { force: true });
  };
  lifetime.defer(unplug);
  for (;;) {
    await clock.sleep('50 ms');
    if (
      await access(near).then(
        () => true,
        () => false,
      )
    )
      break;
  }
  return { unplug, pts: await readlink(near) };
}

check('a request over the wire of the guest is answered by the device at its end', async (test) => {
  const { port } = await open(test, '/dev/ttyS1');
  for (const words of ['hello', 'x'.repeat(2000), '']) {
    const answer = await port.exchange(line(words), delimited(10), { timeout: '5 s' });
    assert.equal(text(answer), `${words}\n`);
  }
});

check('every byte value passes unchanged', async (test) => {
  await pair(test, '/tmp/echo', 'EXEC:cat');
  const { port } = await open(test, '/tmp/echo');
  const all = Uint8Array.from({ length: 256 }, (_, value) => value);
  assert.deepEqual(Array.from(await port.exchange(all, fixedLength(256), { timeout: '5 s' })), Array.from(all));
});

check('a device that is silent is HYP_SERIAL_TIMEOUT, and the port works on', async (test) => {
  await pair(test, '/tmp/near');
  const { port } = await open(test, '/tmp/near');
  const { port: far } = await open(test, '/tmp/near.far');
  await assert.rejects(port.exchange(line('?'), delimited(10), { timeout: '100 ms' }), { code: 'HYP_SERIAL_TIMEOUT' });
  const heard = far.frames(delimited(10))[Symbol.asyncIterator]();
  const exchange = port.exchange(line('again'), delimited(10), { timeout: '5 s' });
  while (text((await heard.next()).value) !== 'again\n');
  await far.write(line('yes'));
  assert.equal(text(await exchange), 'yes\n');
});

check('frames of a device that talks unasked arrive whole and in order', async (test) => {
  await pair(test, '/tmp/talk');
  const { port } = await open(test, '/tmp/talk');
  const { port: device } = await open(test, '/tmp/talk.far');
  const stop = new AbortController();
  const frames = port.frames(delimited(10), { signal: stop.signal });
  const seen = [];
  const reading = (async () => {
    for await (const frame of frames) {
      seen.push(text(frame));
      if (seen.length === 50) stop.abort();
    }
  })();
  for (let n = 0; n < 50; n++) await device.write(line(`reading ${n}`));
  await reading;
  assert.deepEqual(
    seen,
    Array.from({ length: 50 }, (_, n) => `reading ${n}\n`),
  );
});

check('an unplugged port fails what waits with HYP_SERIAL_CLOSED and works again when it is back', async (test) => {
  const first = await pair(test, '/tmp/usb', 'EXEC:cat');
  const { port } = await open(test, '/tmp/usb');
  assert.equal(text(await port.exchange(line('one'), delimited(10), { timeout: '5 s' })), 'one\n');
  const waiting = assert.rejects(port.exchange(Buffer.from('no end'), delimited(10), { timeout: '20 s' }), {
    code: 'HYP_SERIAL_CLOSED',
  });
  await test.clock.sleep('50 ms');
  await first.unplug();
  await waiting;
  await assert.rejects(port.write(line('gone')), { code: 'HYP_SERIAL_CLOSED' });
  await assert.rejects(port.exchange(line('gone'), delimited(10), { timeout: '1 s' }), { code: 'HYP_SERIAL_CLOSED' });
  await pair(test, '/tmp/usb', 'EXEC:cat');
  for (let tries = 0; ; tries++) {
    const answer = await port.exchange(line('two'), delimited(10), { timeout: '1 s' }).catch((error) => error);
    if (answer instanceof Uint8Array) {
      assert.equal(text(answer), 'two\n');
      break;
    }
    assert.equal(answer.code, 'HYP_SERIAL_CLOSED');
    assert.ok(tries < 100, 'it was not opened again');
    await test.clock.sleep('100 ms');
  }
});

check('unplugging again and again leaves no descriptor behind', async (test) => {
  const counts = [];
  for (let n = 0; n < 5; n++) {
    const life = test.lifetime.child('round');
    const round = { clock: test.clock, lifetime: life };
    const { unplug } = await pair(round, '/tmp/often', 'EXEC:cat');
    const { port } = await open(round, '/tmp/often');
    await port.exchange(line('x'), delimited(10), { timeout: '5 s' });
    await unplug();
    await life[Symbol.asyncDispose]();
    await test.clock.sleep('50 ms');
    counts.push((await readdir('/proc/self/fd')).length);
  }
  // The first round opens what stays: the modules' own descriptors.
  assert.ok(Math.max(...counts.slice(1)) <= counts[0] + 1 && counts.at(-1) <= counts[0], String(counts));
});

check('closing ends what waits, and the port can be opened again at once', async (test) => {
  await pair(test, '/tmp/again', 'EXEC:cat');
  const one = await open(test, '/tmp/again');
  const waiting = assert.rejects(one.port.exchange(Buffer.from('x'), delimited(10), { timeout: '20 s' }), {
    code: /HYP_DISPOSED|HYP_SERIAL_CLOSED/,
  });
  await test.clock.sleep('50 ms');
  await one.claim[Symbol.asyncDispose]();
  await waiting;
  await assert.rejects(one.port.write(line('x')), { code: 'HYP_DISPOSED' });
  const two = await open(test, '/tmp/again');
  assert.equal(text(await two.port.exchange(line('y'), delimited(10), { timeout: '5 s' })).endsWith('y\n'), true);
});

check('a port that another program has open, that is missing, or that is no port says so', async (test) => {
  await pair(test, '/tmp/held', 'EXEC:cat');
  const { board } = await open(test, '/tmp/held');
  const need = serialPort({ baudRate: 9600 });
  const claim = { owner: 'test', lifetime: test.lifetime.child('claim') };
  await assert.rejects(board.open(need, '/tmp/held', claim), /another program has it open/);
  await assert.rejects(board.open(need, '/dev/ttyNONE', claim), { code: 'HYP_DEVICE_GONE' });
  await assert.rejects(board.open(need, '/dev/null', claim), /no serial port/);
  assert.deepEqual(board.match(need, '/dev/ttyNONE'), []);
  assert.deepEqual(board.match(need, '/etc/passwd'), []);
  assert.deepEqual(board.match(need, undefined), []);
});

await run();
