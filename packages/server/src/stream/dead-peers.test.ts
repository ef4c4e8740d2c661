import { once } from 'node:events';
import ava from 'ava';
import { VirtualClock } from '@hyphae/core/testing';
import { Rig } from './rig.test.helper.js';
import { metric, pass, until } from './wire.test.helper.js';

const test = ava.serial; // each has a server of its own; a hundred at once would measure the machine

test('peers that are gone without a word are freed within 45 s, with every timer and group they had', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock });
  await rig.commit({ 'a/b': 1 });
  await pass(clock, 20);
  const idle = [...clock.waiting].sort();
  const stranger = await rig.socket();
  const peers = [await rig.connect(), await rig.connect(), await rig.connect()];
  peers[1]?.send({ t: 'sub', id: 1, sel: ['a/#'] });
  peers[2]?.send({ t: 'sub', id: 1, sel: ['#'], mode: 'latest', minMs: 500 });
  for (const peer of peers.slice(1)) await peer.next('snap');
  t.is(await metric(rig, 'groups'), 2);
  // They read nothing more and send nothing more, not even the end of the connection.
  for (const peer of [stranger, ...peers]) peer.socket.pause();
  for (let s = 0; s < 45; s++) {
    await rig.commit({ 'a/b': s });
    await clock.advance(1_000);
    if (s % 10 === 0) await pass(clock, 0);
  }
  await until('all are freed', async () => (await metric(rig, 'connections')) === 0);
  t.is(await metric(rig, 'groups'), 0);
  t.is(await metric(rig, 'subscriptions'), 0);
  await pass(clock, 20);
  t.deepEqual([...clock.waiting].sort(), idle);
});

test('what a connection took is given back however it ends', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock });
  await rig.commit({ 'a/b': 1 });
  await pass(clock, 20);
  const idle = [...clock.waiting].sort();
  for (let i = 0; i < 30; i++) {
    const client = await rig.connect();
    client.send({ t: 'sub', id: 1, sel: ['#'], ...(i % 2 === 0 ? { mode: 'latest', minMs: 10_000 } : {}) });
    await client.next('snap');
    for (let n = 0; n < 2; n++) {
      await rig.commit({ 'a/b': n });
      await clock.advance(20); // the second waits for the pace of the group
    }
    if (i % 3 === 0) client.socket.send('{');
    else if (i % 3 === 1) client.socket.terminate();
    else client.socket.close();
    await client.closed;
  }
  await until('all are freed', async () => (await metric(rig, 'connections')) === 0);
  t.is(await metric(rig, 'groups'), 0);
  await pass(clock, 0);
  t.deepEqual([...clock.waiting].sort(), idle);
});

test('a heartbeat comes with a ping of the protocol below, for proxies', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock });
  const client = await rig.connect();
  const ping = once(client.socket, 'ping');
  await pass(clock, 16_000);
  await client.next('hb');
  await ping;
  t.pass();
});
