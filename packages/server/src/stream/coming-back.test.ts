import ava from 'ava';
import { SeededRandom } from '@hyphae/core';
import { Rig, tiled, type RigOptions, type TestClient } from './rig.test.helper.js';
import { acknowledge, framesOf, until, wireRow } from './wire.test.helper.js';

const test = ava.serial; // each has a server of its own; a hundred at once would measure the machine

/** Reads of a store that wait until they are let go, and are counted. */
function gate({ store: { measurements } }: Rig): { readonly most: () => number; readonly open: () => void } {
  const read = measurements.read.bind(measurements);
  let open = () => {};
  let [now, most] = [0, 0];
  const opened = new Promise<void>((resolve) => (open = resolve));
  measurements.read = async (after, limit) => {
    most = Math.max(most, ++now);
    await opened;
    await new Promise<void>((resolve) => void setImmediate(resolve));
    try {
      return await read(after, limit);
    } finally {
      now--;
    }
  };
  return { most: () => most, open };
}

/** Starts the server anew, so that nothing of the log is in memory. */
async function anew(rig: Rig, limits: RigOptions['limits']): Promise<void> {
  await rig.server.close();
  await rig.serve(limits);
}

test('a stopping server tells every client 4100 and when to come back, and each goes on where it stood', async (t) => {
  const rig = await Rig.open();
  await using _ = rig;
  const clients: TestClient[] = [];
  for (let i = 0; i < 6; i++) {
    const client = await rig.connect();
    client.send({ t: 'sub', id: 1, sel: ['#'], ...(i % 2 === 0 ? {} : { mode: 'latest' }) });
    await client.next('snap');
    for (let n = 0; n < 20; n++) await rig.commit({ 'a/b': i + n / 100, 'a/c': n });
    clients.push(client);
  }
  const told = rig.store.measurements.head;
  await rig.server.close();
  for (const client of clients) {
    const { code, reason } = await client.closed;
    t.is(code, 4100);
    t.true((JSON.parse(reason) as { afterMs: number }).afterMs > 0);
    t.is(framesOf(client, 1).at(-1)?.to, told, 'what was committed is told first');
  }
  for (let n = 0; n < 20; n++)
    await rig.append([{ source: 'a', channel: 'd', value: n, unit: 'Cel', at: n, quality: 'good' }]);
  await rig.serve();
  const { head, epoch: e } = rig.store.measurements;
  for (const [i, before] of clients.entries()) {
    const q = framesOf(before, 1).at(-1)?.to ?? 0;
    const client = await rig.connect();
    client.send({ t: 'sub', id: 1, sel: ['#'], from: { e, q }, ...(i % 2 === 0 ? {} : { mode: 'latest' }) });
    t.like(await client.next('subok'), { resumed: true, at: q });
    await client.next('d', ({ to }) => to === head);
    const rows = tiled(client.all('d'), q);
    const missed = (await rig.log(q)).map(wireRow);
    t.deepEqual(rows, i % 2 === 0 ? missed : missed.slice(-1));
  }
});

test('a crowd that comes back reads the store four at a time, while records go on to those that stayed', async (t) => {
  const limits = { ringRecords: 10, socketsPerToken: 50, socketsPerAddress: 50, strangersPerAddress: 50 };
  await using rig = await Rig.open({ limits });
  for (let i = 0; i < 40; i++)
    await rig.commit(Object.fromEntries(Array.from({ length: 50 }, (_, c) => [`s/c${c}`, i])));
  await anew(rig, limits);
  const stayed = await rig.connect();
  stayed.send({ t: 'sub', id: 1, sel: ['#'] });
  const { at, e } = await stayed.next('subok');
  const reads = gate(rig);
  const crowd = await Promise.all(Array.from({ length: 20 }, () => rig.connect()));
  for (const client of crowd) {
    client.send({ t: 'sub', id: 1, sel: ['#'], from: { e, q: 0 } });
    t.true((await client.next('subok')).resumed);
    acknowledge(client);
  }
  await until('the crowd reads', () => reads.most() > 0);
  acknowledge(stayed);
  for (let i = 0; i < 30; i++) {
    const { to } = await rig.commit({ 's/c0': i, 's/c1': -i });
    await stayed.next('d', (frame) => frame.to === to);
  }
  t.true(
    crowd.every((client) => client.all('d').length === 0),
    'the store has not answered yet',
  );
  reads.open();
  const { head } = rig.store.measurements;
  for (const client of crowd) await client.next('d', ({ to }) => to === head);
  t.is(reads.most(), 4);
  const expected = JSON.stringify((await rig.log()).map(wireRow));
  for (const client of crowd) {
    const frames = client.all('d');
    t.true(JSON.stringify(tiled(frames, 0)) === expected);
    t.true(frames[0]?.cu);
    t.true(frames.every((frame) => frame.r.length <= 500 && JSON.stringify(frame.r).length <= 32 * 1024 + 2));
  }
  t.is(tiled(stayed.all('d'), at).length, 60);
});

test('what is pruned under a client that catches up is told as lost; otherwise it gets all there is', async (t) => {
  const limits = { ringRecords: 10, windowFrames: 2, catchUpRecords: 10, frameRecords: 10 };
  const random = new SeededRandom(29);
  const ends = new Set<string>();
  for (let run = 0; run < 12; run++) {
    await using rig = await Rig.open();
    for (let i = 0; i < 100; i++) await rig.commit({ 'a/b': i, 'a/c': -i }); // a millisecond apart
    await anew(rig, limits);
    const { measurements } = rig.store;
    const log = (await rig.log()).map(wireRow);
    const client = await rig.connect();
    client.send({ t: 'sub', id: 1, sel: ['a/#'], from: { e: measurements.epoch, q: 0 } });
    t.true((await client.next('subok')).resumed);
    for (let turn = 0; turn < 60; turn++) {
      const frame = await client.next('d');
      if (frame.to === 200) break;
      if (random.next() < 0.15)
        await measurements.prune(1_700_000_000_000 + Math.floor(frame.to * (0.5 + 1.5 * random.next())));
      client.send({ t: 'ack', sub: 1, q: frame.to });
      await new Promise((resolve) => void setImmediate(resolve));
      await until(
        'a frame or the end',
        () => client.all('end').length > 0 || (client.all('d').at(-1)?.to ?? 0) > frame.to,
      );
      if (client.all('end').length > 0) break;
    }
    const rows = tiled(client.all('d'), 0);
    const to = client.all('d').at(-1)?.to ?? 0;
    t.deepEqual(rows, log.slice(0, to), 'never a part of a range');
    const [end] = client.all('end');
    ends.add(end ? 'lost' : 'complete');
    if (!end) {
      t.is(to, 200);
      continue;
    }
    t.like(end, { sub: 1, code: 'expired', lost: { from: to } });
    t.true((end.lost?.to ?? 0) > to && (end.lost?.to ?? 0) <= measurements.floor);
    client.send({ t: 'sub', id: 2, sel: ['a/#'], from: { e: measurements.epoch, q: to } });
    t.like(await client.next('subok'), { resumed: false, why: 'expired', lost: { from: to, to: 200 } });
    t.is((await client.next('snap', ({ sub }) => sub === 2)).r.length, 2);
  }
  t.deepEqual([...ends].sort(), ['complete', 'lost'], 'both happen');
});

test('a position is good from the floor of the log on and up to its head, neither one less nor one more', async (t) => {
  await using rig = await Rig.open({ limits: { resumeRecords: 15 } });
  for (let i = 0; i < 20; i++) await rig.commit({ 'a/b': i });
  const { measurements } = rig.store;
  const client = await rig.connect();
  let id = 0;
  const ask = async (q: number) => {
    client.send({ t: 'sub', id: ++id, sel: ['#'], from: { e: measurements.epoch, q } });
    const subok = await client.next('subok', ({ sub }) => sub === id);
    return subok.resumed ? 'resumed' : subok.why;
  };
  t.is(await ask(20), 'resumed');
  t.is(await ask(21), 'ahead');
  t.is(await ask(5), 'resumed');
  t.is(await ask(4), 'too_many');
  await measurements.prune(1_700_000_000_007);
  const { floor } = measurements;
  t.is(floor, 7);
  t.is(await ask(floor), 'resumed');
  t.is(await ask(floor - 1), 'expired');
  await until('the frames', () => framesOf(client, id - 1).at(-1)?.to === 20);
  t.deepEqual(tiled(framesOf(client, id - 1), floor), (await rig.log(floor)).map(wireRow));
});

test('a time before what the log still has is expired, and one within it or in an unpruned log is not', async (t) => {
  await using rig = await Rig.open();
  const start = 1_700_000_000_000;
  for (let i = 0; i < 20; i++) await rig.commit({ 'a/b': i }); // a millisecond apart
  const client = await rig.connect();
  let id = 0;
  const ask = async (tsMs: number) => {
    client.send({ t: 'sub', id: ++id, sel: ['#'], from: { tsMs } });
    return client.next('subok', ({ sub }) => sub === id);
  };
  t.like(await ask(0), { resumed: true, at: 0 });
  await rig.store.measurements.prune(start + 8);
  t.like(await ask(start + 8), { resumed: true, at: 8 });
  t.like(await ask(start + 12), { resumed: true, at: 12 });
  t.like(await ask(start + 7), { resumed: false, why: 'expired', at: 20, lost: { from: 0, to: 20 } });
  t.is((await client.next('snap', ({ sub }) => sub === id)).r[0]?.[1], 19);
  await rig.store.measurements.prune(start + 99);
  t.like(await ask(start + 7), { resumed: false, why: 'expired' });
  t.like(await ask(9e14), { resumed: true, at: 20 });
});
