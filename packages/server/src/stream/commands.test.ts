import ava from 'ava';
import { openStore, type Store } from '@hyphae/core/store';
import { SystemClock } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import { Rig, TOKEN } from './rig.test.helper.js';

const test = ava.serial; // each has a server of its own; a hundred at once would measure the machine

const set = (id: number, key: string, on: boolean, more: object = {}) => ({
  t: 'cmd',
  id,
  key,
  to: 'gh1/heater',
  op: 'set',
  args: { on },
  ...more,
});

test('a command is recorded, carried out, and its result told', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  client.send(set(1, 'k1', true));
  t.deepEqual(await client.next('cack'), { t: 'cack', id: 1 });
  t.like(await client.next('cres'), { id: 1, st: 'done', rev: 1 });
  t.deepEqual(rig.node.applied, [['gh1/heater', 1]]);
  t.is(rig.node.outputs.get('gh1/heater').owner, 'client tester');
});

test('the same command under the same key is carried out once, on another connection as well', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  client.send(set(1, 'k1', true));
  const first = await client.next('cres');
  t.is(first.dup, undefined);
  client.send(set(2, 'k1', true));
  t.like(await client.next('cres'), { id: 2, st: 'done', rev: 1, dup: true });
  const other = await rig.connect();
  other.send(set(1, 'k1', true));
  t.like(await other.next('cres'), { st: 'done', rev: 1, dup: true });
  t.is(rig.node.applied.length, 1);
});

test('two at the same time under one key are carried out once', async (t) => {
  await using rig = await Rig.open();
  let open = () => {};
  rig.node.gate = new Promise((resolve) => (open = resolve));
  const [a, b] = [await rig.connect(), await rig.connect()];
  a.send(set(1, 'k1', true));
  await a.next('cack');
  b.send(set(1, 'k1', true));
  await b.next('cack');
  open();
  t.like(await a.next('cres'), { st: 'done', rev: 1 });
  t.like(await b.next('cres'), { st: 'done', rev: 1, dup: true });
  t.is(rig.node.applied.length, 1);
});

test('another command under a used key is a conflict', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  client.send(set(1, 'k1', true));
  await client.next('cres');
  client.send(set(2, 'k1', false));
  t.like(await client.next('err'), { id: 2, code: 'idem_conflict' });
  t.is(rig.node.applied.length, 1);
});

test('keys belong to a token', async (t) => {
  const tokens = [
    { token: TOKEN, name: 'tester' },
    { token: 'another-token-for-tests', name: 'other' },
  ];
  await using rig = await Rig.open({ tokens });
  const [a, b] = [await rig.connect(), await rig.connect('another-token-for-tests')];
  a.send(set(1, 'k1', true));
  await a.next('cres');
  b.send(set(1, 'k1', false));
  t.is((await b.next('cres')).dup, undefined);
  t.is(rig.node.applied.length, 2);
});

test('results survive a restart, and what was under way then is aborted, not repeated', async (t) => {
  const clock = new SystemClock();
  const store = await openStore({ client: 'memory', clock });
  const keep: Store = {
    ...store,
    measurements: store.measurements,
    state: store.state,
    async [Symbol.asyncDispose]() {},
  };
  {
    const rig = await Rig.open({ store: keep });
    const client = await rig.connect();
    client.send(set(1, 'k1', true));
    await client.next('cres');
    rig.node.gate = new Promise(() => {}); // the process dies while the device is busy
    client.send(set(2, 'k2', false));
    await client.next('cack');
    await rig[Symbol.asyncDispose]();
  }
  await using rig = await Rig.open({ store: keep });
  const client = await rig.connect();
  client.send(set(1, 'k1', true));
  t.like(await client.next('cres'), { id: 1, st: 'done', rev: 1, dup: true });
  client.send(set(2, 'k2', false));
  t.like(await client.next('cres'), { id: 2, st: 'aborted', dup: true });
  client.send({ t: 'cget', id: 3, key: 'k2' });
  t.like(await client.next('cres'), { id: 3, key: 'k2', st: 'aborted' });
  client.send({ t: 'cget', id: 4, key: 'k9' });
  t.like(await client.next('err'), { id: 4, code: 'not_found' });
  t.deepEqual(rig.node.applied, []);
});

test('a command whose time to live is over when its turn comes is never carried out', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock });
  let open = () => {};
  rig.node.gate = new Promise((resolve) => (open = resolve));
  const client = await rig.connect();
  client.send(set(1, 'k1', true));
  await client.next('cack');
  client.send(set(2, 'k2', true, { ttlMs: 2_000 }));
  await client.next('cack');
  await clock.advance(2_001);
  open();
  t.like(await client.next('cres', ({ id }) => id === 2), { st: 'expired' });
  t.is(rig.node.applied.length, 1);
});

test('a value out of range, an owner and a revision are refusals with their code', async (t) => {
  const tokens = [{ token: TOKEN, name: 'tester', scopes: ['read', 'outputs:write'] as const }];
  await using rig = await Rig.open({ tokens });
  const client = await rig.connect();
  client.send({ t: 'cmd', id: 1, key: 'a', to: 'gh1/heater', op: 'set', args: { value: 7 } });
  const first = await client.next('cres');
  t.is(first.st, 'rejected');
  t.is(first.err?.code, 'out_of_range');
  await rig.node.outputs.set('gh1/heater', { value: 1, owner: 'gh1/warm' });
  client.send(set(2, 'b', true));
  t.is((await client.next('cres')).err?.code, 'not_owner');
  client.send({ ...set(3, 'c', true, { if: { rev: 9 } }), to: 'gh1/fan' });
  t.is((await client.next('cres')).err?.code, 'not_owner');
  client.send({ ...set(4, 'd', true, { if: { rev: 0 } }), to: 'gh1/fan' });
  t.like(await client.next('cres'), { st: 'done', rev: 1 });
});

test('a lease can be renewed by its token only, and while it lasts', async (t) => {
  const tokens = [
    { token: TOKEN, name: 'tester' },
    { token: 'another-token-for-tests', name: 'other' },
  ];
  const clock = new VirtualClock();
  await using rig = await Rig.open({ tokens, clock });
  const [a, b] = [await rig.connect(), await rig.connect('another-token-for-tests')];
  a.send(set(1, 'k1', true, { lease: { ms: 2_000 } }));
  const { lease = '' } = await a.next('cres');
  t.not(lease, '');
  await clock.advance(1_500);
  a.send({ t: 'renew', id: 2, lease });
  t.like(await a.next('cres'), { id: 2, st: 'done', lease });
  b.send({ t: 'renew', id: 2, lease });
  t.like(await b.next('err'), { id: 2, code: 'not_found' });
  await clock.advance(2_001);
  a.send({ t: 'renew', id: 3, lease });
  t.like(await a.next('err'), { id: 3, code: 'not_found' });
});

test('with a full disk an output can be made safe, but not switched on', async (t) => {
  const clock = new SystemClock();
  const store = await openStore({ client: 'memory', clock });
  const { StoreError } = await import('@hyphae/core');
  const full = new StoreError({ operation: 'write', why: 'the disk is full' });
  const state: Store['state'] = {
    get: (owner, key) => store.state.get(owner, key),
    list: (owner) => store.state.list(owner),
    set: () => Promise.reject(full),
  };
  const broken: Store = {
    measurements: store.measurements,
    state,
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
  await using rig = await Rig.open({ store: broken });
  const client = await rig.connect();
  client.send(set(1, 'k1', true));
  t.like(await client.next('err'), { id: 1, code: 'storage_degraded', retry: true });
  client.send(set(2, 'k2', false));
  t.like(await client.next('cres'), { id: 2, st: 'done' });
  t.deepEqual(rig.node.applied, [['gh1/heater', 0]]);
});
