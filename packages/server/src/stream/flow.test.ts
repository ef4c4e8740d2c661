import ava from 'ava';
import { VirtualClock } from '@hyphae/core/testing';
import { Rig, tiled } from './rig.test.helper.js';

const test = ava.serial; // each has a server of its own; a hundred at once would measure the machine

/** Lets real sockets do what they have to, then moves the clock. */
async function pass(clock: VirtualClock, ms: number): Promise<void> {
  await new Promise((resolve) => void setTimeout(resolve, 20));
  await clock.advance(ms);
  await new Promise((resolve) => void setTimeout(resolve, 20));
}

test('a lossless client that acknowledges nothing is held back at the window, and loses nothing once it does', async (t) => {
  await using rig = await Rig.open({
    limits: { windowFrames: 4, frameRecords: 10, catchUpRecords: 10, ringRecords: 50 },
  });
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  await client.next('snap');
  for (let i = 0; i < 30; i++) await rig.commit({ 'a/b': i, 'a/c': -i, 'a/d': 0, 'a/e': 1, 'a/f': 2 });
  client.send({ t: 'sub', id: 2, sel: ['none'] });
  await client.next('subok');
  t.is(client.all('d').length, 4, 'the window');
  for (let to = 0; to < 150;) {
    to = client.all('d').at(-1)?.to ?? 0;
    client.send({ t: 'ack', sub: 1, q: to });
    if (to < 150) await client.next('d');
    to = client.all('d').at(-1)?.to ?? 0;
  }
  const rows = tiled(client.all('d'), 0);
  t.deepEqual(
    rows.map(([q]) => q),
    Array.from({ length: 150 }, (_, i) => i + 1),
  );
});

test('a latest client that acknowledges nothing gets one frame for all it missed once it does', async (t) => {
  await using rig = await Rig.open({ limits: { windowFrames: 2, flushMs: 1 } });
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'], mode: 'latest' });
  await client.next('snap');
  for (let i = 1; i <= 50; i++) {
    await rig.commit({ 'a/b': i, 'a/c': -i });
    if (i <= 2) await client.next('d');
  }
  await new Promise((resolve) => void setTimeout(resolve, 20));
  t.is(client.all('d').length, 2, 'the window');
  client.send({ t: 'ack', sub: 1, q: 4 });
  const frame = await client.next('d', ({ to }) => to === 100);
  t.deepEqual(
    frame.r.map(([, , value]) => value),
    [50, -50],
  );
  t.deepEqual(frame.col, { n: 94, why: 'slow' });
  tiled(client.all('d'), 0);
});

test('a subscriber with a pace gets at most one frame in that time', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock });
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'], mode: 'sample', minMs: 1_000 });
  await client.next('snap');
  for (let i = 0; i < 40; i++) {
    await rig.commit({ 'a/b': i });
    await clock.advance(100);
  }
  await pass(clock, 1_000);
  const frames = client.all('d');
  t.true(frames.length >= 4 && frames.length <= 6, `${frames.length} frames in 4 s`);
  t.is(frames.at(-1)?.r[0]?.[2], 39);
  tiled(frames, 0);
});

test('a lossless client that acknowledges nothing for 30 s is cut with 4102', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock });
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  await client.next('snap');
  await rig.commit({ 'a/b': 1 });
  await pass(clock, 20);
  await client.next('d');
  for (let s = 0; s < 28; s++) {
    await clock.advance(1_000);
    if (s % 10 === 0) client.send({ t: 'hb' });
  }
  client.send({ t: 'hb' });
  await pass(clock, 0);
  t.is(client.socket.readyState, client.socket.OPEN);
  await pass(clock, 5_000);
  t.is((await client.closed).code, 4102);
});

test('a latest client is never cut for being slow', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock });
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'], mode: 'latest' });
  await client.next('snap');
  await rig.commit({ 'a/b': 1 });
  for (let s = 0; s < 60; s += 10) {
    await pass(clock, 10_000);
    client.send({ t: 'hb' });
  }
  await pass(clock, 0);
  t.is(client.socket.readyState, client.socket.OPEN);
});

test('a client that says nothing for 30 s is cut with 4103, and any message counts', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock });
  const client = await rig.connect();
  await pass(clock, 25_000);
  client.send({ t: 'hb' });
  await pass(clock, 25_000);
  t.is(client.socket.readyState, client.socket.OPEN);
  await pass(clock, 7_000);
  t.is((await client.closed).code, 4103);
});

test('a quiet connection gets a heartbeat after 15 s', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock });
  await rig.commit({ 'a/b': 1 });
  const client = await rig.connect();
  await pass(clock, 14_000);
  t.is(client.all('hb').length, 0);
  await pass(clock, 2_000);
  t.like(await client.next('hb'), { q: 1 });
});

test('a subscription nothing matches still moves its resume point', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock });
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['a/#'] });
  client.send({ t: 'sub', id: 2, sel: ['a/#'], mode: 'latest' });
  await client.next('snap', ({ sub }) => sub === 2);
  await rig.commit({ 'b/c': 1 });
  await rig.commit({ 'b/c': 2 });
  await pass(clock, 16_000);
  for (const sub of [1, 2]) {
    const frames = client.all('d').filter((d) => d.sub === sub);
    t.deepEqual(frames, [{ t: 'd', sub, from: 0, to: 2, r: [] }]);
  }
  await rig.commit({ 'a/c': 3 });
  await pass(clock, 20);
  await client.next('d', ({ to }) => to === 3);
  tiled(
    client.all('d').filter((d) => d.sub === 1),
    0,
  );
});

test('a snapshot of 4,096 channels never counts as slow, whatever the window', async (t) => {
  await using rig = await Rig.open({ limits: { windowBytes: 1_024, windowFrames: 2 } });
  await rig.commit(Object.fromEntries(Array.from({ length: 4_096 }, (_, i) => [`s/c${i}`, i])));
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  const last = await client.next('snap', ({ last }) => last);
  const parts = client.all('snap');
  t.deepEqual(
    parts.map(({ part }) => part),
    parts.map((_, i) => i),
  );
  t.is(last.part, parts.length - 1);
  t.is(new Set(parts.flatMap(({ r }) => r.map(([handle]) => handle))).size, 4_096);
  await rig.commit({ 's/extra': 1 });
  t.is((await client.next('d')).to, 4_097);
});

test('more than 4,096 channels in a subscription are refused', async (t) => {
  await using rig = await Rig.open();
  await rig.commit(Object.fromEntries(Array.from({ length: 4_097 }, (_, i) => [`s/c${i}`, i])));
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  t.like(await client.next('err'), { id: 1, code: 'too_large' });
});

test('a client that reads nothing holds a bounded amount of memory, and the others go on', async (t) => {
  await using rig = await Rig.open({ limits: { flushMs: 1 } });
  const paused = await rig.connect();
  paused.send({ t: 'sub', id: 1, sel: ['#'] });
  await paused.next('snap');
  paused.socket.pause();
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  await client.next('snap');
  const values = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`s/c${i}`, i]));
  for (let i = 1; i <= 60; i++) {
    await rig.commit(values);
    const { to } = await client.next('d', ({ to }) => to === i * 1_000);
    client.send({ t: 'ack', sub: 1, q: to });
  }
  const metrics = await (await rig.fetch('/metrics')).text();
  const sent = Number(/^hyphae_stream_records_total (\d+)$/m.exec(metrics)?.[1]);
  t.true(sent < 60_000 + 64 * 500, `${sent} records were sent to both`);
  t.is(tiled(client.all('d'), 0).length, 60_000);
});

test('clients with equal filters get the very same bytes, encoded once', async (t) => {
  await using rig = await Rig.open();
  const clients = await Promise.all([1, 2, 3, 4].map(() => rig.connect()));
  for (const client of clients) {
    client.send({ t: 'sub', id: 1, sel: ['#'] });
    await client.next('snap');
  }
  await rig.commit({ 'a/b': 1 });
  const frames = await Promise.all(clients.map((client) => client.next('d')));
  for (const frame of frames) t.deepEqual(frame, frames[0]);
  const metrics = await (await rig.fetch('/metrics')).text();
  t.regex(metrics, /^hyphae_stream_groups 1$/m);
});
