import ava from 'ava';
import { SeededRandom } from '@hyphae/core';
import type { LogRecord } from '@hyphae/core/store';
import { Rig, tiled, TOKEN } from './rig.test.helper.js';

const test = ava.serial; // each has a server of its own; a hundred at once would measure the machine

const wireRow = ({ q, handle, value, at, quality }: LogRecord) => [q, handle, value, at, quality];

test('a client gets the state and then every record, without gap or duplicate', async (t) => {
  await using rig = await Rig.open();
  await rig.commit({ 'gh1/air/temperature': 20, 'gh1/air/humidity': 50 });
  await rig.commit({ 'gh1/air/temperature': 21 });
  const client = await rig.connect();
  client.send({ t: 'sub', id: 7, sel: ['#'] });
  const subok = await client.next('subok');
  t.is(subok.sub, 7);
  t.is(subok.at, 3);
  t.is(subok.e, rig.store.measurements.epoch);
  t.false(subok.resumed);
  t.deepEqual(subok.ch, { 1: ['gh1/air/temperature', 'Cel'], 2: ['gh1/air/humidity', 'Cel'] });
  const snap = await client.next('snap');
  t.is(snap.at, 3);
  t.true(snap.last);
  t.deepEqual(
    snap.r.map(([handle, value]) => [handle, value]),
    [
      [1, 21],
      [2, 50],
    ],
  );
  for (let i = 0; i < 50; i++) await rig.commit({ 'gh1/air/temperature': 21 + i / 10, 'gh1/air/humidity': 50 - i });
  await client.next('d', ({ to }) => to === 103);
  t.deepEqual(tiled(client.all('d'), 3), (await rig.log(3)).map(wireRow));
});

test('ready tells where the log stands', async (t) => {
  await using rig = await Rig.open();
  await rig.commit({ 'a/b': 1 });
  const client = await rig.connect();
  const [hello] = client.all('hello');
  t.deepEqual(hello, { t: 'hello', p: 1, auth: ['token', 'ticket'], deadlineMs: 5_000 });
  const [ready] = client.all('ready');
  t.like(ready, { node: 'rig', epoch: rig.store.measurements.epoch, head: 1, durable: false, hbMs: 15_000 });
  t.true(ready?.scopes.includes('read'));
});

test('zero and null arrive as they are, and a channel that appears later is announced', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  await client.next('snap');
  await rig.commit({ 'a/b': 0, 'a/c': null });
  const { r, ch } = await client.next('d');
  t.deepEqual(
    r.map(([, handle, value, , quality]) => [handle, value, quality]),
    [
      [1, 0, 0],
      [2, null, 3],
    ],
  );
  t.deepEqual(ch, { 1: ['a/b', 'Cel'], 2: ['a/c', 'Cel'] });
  await rig.commit({ 'a/b': 1 });
  t.is((await client.next('d')).ch, undefined, 'announced once');
});

test('only what was selected arrives, by path and by kind', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['gh1/+/temperature'], kinds: ['m'] });
  client.send({ t: 'sub', id: 2, sel: ['gh1/#'], kinds: ['s'] });
  await client.next('snap', ({ sub }) => sub === 2);
  await rig.commit({ 'gh1/air/temperature': 1, 'gh1/air/humidity': 2, 'gh2/air/temperature': 3 });
  await rig.commit({ 'gh1/air/$state': 2 }, 's');
  await rig.commit({ 'gh1/soil/temperature': 4 });
  await client.next('d', ({ sub, to }) => sub === 1 && to === 5);
  const rows = (sub: number) =>
    tiled(
      client.all('d').filter((d) => d.sub === sub),
      0,
    ).map(([q]) => q);
  t.deepEqual(rows(1), [1, 5]);
  t.deepEqual(rows(2), [4]);
});

test('frames end at 256 records, and still tile', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  await client.next('snap');
  await rig.commit(Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`s/c${i}`, i])));
  await client.next('d', ({ to }) => to === 1_000);
  const frames = client.all('d');
  t.deepEqual(
    frames.map(({ r }) => r.length),
    [256, 256, 256, 232],
  );
  t.deepEqual(tiled(frames, 0), (await rig.log()).map(wireRow));
});

test('a snapshot at any moment, with the frames after it, is the state of the log', async (t) => {
  await using rig = await Rig.open();
  const random = new SeededRandom(6);
  const feed = async () => {
    for (let i = 0; i < 300; i++) {
      await rig.commit({ [`s/c${Math.floor(random.next() * 20)}`]: i, [`t/c${Math.floor(random.next() * 20)}`]: -i });
      await new Promise((resolve) => void setImmediate(resolve));
    }
  };
  const feeding = feed();
  const views = await Promise.all(
    [1, 2, 3, 4, 5].map(async (n) => {
      const client = await rig.connect();
      for (let i = 0; i < n * 10; i++) await new Promise((resolve) => void setImmediate(resolve));
      client.send({ t: 'sub', id: 1, sel: ['#'] });
      return client;
    }),
  );
  await feeding;
  const latest = await rig.store.measurements.latest();
  for (const client of views) {
    await client.next('d', ({ to }) => to === 600);
    const state = new Map<number, unknown>();
    const [snap] = client.all('snap');
    for (const [handle, value] of snap?.r ?? []) state.set(handle, value);
    for (const [, handle, value] of tiled(client.all('d'), snap?.at ?? -1)) state.set(handle as number, value);
    for (const { handle, value } of latest) t.is(state.get(handle), value);
    t.is(state.size, latest.length);
  }
});

test('latest mode gives the last record of each channel in each range, and counts the rest', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['a/+'], mode: 'latest' });
  await client.next('snap');
  const random = new SeededRandom(4);
  for (let i = 0; i < 200; i++) {
    await rig.commit({ [`a/c${Math.floor(random.next() * 5)}`]: i, 'b/c': i });
    if (i % 20 === 0) await new Promise((resolve) => void setImmediate(resolve));
  }
  await client.next('d', ({ to, r }) => to >= 399 && r.length > 0);
  const log = (await rig.log()).filter(({ path }) => path.startsWith('a/'));
  const frames = client.all('d');
  tiled(frames, 0);
  let folded = 0;
  for (const { from, to, r, col } of frames) {
    const last = new Map<number, unknown>();
    const inRange = log.filter(({ q }) => q > from && q <= to);
    for (const record of inRange) last.set(record.handle, wireRow(record));
    t.is(r.length, last.size);
    for (const row of r) t.deepEqual([...row], last.get(row[1]));
    t.is(col?.n ?? 0, inRange.length - r.length);
    folded += col?.n ?? 0;
  }
  t.is(folded + frames.reduce((sum, { r }) => sum + r.length, 0), 200);
  t.true(folded > 0);
});

test('a client cut at random places ends with exactly the values of the log', async (t) => {
  await using rig = await Rig.open();
  const random = new SeededRandom(7);
  let client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  const { at, e } = await client.next('subok');
  const rows: unknown[][] = [];
  let q = at;
  for (let cut = 0; cut < 8; cut++) {
    const batches = 5 + Math.floor(random.next() * 20);
    for (let i = 0; i < batches; i++) await rig.commit({ 'a/b': random.next(), 'a/c': i });
    if (random.next() < 0.7) await client.next('d');
    const frames = client.all('d');
    rows.push(...tiled(frames, q));
    q = frames.at(-1)?.to ?? q;
    await client.close();
    for (let i = 0; i < batches; i++) await rig.commit({ 'a/b': random.next(), 'a/d': i });
    client = await rig.connect();
    client.send({ t: 'sub', id: 1, sel: ['#'], from: { e, q } });
    const subok = await client.next('subok');
    t.like(subok, { resumed: true, at: q });
    t.is(subok.lost, undefined);
  }
  const { head } = rig.store.measurements;
  await client.next('d', ({ to }) => to === head);
  rows.push(...tiled(client.all('d'), q));
  t.deepEqual(rows, (await rig.log(at)).map(wireRow));
  t.is(client.all('snap').length, 0, 'no snapshot where the resume succeeds');
  t.true(client.all('d')[0]?.cu);
});

test('what has left memory is read from the store, 500 records a frame at most', async (t) => {
  await using rig = await Rig.open({ limits: { ringRecords: 10 } });
  for (let i = 0; i < 600; i++) await rig.commit({ 'a/b': i, 'a/c': -i, 'b/d': i, 'b/e': i, 'b/f': 0 });
  const client = await rig.connect();
  const { epoch: e } = rig.store.measurements;
  client.send({ t: 'sub', id: 1, sel: ['a/#'], from: { e, q: 0 } });
  t.true((await client.next('subok')).resumed);
  await client.next('d', ({ to }) => to >= 2_997);
  await rig.commit({ 'a/b': 7 });
  await client.next('d', ({ to }) => to === 3_001);
  const frames = client.all('d');
  t.true(frames.length > 4);
  t.true(frames.every(({ r }) => r.length <= 500));
  t.deepEqual(tiled(frames, 0), (await rig.log()).filter(({ path }) => path.startsWith('a/')).map(wireRow));
});

test('a latest subscription resumes with one frame that counts what it left out', async (t) => {
  await using rig = await Rig.open({ limits: { ringRecords: 10 } });
  for (let i = 0; i < 100; i++) await rig.commit({ 'a/b': i, 'a/c': -i });
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'], mode: 'latest', from: { e: rig.store.measurements.epoch, q: 20 } });
  t.true((await client.next('subok')).resumed);
  const frame = await client.next('d');
  t.like(frame, { from: 20, to: 200 });
  t.deepEqual(
    frame.r.map(([, , value]) => value),
    [99, -99],
  );
  t.is(frame.col?.n, 178);
});

for (const [what, from, why] of [
  ['another epoch', { e: 'someone-elses', q: 2 }, 'epoch'],
  ['a position ahead of the log', { e: '', q: 99 }, 'ahead'],
  ['a position too far back', { e: '', q: 0 }, 'too_many'],
] as const) {
  test(`${what} is not resumed: it says what is lost and gives a snapshot`, async (t) => {
    const alarms: string[] = [];
    const log = { debug() {}, info() {}, warn() {}, error: (text: string) => void alarms.push(text), child: () => log };
    await using rig = await Rig.open({ limits: { resumeRecords: 3 }, log });
    for (let i = 0; i < 5; i++) await rig.commit({ 'a/b': i });
    const client = await rig.connect();
    const e = from.e === '' ? rig.store.measurements.epoch : from.e;
    client.send({ t: 'sub', id: 1, sel: ['#'], from: { ...from, e } });
    const subok = await client.next('subok');
    t.like(subok, { resumed: false, why, at: 5 });
    t.deepEqual(subok.lost, why === 'ahead' ? { from: 5, to: 99 } : { from: from.q, to: 5 });
    t.is((await client.next('snap')).r[0]?.[1], 4);
    t.is(alarms.length, why === 'ahead' ? 1 : 0);
  });
}

test('a position the store no longer reaches is expired, never a silent part', async (t) => {
  const rig = await Rig.open();
  await using _ = rig;
  for (let i = 0; i < 5; i++) await rig.commit({ 'a/b': i });
  await rig.store.measurements.prune(1_700_000_000_003);
  t.true(rig.store.measurements.floor > 0, 'the store has pruned');
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'], from: { e: rig.store.measurements.epoch, q: 0 } });
  t.like(await client.next('subok'), { resumed: false, why: 'expired', lost: { from: 0, to: 5 } });
});

test('a subscription can begin at a time, or now', async (t) => {
  await using rig = await Rig.open();
  for (let i = 0; i < 40; i++) await rig.commit({ 'a/b': i }); // a millisecond apart
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'], from: { tsMs: 1_700_000_000_030 } });
  t.like(await client.next('subok'), { at: 30, resumed: true });
  await client.next('d', ({ to }) => to === 40);
  t.is(tiled(client.all('d'), 30)[0]?.[2], 30);
  client.send({ t: 'sub', id: 2, sel: ['#'], from: 'now' });
  t.like(await client.next('subok'), { at: 40 });
  client.send({ t: 'sub', id: 3, sel: ['#'], from: { tsMs: 9_999_999_999_999 } });
  t.like(await client.next('subok'), { at: 40 });
  t.is(client.all('snap').length, 0);
});

test('after its end nothing more of a subscription arrives, and others go on', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  client.send({ t: 'sub', id: 2, sel: ['#'] });
  await client.next('snap', ({ sub }) => sub === 2);
  await rig.commit({ 'a/b': 1 });
  await client.next('d', ({ sub }) => sub === 2);
  await rig.commit({ 'a/b': 2 });
  client.send({ t: 'unsub', id: 3, sub: 1 });
  t.deepEqual(await client.next('end'), { t: 'end', id: 3, sub: 1, code: 'unsub' });
  const before = client.received.length;
  await rig.commit({ 'a/b': 3 });
  await client.next('d', ({ sub, to }) => sub === 2 && to === 3);
  t.deepEqual(
    client.received.slice(before).filter((message) => 'sub' in message && message.sub === 1),
    [],
  );
  client.send({ t: 'unsub', id: 4, sub: 1 });
  t.like(await client.next('err'), { id: 4, code: 'not_found' });
});

test('unknown fields and types disturb no other subscription', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'], later: { version: [2] }, __proto__: { x: 1 } });
  await client.next('snap');
  client.send({ t: 'dance', id: 2 });
  t.like(await client.next('err'), { id: 2, code: 'unknown_type' });
  await rig.commit({ 'a/b': 1 });
  t.is((await client.next('d')).to, 1);
});

test('every request is answered exactly once', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  const requests = [
    { t: 'sub', id: 1, sel: ['#'] },
    { t: 'sub', id: 2, sel: ['+x'] },
    { t: 'sub', id: 3 },
    { t: 'unsub', id: 4, sub: 9 },
    { t: 'cmd', id: 5, key: 'k5', to: 'gh1/heater', op: 'set', args: { on: true } },
    { t: 'cmd', id: 6, key: 'k6', to: 'gh1/none', op: 'set', args: { on: true } },
    { t: 'cget', id: 7, key: 'k5' },
    { t: 'what', id: 8 },
    { t: 'unsub', id: 9, sub: 1 },
    { t: 'renew', id: 10, lease: 'none' },
  ];
  for (const request of requests) client.send(request);
  await client.next('err', ({ id }) => id === 10);
  for (const { id } of requests) {
    const answers = client.received.filter((m) => 'id' in m && m.id === id && m.t !== 'cack');
    t.is(answers.length, 1, `request ${id}`);
  }
});

test('a token that may read some channels only never sees others, whatever it selects', async (t) => {
  const tokens = [{ token: TOKEN, name: 'guest', scopes: ['read'] as const, channels: ['gh1/#'] }];
  await using rig = await Rig.open({ tokens });
  await rig.commit({ 'gh1/a': 1, 'gh2/a': 2 });
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#', 'gh2/a'] });
  const { ch } = await client.next('subok');
  t.deepEqual(Object.values(ch), [['gh1/a', 'Cel']]);
  await rig.commit({ 'gh2/a': 3, 'gh2/new': 4 });
  await rig.commit({ 'gh1/a': 5 });
  await client.next('d', ({ to }) => to === 5);
  t.deepEqual(
    tiled(client.all('d'), 2).map(([, , value]) => value),
    [5],
  );
  client.send({ t: 'cmd', id: 2, key: 'k', to: 'gh1/heater', op: 'set', args: { on: true } });
  t.like(await client.next('err'), { id: 2, code: 'forbidden' });
});

test('a revoked token is cut with 4200', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  const who = rig.tokens.verify(TOKEN, 0);
  rig.tokens.revoke(who?.id ?? '');
  t.is((await client.closed).code, 4200);
  const again = await rig.socket();
  again.send({ t: 'auth', token: TOKEN });
  t.is((await again.closed).code, 4001);
});

test('a stopping server tells everybody with 4100, after what was committed', async (t) => {
  const rig = await Rig.open();
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  await client.next('snap');
  await rig.commit({ 'a/b': 1 });
  await rig.server.close();
  const { code, reason } = await client.closed;
  t.is(code, 4100);
  t.true((JSON.parse(reason) as { afterMs: number }).afterMs > 0);
  t.is(client.all('d').at(-1)?.to, 1);
  await rig[Symbol.asyncDispose]();
});

test('a log that begins a new epoch sends everybody back to ask', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  await rig.commit({ 'a/b': 1 });
  const committed = await rig.store.measurements.append([]);
  rig.node.events.publish('committed', { ...committed, epoch: 'another', from: 0, to: 0 });
  t.is((await client.closed).code, 4202);
});
