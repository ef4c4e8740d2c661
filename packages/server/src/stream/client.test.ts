import test from 'ava';
import { StreamClient, type StreamRecord } from '@hyphae/client';
import { WebSocket } from 'ws';
import { Rig, TOKEN } from './rig.test.helper.js';

test('the client keeps its view equal to the log, over a restart of the server', async (t) => {
  await using rig = await Rig.open();
  const { port } = rig.server;
  await rig.commit({ 'a/b': 0 });
  await using client = new StreamClient({ url: rig.server.url, token: TOKEN, WebSocket, random: () => 0 });
  const records: StreamRecord[] = [];
  const types: string[] = [];
  const subscription = client.subscribe(['#']);
  for await (const event of subscription) {
    types.push(event.type);
    if (event.type === 'records') records.push(...event.records);
    if (event.type === 'snapshot') for (let i = 1; i <= 10; i++) await rig.commit({ 'a/b': i, 'a/c': null });
    if (records.at(-1)?.q === 21) break;
  }
  const { position } = subscription;
  t.is(position?.q, 21);
  await using again = client.subscribe(['#'], position ? { from: position } : {});
  await client.ready();
  await rig.server.close();
  for (let i = 1; i <= 10; i++) await rig.commit({ 'a/b': -i });
  await rig.serve({}, { server: { listen: { host: '127.0.0.1', port } } });
  await rig.commit({ 'a/d': 1 });
  for await (const event of again) {
    types.push(event.type);
    if (event.type === 'records') records.push(...event.records);
    if (records.at(-1)?.q === 32) break;
  }
  t.false(types.includes('lost'));
  t.is(types.filter((type) => type === 'snapshot').length, 1);
  t.deepEqual(
    records.map(({ q, path, value, at }) => ({ q, path, value, at })),
    (await rig.log(1)).map(({ q, path, value, at }) => ({ q, path, value, at })),
  );
});

test('the client commands outputs, once per key', async (t) => {
  await using rig = await Rig.open();
  await using client = new StreamClient({ url: rig.server.url, token: TOKEN, WebSocket });
  t.like(await client.set('gh1/heater', true, { key: 'k' }), { st: 'done', rev: 1 });
  t.like(await client.set('gh1/heater', true, { key: 'k' }), { st: 'done', rev: 1, dup: true });
  t.like(await client.release('gh1/heater'), { st: 'done', rev: 2 });
  t.like(await client.set('gh1/fan', 7), { st: 'rejected' });
  await t.throwsAsync(client.set('gh1/none', 1), { name: 'StreamError' });
  t.deepEqual(rig.node.applied, [['gh1/heater', 1]]);
});
