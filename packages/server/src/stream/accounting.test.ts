import ava from 'ava';
import { VirtualClock } from '@hyphae/core/testing';
import { Rig } from './rig.test.helper.js';
import { metric, pass } from './wire.test.helper.js';

const test = ava.serial; // each has a server of its own; a hundred at once would measure the machine

test('every message that reaches a client is in the counters, of whatever kind and size', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock, limits: { ringRecords: 5 } });
  await rig.commit(Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`s/c${i}`, i])));
  const sizes: number[] = [];
  const client = await rig.socket();
  client.socket.on('message', (data) => {
    const { length } = data as Buffer; // the default binaryType
    sizes.push(length + (length < 126 ? 2 : length < 65_536 ? 4 : 10)); // RFC 6455, section 5.2
  });
  await client.next('hello');
  const before = [await metric(rig, 'frames_total'), await metric(rig, 'bytes_total')] as const;
  t.deepEqual(before[0], 1, 'hello');
  client.send({ t: 'auth', token: 'a-token-for-tests-of-32-characters' });
  const { epoch: e } = await client.next('ready');
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  client.send({ t: 'sub', id: 2, sel: ['#'], from: { e, q: 0 } });
  client.send({ t: 'sub', id: 3, sel: ['#'], mode: 'latest', from: { e, q: 7 } });
  client.send({ t: 'sub', id: 4, sel: ['none'] });
  client.send({ t: 'cmd', id: 5, key: 'k', to: 'gh1/heater', op: 'set', args: { on: true } });
  client.send({ t: 'unknown', id: 6 });
  await client.next('cres');
  await pass(clock, 20);
  for (let i = 0; i < 5; i++) {
    await rig.commit({ 's/c1': i, 't/new': i });
    await rig.commit({ 's/c1': i + 0.5 });
    await pass(clock, 20);
  }
  for (const sub of [1, 2, 3]) client.send({ t: 'unsub', id: 10 + sub, sub });
  await pass(clock, 15_000);
  await pass(clock, 15_000);
  const kinds = [...new Set(client.received.map((message) => message.t))].sort();
  t.deepEqual(kinds, ['cack', 'cres', 'd', 'end', 'err', 'hb', 'hello', 'ready', 'snap', 'subok']);
  t.true(
    client.all('d').some(({ r, sub }) => sub === 4 && r.length === 0),
    'progress',
  );
  t.true(
    client.all('d').some(({ cu }) => cu === true),
    'catching up',
  );
  t.is(await metric(rig, 'frames_total'), client.received.length);
  const sum = sizes.reduce((total, size) => total + size, 0);
  t.is((await metric(rig, 'bytes_total')) - before[1], sum);
  const rows = client.all('d').reduce((total, { r }) => total + r.length, 0);
  t.is(await metric(rig, 'records_total'), rows);
  t.true((await metric(rig, 'folded_total')) > 0);
  t.is(
    await metric(rig, 'folded_total'),
    client.all('d').reduce((total, { col }) => total + (col?.n ?? 0), 0),
  );
});
