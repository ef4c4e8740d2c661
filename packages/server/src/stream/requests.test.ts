import ava from 'ava';
import { VirtualClock } from '@hyphae/core/testing';
import { Rig } from './rig.test.helper.js';
import { framesOf, pass, until } from './wire.test.helper.js';

const test = ava.serial; // each has a server of its own; a hundred at once would measure the machine

test('in a flood each request is still answered, once, until the connection is ended', async (t) => {
  // Virtual time: the allowance of messages does not come back meanwhile, however slow the machine.
  await using rig = await Rig.open({ clock: new VirtualClock(), limits: { commandsInFlight: 1_000 } });
  const client = await rig.connect();
  client.send({ t: 'cmd', id: 1, key: 'k', to: 'gh1/heater', op: 'set', args: { on: true } });
  await client.next('cres');
  for (let id = 2; id <= 150; id++) client.send({ t: 'cget', id, key: 'k' });
  const answer = (id: number) => client.received.filter((m) => 'id' in m && m.id === id);
  const open = () => client.socket.readyState === client.socket.OPEN;
  const ids = Array.from({ length: 149 }, (_, i) => i + 2);
  await until('all answers, or the end', () => !open() || ids.every((id) => answer(id).length > 0));
  const limited = client.all('err').filter(({ code }) => code === 'rate_limited');
  t.true(limited.length >= 40, `${limited.length} were too many`);
  t.true(limited.every(({ retry, afterMs = 0 }) => retry && afterMs > 0));
  for (const id of ids) t.is(answer(id).length, 1, `request ${id}`);
});

test('a connection is not ended for going over the rate a little, however often over the days', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock });
  const client = await rig.connect();
  for (let day = 0; day < 30; day++) {
    for (let i = 0; i < 120; i++) client.send({ t: 'hb' });
    await pass(clock, 20_000);
    client.send({ t: 'hb' });
    await pass(clock, 20_000);
  }
  t.is(client.socket.readyState, client.socket.OPEN);
});

test('a subscription that is ended before it began has both requests answered, and never begins', async (t) => {
  await using rig = await Rig.open();
  await rig.commit({ 'a/b': 1 });
  let open = () => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  const { measurements } = rig.store;
  const read = measurements.read.bind(measurements);
  measurements.read = async (after, limit) => (await gate, read(after, limit));
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'], from: { tsMs: 1 } });
  client.send({ t: 'unsub', id: 2, sub: 1 });
  t.deepEqual(await client.next('end'), { t: 'end', id: 2, sub: 1, code: 'unsub' });
  open();
  await rig.commit({ 'a/b': 2 });
  client.send({ t: 'sub', id: 3, sel: ['#'] });
  await client.next('snap');
  t.deepEqual(
    client.received.filter((m) => 'id' in m && m.id === 1).map(({ t: type }) => type),
    ['err'],
  );
  t.deepEqual(framesOf(client, 1), []);
  t.deepEqual(
    client.all('subok').map(({ id }) => id),
    [3],
  );
});

test('the 65th command under way is told to come back', async (t) => {
  await using rig = await Rig.open();
  let open = () => {};
  rig.node.gate = new Promise((resolve) => (open = resolve));
  const client = await rig.connect();
  const command = { t: 'cmd', to: 'gh1/heater', op: 'set', args: { on: true } };
  for (let id = 1; id <= 65; id++) client.send({ ...command, id, key: `k${id}` });
  t.like(await client.next('err'), { id: 65, code: 'busy', retry: true });
  open();
  await until('all results', () => client.all('cres').length === 64);
  client.send({ ...command, id: 66, key: 'k66' });
  t.like(await client.next('cres', ({ id }) => id === 66), { st: 'done' });
});

test('a result says where output and log stand, also of a command that was refused', async (t) => {
  await using rig = await Rig.open({
    tokens: [{ token: 'a-token-for-tests-of-32-characters', name: 'tester', scopes: ['read', 'outputs:write'] }],
  });
  const client = await rig.connect();
  await rig.commit({ 'a/b': 1, 'a/c': 2 });
  await rig.node.outputs.set('gh1/fan', { value: 1, owner: 'gh1/warm' });
  const command = { t: 'cmd', op: 'set', args: { on: true } };
  client.send({ ...command, id: 1, key: 'k1', to: 'gh1/heater' });
  t.like(await client.next('cres'), { st: 'done', rev: 1, q: 2 });
  client.send({ ...command, id: 2, key: 'k2', to: 'gh1/heater', args: { value: 7 } });
  t.like(await client.next('cres'), { st: 'rejected', rev: 1, q: 2 });
  client.send({ ...command, id: 3, key: 'k3', to: 'gh1/fan' });
  t.like(await client.next('cres'), { st: 'rejected', rev: 1, q: 2 });
});

test('no error repeats what was sent', async (t) => {
  await using rig = await Rig.open();
  const mark = 'ECHO';
  const client = await rig.connect();
  const requests = [
    { t: mark },
    { t: 'sub', sel: [`${mark}/#/x`] },
    { t: 'sub', sel: ['#'], mode: mark },
    { t: 'sub', sel: ['#'], from: { e: 1, q: mark } },
    { t: 'cmd', key: mark, to: mark, op: 'set', args: { on: true } },
    { t: 'cmd', key: `${mark}2`, to: 'gh1/heater', op: mark },
    { t: 'cmd', key: `${mark}3`, to: 'gh1/heater', op: 'set', args: { [mark]: 1 } },
    { t: 'cmd', key: `${mark}4`, to: 'gh1/heater', op: 'set', args: { value: 987654 } },
    { t: 'cget', key: `${mark}5` },
    { t: 'renew', lease: mark },
    { t: 'auth', token: mark },
  ];
  requests.forEach((request, i) => client.send({ id: i + 1, ...request }));
  await client.next('err', ({ code, msg }) => code === 'bad_type' && /authenticated/.test(msg));
  await until('the result', () => client.all('cres').length === 1);
  const texts = [...client.all('err').map(({ msg }) => msg), ...client.all('cres').map(({ err }) => err?.msg ?? '')];
  t.is(texts.length, requests.length);
  for (const text of texts) t.notRegex(text, /ECHO|987654|\n|\bat /);
});

test('a text is at most 4 KiB as bytes, names of fields included', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  for (const [id, more, code] of [
    [1, { x: 'é'.repeat(2_048) }, undefined],
    [2, { x: 'é'.repeat(2_049) }, 'too_large'],
    [3, { x: { ['n'.repeat(4_096)]: 1 } }, undefined],
    [4, { x: { ['n'.repeat(4_097)]: 1 } }, 'too_large'],
  ] as const) {
    client.send({ t: 'sub', id, sel: ['#'], ...more });
    if (code === undefined) t.is((await client.next('subok')).id, id);
    else t.like(await client.next('err'), { id, code });
  }
});

test('too many fragments are a matter of size: 1009, never 1008', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  for (let i = 0; i < 70; i++) client.socket.send('x', { fin: false });
  t.is((await client.closed).code, 1009);
});

test('a subscription with a longest pace moves its resume point at least that often', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock });
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['none'], maxMs: 3_000 });
  client.send({ t: 'sub', id: 2, sel: ['none'] });
  await client.next('snap', ({ sub }) => sub === 2);
  const times = new Map<number, number[]>([
    [1, [clock.monotonic()]],
    [2, [clock.monotonic()]],
  ]);
  for (let i = 0; i < 200; i++) {
    await rig.commit({ 'a/b': i });
    await clock.advance(173);
    await new Promise((resolve) => void setTimeout(resolve, 1));
    for (const [sub, seen] of times) while (framesOf(client, sub).length >= seen.length) seen.push(clock.monotonic());
    if (i % 50 === 0) client.send({ t: 'hb' });
  }
  for (const [sub, most] of [
    [1, 3_000],
    [2, 15_000],
  ] as const) {
    const seen = times.get(sub) ?? [];
    const gaps = seen.slice(1).map((at, i) => at - (seen[i] ?? 0));
    // A frame is seen at the end of the step it came in, and may take one more to arrive.
    t.true(gaps.length >= 2 && Math.max(...gaps) <= most + 2 * 173, `${sub}: ${gaps.join(' ')}`);
  }
});
