import ava from 'ava';
import { SeededRandom } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import { Rig, tiled, TOKEN } from './rig.test.helper.js';
import { framesOf, pass, wireRow } from './wire.test.helper.js';

const test = ava.serial; // each has a server of its own; a hundred at once would measure the machine

test('a filter that is changed midway leaves no gap and lets no other channel through', async (t) => {
  await using rig = await Rig.open();
  const random = new SeededRandom(10);
  const client = await rig.connect();
  const selectors = ['a/#', 'b/#', 'a/c1', '+/c2', '#'] as const;
  const wanted = { 'a/#': /^a\//, 'b/#': /^b\//, 'a/c1': /^a\/c1$/, '+/c2': /^\w\/c2$/, '#': /./ };
  let id = 0;
  let at = 0;
  for (let turn = 0; turn < 20; turn++) {
    const sel = selectors[Math.floor(random.next() * selectors.length)] ?? '#';
    const sub = ++id;
    client.send({ t: 'sub', id: sub, sel: [sel], from: { e: rig.store.measurements.epoch, q: at } });
    t.like(await client.next('subok', (subok) => subok.sub === sub), { resumed: true, at });
    const batches = 1 + Math.floor(random.next() * 10);
    for (let i = 0; i < batches; i++) {
      const [source, channel] = [random.next() < 0.5 ? 'a' : 'b', Math.floor(random.next() * 4)];
      await rig.commit({ [`${source}/c${channel}`]: turn + i / 100, 'a/c1': i });
      if (random.next() < 0.3) await new Promise((resolve) => void setImmediate(resolve));
    }
    client.send({ t: 'unsub', id: ++id, sub });
    await client.next('end', (end) => end.sub === sub);
    const frames = framesOf(client, sub);
    const to = frames.at(-1)?.to ?? at;
    const expected = (await rig.log(at)).filter(({ q, path }) => q <= to && wanted[sel].test(path));
    t.deepEqual(tiled(frames, at), expected.map(wireRow), sel);
    at = to;
  }
  t.true(at > 50, 'positions moved');
});

test('a token that expires delivers nothing more after a second, and is cut with 4200', async (t) => {
  const clock = new VirtualClock();
  const expires = clock.now() + 5_500;
  await using rig = await Rig.open({ clock, tokens: [{ token: TOKEN, name: 'guest', expires }] });
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  await client.next('snap');
  let last = 0;
  for (let i = 0; i < 80; i++) {
    const { to } = await rig.commit({ 'a/b': i });
    if (clock.now() < expires + 1_000) last = to;
    await clock.advance(100);
  }
  await pass(clock, 0);
  t.is((await client.closed).code, 4200);
  const told = framesOf(client, 1).at(-1)?.to ?? 0;
  t.true(told > 50, `${told} until it expired`);
  t.true(told <= last, `${told} was told, ${last} was the last of that second`);
});

test('a token whose scopes change is cut with 4200 before the next record, and sees what it may now', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock });
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  await client.next('snap');
  await rig.commit({ 'a/b': 1, 'c/d': 2 });
  await pass(clock, 20);
  rig.tokens.add({ token: TOKEN, name: 'tester', scopes: ['read'], channels: ['a/#'] });
  await rig.commit({ 'a/b': 3, 'c/d': 4 });
  await pass(clock, 1_000);
  t.is((await client.closed).code, 4200);
  t.is(framesOf(client, 1).at(-1)?.to, 2);
  const again = await rig.connect();
  again.send({ t: 'sub', id: 1, sel: ['#'], from: { e: rig.store.measurements.epoch, q: 2 } });
  const { ch } = await again.next('subok');
  t.deepEqual(Object.values(ch), [['a/b', 'Cel']]);
  t.deepEqual(
    (await again.next('d')).r.map(([q]) => q),
    [3],
  );
  again.send({ t: 'cmd', id: 2, key: 'k', to: 'gh1/heater', op: 'set', args: { on: true } });
  t.like(await again.next('err'), { id: 2, code: 'forbidden' });
});

test('a token that may read nothing gets no subscription', async (t) => {
  await using rig = await Rig.open({ tokens: [{ token: TOKEN, name: 'hand', scopes: ['outputs:write'] }] });
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  t.like(await client.next('err'), { id: 1, code: 'forbidden', retry: false });
});

test('a ticket does not outlive the token it was issued for', async (t) => {
  const clock = new VirtualClock();
  const expires = clock.now() + 10_000;
  await using rig = await Rig.open({ clock, tokens: [{ token: TOKEN, name: 'guest', expires }] });
  const issue = async () => {
    const response = await rig.fetch('/api/v1/stream-tickets', { method: 'POST' });
    return ((await response.json()) as { ticket: string }).ticket;
  };
  const [early, late] = [await issue(), await issue()];
  const client = await rig.socket();
  client.send({ t: 'auth', ticket: early });
  await client.next('ready');
  await clock.advance(10_000);
  const again = await rig.socket();
  again.send({ t: 'auth', ticket: late });
  t.is((await again.closed).code, 4001);
});
