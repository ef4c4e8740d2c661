import { appendFileSync, fstatSync, openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lifetime } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import test, { type ExecutionContext } from 'ava';
import type { Edge } from '../gpio/gpio.js';
import { openGpioInput, openGpioOutput } from './gpio-line.js';
import { EVENT_BYTES, GPIO_V2_GET_LINE_IOCTL } from './gpio-uapi.js';
import type { Libc } from './libc.js';

const LITTLE = endianness() === 'LE';

/** An event as the kernel writes it, by its number on the line. */
function event(sequence: number, level: 0 | 1): Uint8Array {
  const bytes = new Uint8Array(EVENT_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, process.hrtime.bigint(), LITTLE);
  view.setUint32(8, level === 1 ? 1 : 2, LITTLE);
  view.setUint32(20, sequence, LITTLE);
  return bytes;
}

/** A chip whose lines are files: what is appended to one are the edges its line has had. */
async function chip(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), 'hyphae-line-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'gpiochip0');
  const events = join(folder, 'line');
  await writeFile(path, '');
  await writeFile(events, '');
  const descriptors: number[] = [];
  let ready = () => {};
  /** What a call to the kernel waits for. */
  const kernel = { done: Promise.resolve() };
  const libc: Libc = {
    async ioctl(_fd, request, argument) {
      await kernel.done;
      if (request !== GPIO_V2_GET_LINE_IOCTL) return 0;
      const fd = openSync(events, 'r');
      descriptors.push(fd);
      new DataView(argument.buffer).setInt32(588, fd, LITTLE);
      return 0;
    },
    ioctlValue: async () => 0,
    setNonBlocking: () => {},
    watch: (_fd, call) => {
      ready = call;
      return { close: () => {} };
    },
    address: () => 0n,
    pointerBytes: 8,
  };
  const lifetime = new Lifetime('claim');
  t.teardown(() => lifetime[Symbol.asyncDispose]());
  const place = { name: 'gpiochip0/17', path, offset: 17, libc, clock: new VirtualClock() };
  const happen = (...edges: Uint8Array[]) => {
    appendFileSync(events, Buffer.concat(edges));
    ready();
  };
  return { place, lifetime, descriptors, kernel, happen };
}

test('edges that the kernel dropped are counted on the next one', async (t) => {
  const { place, lifetime, happen } = await chip(t);
  const input = await openGpioInput(place, {}, lifetime);
  const edges = input.changes()[Symbol.asyncIterator]();
  happen(event(1, 1), event(500, 0), event(501, 1));
  t.like((await edges.next()).value, { level: 1 });
  t.like((await edges.next()).value, { level: 0, lost: 498 });
  t.deepEqual(Object.keys((await edges.next()).value as Edge), ['level', 'atMs']);
});

test('what came before anybody read is not lost but over, and the kernel’s count may begin again', async (t) => {
  const { place, lifetime, happen } = await chip(t);
  const input = await openGpioInput(place, {}, lifetime);
  happen(event(7, 1), event(2 ** 32 - 2, 0));
  const edges = input.changes()[Symbol.asyncIterator]();
  happen(event(1, 1));
  t.like((await edges.next()).value, { level: 1, lost: 2 });
});

for (const [what, open] of [
  ['output', (place, lifetime) => openGpioOutput(place, { initial: 0 }, lifetime)],
  ['input', (place, lifetime) => openGpioInput(place, {}, lifetime)],
] as const satisfies readonly (readonly [
  string,
  (place: Parameters<typeof openGpioInput>[0], lifetime: Lifetime) => Promise<unknown>,
])[]) {
  test(`an ${what} whose claim ends while it opens leaves no descriptor behind`, async (t) => {
    const { place, lifetime, descriptors, kernel } = await chip(t);
    let answer = () => {};
    kernel.done = new Promise((resolve) => (answer = resolve));
    const opening = open(place, lifetime);
    const ending = lifetime[Symbol.asyncDispose]();
    answer();
    await t.throwsAsync(opening, { code: 'HYP_DISPOSED' });
    await ending;
    t.is(descriptors.length, 1);
    t.throws(() => fstatSync(descriptors[0] ?? -1), { code: 'EBADF' });
  });
}
