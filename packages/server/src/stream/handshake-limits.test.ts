import { once } from 'node:events';
import { connect } from 'node:net';
import ava from 'ava';
import { VirtualClock } from '@hyphae/core/testing';
import { Rig, TOKEN } from './rig.test.helper.js';

const test = ava.serial; // each has a server of its own; a hundred at once would measure the machine

const GOOD = { Host: 'localhost', 'Sec-WebSocket-Protocol': 'hyphae.v1.json' };

/** Sends a handshake; the status of the answer, and its headers. */
async function handshake(rig: Rig, headers: Record<string, string>, path = '/api/v1/stream') {
  const socket = connect(rig.server.port, '127.0.0.1');
  await once(socket, 'connect');
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  const all = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': key };
  const lines = Object.entries({ ...all, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  const [first] = (await once(socket, 'data')) as [Buffer];
  const text = first.toString('latin1');
  return { status: Number(text.split(' ')[1]), text, end: () => socket.destroy() };
}

test('checks come in the order of the page: host, origin, limits, path, subprotocol', async (t) => {
  await using rig = await Rig.open({ limits: { sockets: 1 } });
  const wrong = { Host: 'evil.example', Origin: 'https://evil.example' };
  t.regex((await handshake(rig, wrong, '/none')).text, /host name/);
  t.regex((await handshake(rig, { ...wrong, Host: 'localhost' }, '/none')).text, /origin/);
  t.is((await handshake(rig, { Host: 'localhost' }, '/none')).status, 404);
  t.is((await handshake(rig, { Host: 'localhost' })).status, 400);
  const one = await handshake(rig, GOOD);
  t.is(one.status, 101);
  t.is((await handshake(rig, { Host: 'localhost' }, '/none')).status, 503, 'a limit before the path');
  t.regex((await handshake(rig, { ...wrong, Host: 'localhost' }, '/none')).text, /origin/, 'the origin before a limit');
  one.end();
});

test('the answer to an upgrade names the subprotocol and no extension', async (t) => {
  await using rig = await Rig.open();
  const offer = { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' };
  const { text, end } = await handshake(rig, { ...GOOD, ...offer });
  t.regex(text, /^sec-websocket-protocol: hyphae\.v1\.json\r$/im);
  t.notRegex(text, /extensions/i);
  end();
});

test('a cookie lets nobody in', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.socket({ Cookie: `token=${TOKEN}; Authorization=Bearer ${TOKEN}` });
  await client.next('hello');
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  t.like(await client.next('err'), { id: 1, code: 'unauthorized' });
  t.is(client.all('ready').length, 0);
});

test('hello says nothing of the node before somebody has shown who it is', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.socket();
  const hello = await client.next('hello');
  t.deepEqual(Object.keys(hello).sort(), ['auth', 'deadlineMs', 'p', 't']);
});

for (const [what, limits] of [
  ['the 21st connection of an address', {}],
  ['the connection beyond all there may be', { sockets: 20, socketsPerAddress: 100 }],
] as const) {
  test(`${what} is refused with 503 and told when to try again, until one has gone`, async (t) => {
    await using rig = await Rig.open({ limits: { socketsPerToken: 100, ...limits } });
    const header = { Authorization: `Bearer ${TOKEN}` };
    const clients = [];
    for (let i = 0; i < 20; i++) clients.push(await rig.socket(header));
    const refused = await handshake(rig, { ...GOOD, ...header });
    t.is(refused.status, 503);
    t.regex(refused.text, /^retry-after: \d+\r$/im);
    await clients[0]?.close();
    const next = await handshake(rig, { ...GOOD, ...header });
    t.is(next.status, 101);
    next.end();
  });
}

test('the 51st handshake within a second is refused, and the next second has room again', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({
    clock,
    limits: { handshakesPerSecond: 50, strangersPerAddress: 1_000, socketsPerAddress: 1_000 },
  });
  for (let i = 0; i < 50; i++) {
    const { status, end } = await handshake(rig, GOOD);
    t.is(status, 101);
    end();
  }
  t.is((await handshake(rig, GOOD)).status, 503);
  await clock.advance(1_000);
  const next = await handshake(rig, GOOD);
  t.is(next.status, 101);
  next.end();
});

test('credentials, a client name and caps are taken as the page has them', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.socket();
  client.send({
    t: 'auth',
    token: TOKEN,
    client: { name: 'panel', ver: '1.2' },
    caps: ['batch', 'agg', 'what-comes-later'],
  });
  const ready = await client.next('ready');
  for (const field of ['node', 'epoch', 'head', 'durable', 'now', 'scopes', 'limits', 'hbMs', 'caps']) {
    t.true(field in ready, field);
  }
  t.true(ready.epoch.startsWith('mem-'), 'a log in memory says so');
  t.is(typeof ready.now.wall, 'number');
  t.is(typeof ready.now.mono, 'number');
});

for (const [when, end] of [
  ['a second later', () => Promise.resolve()],
  ['when the server ends', (rig: Rig) => rig.server.close()],
] as const) {
  test(`a refused connection whose peer leaves it open is closed ${when}`, async (t) => {
    await using rig = await Rig.open();
    const socket = connect({ port: rig.server.port, host: '127.0.0.1', allowHalfOpen: true });
    const lines = ['GET /none HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', '', ''];
    socket.write(lines.join('\r\n'));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    t.regex(answer.toString(), /^HTTP\/1\.1 404 /);
    const gone = once(socket, 'error'); // it goes on sending, and is told that nobody is there
    const sending = setInterval(() => socket.write('x'), 5);
    await end(rig);
    const [error] = (await gone) as [NodeJS.ErrnoException];
    clearInterval(sending);
    t.true(error.code === 'EPIPE' || error.code === 'ECONNRESET', error.code);
  });
}
