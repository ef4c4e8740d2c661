import ava from 'ava';
import { SeededRandom } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import { Rig, tiled, type TestClient } from './rig.test.helper.js';
import { acknowledge, framesOf, metric, pass, until, wireRow } from './wire.test.helper.js';

const test = ava.serial; // each has a server of its own; a hundred at once would measure the machine

const KIB = 1024;
const values = (channels: number, value: number) =>
  Object.fromEntries(Array.from({ length: channels }, (_, i) => [`s/c${i}`, value + i / 1_024]));

async function subscribed(rig: Rig, mode: 'lossless' | 'latest'): Promise<TestClient> {
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'], mode });
  await client.next('snap');
  return client;
}

test('what is sent and not acknowledged never exceeds 256 KiB, nor 64 frames', async (t) => {
  await using rig = await Rig.open({ limits: { flushMs: 1 } });
  const [large, small] = [await subscribed(rig, 'lossless'), await rig.connect()];
  small.send({ t: 'sub', id: 1, sel: ['s/c0'] });
  await small.next('snap');
  const reader = await subscribed(rig, 'lossless');
  acknowledge(reader);
  for (let i = 1; i <= 80; i++) {
    await rig.commit(values(256, i));
    await reader.next('d', ({ to }) => to === i * 256);
  }
  const bytes = large.all('d').reduce((sum, frame) => sum + JSON.stringify(frame).length, 0);
  t.true(bytes <= 256 * KIB && bytes > 192 * KIB, `${bytes} bytes`);
  t.is(small.all('d').length, 64);
});

test('clients that read nothing hold a window each, however many there are and however long it lasts', async (t) => {
  await using rig = await Rig.open({ limits: { flushMs: 1 } });
  const paused = [];
  for (const mode of ['lossless', 'latest', 'lossless', 'latest', 'lossless', 'latest'] as const) {
    const client = await subscribed(rig, mode);
    client.socket.pause();
    paused.push(client);
  }
  const reader = await subscribed(rig, 'lossless');
  acknowledge(reader);
  const before = await metric(rig, 'bytes_total');
  for (let i = 1; i <= 60; i++) {
    await rig.commit(values(1_000, i));
    await reader.next('d', ({ to }) => to === i * 1_000);
  }
  const read = reader.all('d').reduce((sum, frame) => sum + JSON.stringify(frame).length, 0);
  const held = (await metric(rig, 'bytes_total')) - before - read;
  // A latest client may be sent 64 frames, of all channels at most.
  const most = 3 * 256 * KIB + 3 * 256 * KIB;
  t.true(held > 0 && held <= most + 16 * KIB, `${held} bytes for those that read nothing`);
  t.is(tiled(reader.all('d'), 0).length, 60_000);
  t.is(await metric(rig, 'connections'), paused.length + 1);
});

test('a client gets the same frames at the same times beside slow ones as alone', async (t) => {
  const run = async (slow: number) => {
    const clock = new VirtualClock();
    await using rig = await Rig.open({ clock, limits: { catchUps: 1, ringRecords: 2_000 } });
    for (let i = 0; i < slow; i++) {
      const client = await subscribed(rig, i % 3 === 2 ? 'latest' : 'lossless');
      if (i % 2 === 0) client.socket.pause();
    }
    const client = await subscribed(rig, 'lossless');
    acknowledge(client);
    const arrivals: unknown[] = [];
    for (let i = 1; i <= 100; i++) {
      const { to } = await rig.commit(values(200, i));
      await clock.advance(20);
      await client.next('d', (frame) => frame.to === to);
      arrivals.push(
        ...client
          .all('d')
          .splice(arrivals.length)
          .map((d) => [i, d.from, d.to, d.r.length]),
      );
    }
    return arrivals;
  };
  const alone = await run(0);
  t.is(alone.length, 100);
  t.deepEqual(await run(6), alone);
});

test('after back-pressure of the socket, lossless goes on in order and latest never shows an older value after a newer', async (t) => {
  const limits = { flushMs: 1, windowBytes: 1e9, windowFrames: 1e6, ringRecords: 20_000 };
  await using rig = await Rig.open({ limits });
  const random = new SeededRandom(14);
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'], mode: 'latest' });
  client.send({ t: 'sub', id: 2, sel: ['#'] });
  await client.next('snap', ({ sub }) => sub === 2);
  client.socket.pause();
  let head = 0;
  for (let i = 0; i < 160; i++) {
    const batch = Object.fromEntries(Array.from({ length: 800 }, (_, c) => [`s/c${c}`, random.next()]));
    ({ to: head } = await rig.commit(batch));
    await new Promise((resolve) => void setTimeout(resolve, 1));
  }
  // The window is wide open: only the full socket holds the server back, and only its draining lets it go on.
  const sent = await metric(rig, 'records_total');
  client.socket.resume();
  await until('everything arrived', () => [1, 2].every((sub) => framesOf(client, sub).at(-1)?.to === head));
  const all = [1, 2].reduce((sum, sub) => sum + tiled(framesOf(client, sub), 0).length, 0);
  t.true(sent < 0.9 * all, `${sent} of ${all} records were made for a socket that took no more`);
  const [told, log] = [tiled(framesOf(client, 2), 0), (await rig.log()).map(wireRow)];
  t.true(JSON.stringify(told) === JSON.stringify(log), 'values and all'); // too many to have the difference shown
  const shown = new Map<unknown, number>();
  let backwards = 0;
  for (const [q, handle] of tiled(framesOf(client, 1), 0)) {
    if ((q as number) <= (shown.get(handle) ?? 0)) backwards++;
    shown.set(handle, q as number);
  }
  t.is(backwards, 0);
  const latest = await rig.store.measurements.latest();
  t.deepEqual(
    [...shown.values()].sort((a, b) => a - b),
    latest.map(({ q }) => q).sort((a, b) => a - b),
  );
  const folded = framesOf(client, 1).reduce((sum, { r, col }) => sum + r.length + (col?.n ?? 0), 0);
  t.is(folded, head, 'every record was delivered or counted');
});

test('of two latest clients with one filter the one that was held back gets the newest, not what the other got', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock, limits: { windowFrames: 1 } });
  const [quick, slow] = [await subscribed(rig, 'latest'), await subscribed(rig, 'latest')];
  for (let i = 1; i <= 3; i++) {
    const { to } = await rig.commit({ 'a/b': i, 'a/c': -i });
    await clock.advance(20);
    await quick.next('d', (frame) => frame.to === to);
    quick.send({ t: 'ack', sub: 1, q: to });
    await pass(clock, 0);
  }
  t.is(slow.all('d').length, 1);
  slow.send({ t: 'ack', sub: 1, q: 2 });
  await pass(clock, 20);
  t.like(slow.all('d')[1], { from: 2, to: 6, col: { n: 2, why: 'slow' } });
  t.deepEqual(
    slow.all('d')[1]?.r.map(([q, , value]) => [q, value]),
    [
      [5, 3],
      [6, -3],
    ],
  );
});

test('32 subscriptions of 4,096 channels with long names, at once at the first connect, never count as slow', async (t) => {
  await using rig = await Rig.open();
  const name = 'a-channel-with-a-name-that-says-where-it-is-and-what-it-measures'.repeat(4);
  await rig.commit(Object.fromEntries(Array.from({ length: 4_096 }, (_, i) => [`s/${name}${i}`, i])));
  const client = await rig.connect();
  client.socket.pause();
  for (let id = 1; id <= 32; id++) client.send({ t: 'sub', id, sel: ['#'] });
  await until('all are read', async () => (await metric(rig, 'messages_received_total')) === 33);
  const waiting = await metric(rig, 'bytes_total');
  t.true(waiting < 14 * KIB * KIB, `${waiting} bytes are made for a client that reads none`);
  client.send({ t: 'cget', id: 33, key: 'none' });
  client.socket.resume();
  await until('the last snapshot, or the end', () => client.all('snap').filter(({ last }) => last).length === 32);
  for (const { ch } of client.all('subok')) t.is(Object.keys(ch).length, 4_096);
  const { to } = await rig.commit({ 's/extra': 1 });
  await until('a frame of each', () => client.all('d').filter((frame) => frame.to === to).length === 32);
  t.is(client.socket.readyState, client.socket.OPEN);
});

test('a client that asks on and on and reads nothing is cut with 4102 before its answers fill the memory', async (t) => {
  const limits = { messagesPerSecond: 1e9, messageBurst: 1e9, errorsPerMinute: 1e9, commandsInFlight: 1 };
  await using rig = await Rig.open({ limits });
  const client = await rig.connect();
  client.socket.pause();
  const before = await metric(rig, 'bytes_total');
  let id = 0;
  for (let i = 0; i < 400 && (await metric(rig, 'connections')) > 0; i++) {
    for (let j = 0; j < 1_000; j++) client.send({ t: 'what', id: ++id, later: [] });
    await until('they were read', async () => {
      const received = await metric(rig, 'messages_received_total');
      return received > id || (await metric(rig, 'connections')) === 0;
    });
  }
  t.is(await metric(rig, 'connections'), 0);
  t.true((await metric(rig, 'bytes_total')) - before < 16 * KIB * KIB);
  t.regex(await (await rig.fetch('/metrics')).text(), /^hyphae_stream_closes_total\{code="4102"\} 1$/m);
});
