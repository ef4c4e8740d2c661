import { once } from 'node:events';
import { connect } from 'node:net';
import ava from 'ava';
import { WebSocket } from 'ws';
import { VirtualClock } from '@hyphae/core/testing';
import { Rig, TestClient, TOKEN } from './rig.test.helper.js';

const test = ava.serial; // each has a server of its own; a hundred at once would measure the machine

/** Sends bytes of a handshake and gives the first line of the answer and its body. */
async function handshake(rig: Rig, headers: Record<string, string>, path = '/api/v1/stream') {
  const socket = connect(rig.server.port, '127.0.0.1');
  await once(socket, 'connect');
  const all = {
    Host: `127.0.0.1:${rig.server.port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': 'hyphae.v1.json',
    ...headers,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== '');
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  const [first] = (await once(socket, 'data')) as [Buffer];
  let text = first.toString();
  if (!text.startsWith('HTTP/1.1 101')) {
    socket.on('data', (more: Buffer) => void (text += more.toString()));
    await once(socket, 'close');
  }
  socket.destroy();
  return { status: Number(text.split(' ')[1]), body: text.split('\r\n\r\n')[1] ?? '' };
}

for (const [what, headers, status] of [
  ['everything in order', {}, 101],
  ['one of several subprotocols', { 'Sec-WebSocket-Protocol': 'other, hyphae.v1.json' }, 101],
  ['no subprotocol', { 'Sec-WebSocket-Protocol': '' }, 400],
  ['an unknown subprotocol', { 'Sec-WebSocket-Protocol': 'hyphae.v9.json' }, 400],
  ['a subprotocol of 4 KiB of spaces', { 'Sec-WebSocket-Protocol': `a${' '.repeat(4_096)}b` }, 400],
  ['the same subprotocol twice', { 'Sec-WebSocket-Protocol': 'hyphae.v1.json,hyphae.v1.json' }, 400],
  ['a foreign origin', { Origin: 'https://evil.example' }, 403],
  ['origin null', { Origin: 'null' }, 403],
  ['an origin that begins like ours', { Origin: 'http://127.0.0.1.evil.example' }, 403],
  ['a foreign host', { Host: 'evil.example' }, 403],
  ['a host with credentials', { Host: 'localhost@evil.example' }, 403],
  ['the wrong WebSocket version', { 'Sec-WebSocket-Version': '12' }, 400],
  ['no WebSocket key', { 'Sec-WebSocket-Key': '' }, 400],
] as const) {
  test(`a handshake with ${what} is answered with ${status}`, async (t) => {
    await using rig = await Rig.open();
    const answer = await handshake(rig, headers);
    t.is(answer.status, status);
    if (status !== 101) t.notRegex(answer.body, /evil|at .*\.js/);
  });
}

test('our own origin and configured ones are let in', async (t) => {
  await using rig = await Rig.open({ server: { origins: ['https://panel.example'], hosts: ['greenhouse.local'] } });
  t.is((await handshake(rig, { Origin: `http://127.0.0.1:${rig.server.port}` })).status, 101);
  t.is((await handshake(rig, { Origin: 'https://panel.example' })).status, 101);
  t.is((await handshake(rig, { Host: 'greenhouse.local:8080' })).status, 101);
});

test('an upgrade elsewhere is 404, and a token in the URL is refused', async (t) => {
  await using rig = await Rig.open();
  t.is((await handshake(rig, {}, '/api/v1/other')).status, 404);
  t.is((await handshake(rig, {}, `/api/v1/stream?token=${TOKEN}`)).status, 400);
  t.is((await handshake(rig, {}, '/api/v1/stream?x=1')).status, 101);
});

test('the sixth stranger of an address is refused, and let in once another has authenticated', async (t) => {
  await using rig = await Rig.open();
  const strangers = await Promise.all([1, 2, 3, 4, 5].map(() => rig.socket()));
  t.is((await handshake(rig, {})).status, 503);
  strangers[0]?.send({ t: 'auth', token: TOKEN });
  await strangers[0]?.next('ready');
  t.is((await handshake(rig, {})).status, 101);
});

test('the ninth connection of a token is told to come back later', async (t) => {
  await using rig = await Rig.open();
  for (let i = 0; i < 8; i++) await rig.connect();
  const ninth = await rig.socket();
  ninth.send({ t: 'auth', token: TOKEN });
  t.is((await ninth.closed).code, 4101);
});

test('nothing after connecting: 4005 after 5 s', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock });
  const client = await rig.socket();
  await client.next('hello');
  await clock.advance(4_900);
  t.is(client.socket.readyState, WebSocket.OPEN);
  await clock.advance(200);
  t.is((await client.closed).code, 4005);
});

for (const [what, credentials] of [
  ['a wrong token', { token: 'wrong' }],
  ['a token with a space after it', { token: `${TOKEN} ` }],
  ['a token with a NUL after it', { token: `${TOKEN}\u0000` }],
  ['a look-alike of the token', { token: TOKEN.replace('a', 'а') }],
  ['a ticket nobody issued', { ticket: 'no-such-ticket' }],
] as const) {
  test(`${what} is closed with 4001`, async (t) => {
    await using rig = await Rig.open();
    const client = await rig.socket();
    client.send({ t: 'auth', ...credentials });
    t.like(await client.next('err'), { code: 'unauthorized', retry: false });
    t.is((await client.closed).code, 4001);
  });
}

test('a token in the Authorization header is enough, and a wrong one is 4001', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.socket({ Authorization: `Bearer ${TOKEN}` });
  await client.next('ready');
  client.send({ t: 'auth', token: TOKEN });
  t.like(await client.next('err'), { code: 'bad_type' });
  const wrong = await rig.socket({ Authorization: 'Bearer nope' });
  t.is((await wrong.closed).code, 4001);
});

test('a ticket is good once, for a minute', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock });
  const issue = async () => {
    const response = await rig.fetch('/api/v1/stream-tickets', { method: 'POST' });
    t.is(response.status, 200);
    return (await response.json()) as { ticket: string; expiresMs: number };
  };
  const { ticket, expiresMs } = await issue();
  t.is(expiresMs, 60_000);
  const client = await rig.socket();
  client.send({ t: 'auth', ticket });
  await client.next('ready');
  const again = await rig.socket();
  again.send({ t: 'auth', ticket });
  t.is((await again.closed).code, 4001);
  const late = await issue();
  await clock.advance(61_000);
  const third = await rig.socket();
  third.send({ t: 'auth', ticket: late.ticket });
  t.is((await third.closed).code, 4001);
});

test('guessing is limited for REST and the stream together', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock });
  for (let i = 0; i < 15; i++) t.is((await rig.fetch('/api/v1/node', { token: `guess-${i}` })).status, 401);
  for (let i = 0; i < 5; i++) {
    const client = await rig.socket();
    client.send({ t: 'auth', token: `guess-${i}` });
    t.is((await client.closed).code, 4001);
  }
  const limited = await rig.fetch('/api/v1/node');
  t.is(limited.status, 429);
  t.is(limited.headers.get('retry-after'), '3');
  const client = await rig.socket();
  client.send({ t: 'auth', token: TOKEN });
  t.true(((await client.next('err')).afterMs ?? 0) > 0);
  t.is((await client.closed).code, 4001);
  await clock.advance(4_000);
  t.is((await rig.fetch('/api/v1/node')).status, 200);
});

test('a command before auth is unauthorized', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.socket();
  client.send({ t: 'cmd', id: 1, key: 'k', to: 'gh1/heater', op: 'set', args: { on: true } });
  t.like(await client.next('err'), { id: 1, code: 'unauthorized' });
  t.deepEqual(rig.node.applied, []);
});

const deep = (levels: number) => `{"t":"sub","id":1,"sel":["#"],"x":${'['.repeat(levels)}${']'.repeat(levels)}}`;

for (const [what, data, code] of [
  ['half a message', '{"t":"sub","id":1', 4000],
  ['no JSON', 'hello', 4000],
  ['nothing', '', 4000],
  ['a binary message', Buffer.from('{"t":"hb"}'), 4000],
  ['64 KiB and one byte', `{"t":"hb","x":"${'x'.repeat(65_536 - 15)}"}`, 1009],
] as const) {
  test(`${what} ends the connection with ${code}`, async (t) => {
    await using rig = await Rig.open();
    const client = await rig.connect();
    client.socket.send(data);
    t.is((await client.closed).code, code);
  });
}

for (const [what, text, code] of [
  ['null', 'null', 'bad_type'],
  ['an array', '[]', 'bad_type'],
  ['a text', '"x"', 'bad_type'],
  ['no t', '{"id":1}', 'bad_type'],
  ['t an object', '{"t":{}}', 'bad_type'],
  ['t the name of a method', '{"t":"toString"}', 'unknown_type'],
  ['t __proto__', '{"t":"__proto__"}', 'unknown_type'],
  ['an unknown t', '{"t":"dance","id":3}', 'unknown_type'],
  ['17 levels', deep(16), 'too_large'],
  ['10,000 levels', deep(10_000), 'too_large'],
  ['a text of 4,097 characters', `{"t":"sub","id":1,"sel":["${'x'.repeat(4_097)}"]}`, 'too_large'],
  [
    '65 fields',
    JSON.stringify({ t: 'hb', ...Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`k${i}`, i])) }),
    'too_large',
  ],
  ['id 0', '{"t":"sub","id":0,"sel":["#"]}', 'bad_field'],
  ['id -1', '{"t":"sub","id":-1,"sel":["#"]}', 'bad_field'],
  ['id 1.5', '{"t":"sub","id":1.5,"sel":["#"]}', 'bad_field'],
  ['id 2^53+1', '{"t":"sub","id":9007199254740993,"sel":["#"]}', 'bad_field'],
  ['id as a text', '{"t":"sub","id":"7","sel":["#"]}', 'bad_field'],
  ['id 1e999', '{"t":"sub","id":1e999,"sel":["#"]}', 'bad_field'],
  ['no id', '{"t":"sub","sel":["#"]}', 'bad_field'],
  ['no selector', '{"t":"sub","id":1,"sel":[]}', 'bad_field'],
  ['65 selectors', JSON.stringify({ t: 'sub', id: 1, sel: Array(65).fill('#') }), 'too_many_selectors'],
  ['a selector like a regular expression', '{"t":"sub","id":1,"sel":["(((((.*)+)+)+"]}', 'bad_selector'],
  ['#/x', '{"t":"sub","id":1,"sel":["#/x"]}', 'bad_selector'],
  ['+x', '{"t":"sub","id":1,"sel":["+x"]}', 'bad_selector'],
  ['an empty level', '{"t":"sub","id":1,"sel":["a//b"]}', 'bad_selector'],
  ['1,000 levels', JSON.stringify({ t: 'sub', id: 1, sel: [Array(1_000).fill('a').join('/')] }), 'bad_selector'],
  ['minMs -1', '{"t":"sub","id":1,"sel":["#"],"mode":"latest","minMs":-1}', 'bad_field'],
  ['minMs NaN', '{"t":"sub","id":1,"sel":["#"],"mode":"latest","minMs":null}', 'bad_field'],
  ['minMs 1e9', '{"t":"sub","id":1,"sel":["#"],"mode":"latest","minMs":1000000000}', 'bad_field'],
  ['an unknown mode', '{"t":"sub","id":1,"sel":["#"],"mode":"fast"}', 'bad_field'],
  ['dead bands', '{"t":"sub","id":1,"sel":["#"],"dead":{"abs":1}}', 'bad_field'],
  ['from a negative q', '{"t":"sub","id":1,"sel":["#"],"from":{"e":"x","q":-1}}', 'bad_field'],
  ['from 2^53+1', '{"t":"sub","id":1,"sel":["#"],"from":{"e":"x","q":9007199254740993}}', 'bad_field'],
  ['an ack for nothing', '{"t":"ack","sub":5,"q":0}', 'not_found'],
  ['an unsub of nothing', '{"t":"unsub","id":1,"sub":5}', 'not_found'],
  ['a second auth', `{"t":"auth","token":"${TOKEN}"}`, 'bad_type'],
  ['a command without a key', '{"t":"cmd","id":1,"to":"gh1/heater","op":"set","args":{"on":true}}', 'bad_field'],
  [
    'a command with ttlMs 0',
    '{"t":"cmd","id":1,"key":"k","to":"gh1/heater","op":"set","args":{"on":true},"ttlMs":0}',
    'bad_field',
  ],
  [
    'a command with ttlMs -1',
    '{"t":"cmd","id":1,"key":"k","to":"gh1/heater","op":"set","args":{"on":true},"ttlMs":-1}',
    'bad_field',
  ],
  [
    'a command with ttlMs 1e12',
    '{"t":"cmd","id":1,"key":"k","to":"gh1/heater","op":"set","args":{"on":true},"ttlMs":1e12}',
    'bad_field',
  ],
  [
    'a command with value NaN',
    '{"t":"cmd","id":1,"key":"k","to":"gh1/heater","op":"set","args":{"value":null}}',
    'bad_field',
  ],
  [
    'a command with value 1e999',
    '{"t":"cmd","id":1,"key":"k","to":"gh1/heater","op":"set","args":{"value":1e999}}',
    'bad_field',
  ],
  ['a command with no args', '{"t":"cmd","id":1,"key":"k","to":"gh1/heater","op":"set"}', 'bad_field'],
  ['a command for nobody', '{"t":"cmd","id":1,"key":"k","to":"gh1/none","op":"set","args":{"on":true}}', 'not_found'],
  ['an unknown op', '{"t":"cmd","id":1,"key":"k","to":"gh1/heater","op":"explode"}', 'bad_field'],
] as const) {
  test(`${what} is answered with ${code}, and the connection goes on`, async (t) => {
    await using rig = await Rig.open();
    const client = await rig.connect();
    client.socket.send(text);
    const err = await client.next('err');
    t.is(err.code, code);
    t.false(err.msg.length > 200 || /[{}[\]]|\.js/.test(err.msg), 'says nothing of what was sent');
    client.send({ t: 'sub', id: 100, sel: ['#'] });
    await client.next('snap');
    t.deepEqual(rig.node.applied, []);
  });
}

test('ids that do not increase are refused', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  client.send({ t: 'sub', id: 5, sel: ['#'] });
  await client.next('subok');
  for (const id of [5, 4]) {
    client.send({ t: 'sub', id, sel: ['#'] });
    t.like(await client.next('err'), { id, code: 'id_not_increasing' });
  }
});

test('an ack ahead of what was sent is refused, one that goes back changes nothing', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  await client.next('snap');
  await rig.commit({ 'a/b': 1 });
  await client.next('d');
  client.send({ t: 'ack', sub: 1, q: 2 });
  t.like(await client.next('err'), { code: 'bad_field' });
  client.send({ t: 'ack', sub: 1, q: 1 });
  client.send({ t: 'ack', sub: 1, q: 0 });
  await rig.commit({ 'a/b': 2 });
  t.is((await client.next('d')).to, 2);
});

test('the 33rd subscription is refused', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  for (let id = 1; id <= 33; id++) client.send({ t: 'sub', id, sel: ['#'], snap: false });
  t.like(await client.next('err'), { id: 33, code: 'too_many_subs' });
  t.is(client.all('subok').length, 32);
});

test('more than 20 errors a minute end it with 4009', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  for (let i = 0; i < 30; i++) client.send({ t: 'dance' });
  t.is((await client.closed).code, 4009);
});

test('a flood of messages is told to slow down, then ended with 4104', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  for (let i = 0; i < 120; i++) client.send({ t: 'hb' });
  t.like(await client.next('err'), { code: 'rate_limited', retry: true });
  for (let i = 0; i < 600; i++) client.send({ t: 'hb' });
  t.is((await client.closed).code, 4104);
});

test('a close in the middle of a snapshot or a catch-up leaves nothing behind', async (t) => {
  await using rig = await Rig.open({ limits: { ringRecords: 10, socketBytes: 1_024 } });
  await rig.commit(Object.fromEntries(Array.from({ length: 4_000 }, (_, i) => [`s/c${i}`, i])));
  for (const from of [undefined, { e: rig.store.measurements.epoch, q: 0 }]) {
    const client = await rig.connect();
    client.send({ t: 'sub', id: 1, sel: ['#'], ...(from ? { from } : {}) });
    await client.next('subok');
    await client.close();
  }
  for (let i = 0; i < 100; i++) {
    const metrics = await (await rig.fetch('/metrics')).text();
    if (/^hyphae_stream_connections 0$/m.test(metrics) && /^hyphae_stream_groups 0$/m.test(metrics)) {
      t.pass();
      return;
    }
  }
  t.fail('connections or groups remain');
});

test('an unsub in the middle of a snapshot ends it', async (t) => {
  await using rig = await Rig.open({ limits: { socketBytes: 1_024 } });
  await rig.commit(Object.fromEntries(Array.from({ length: 4_000 }, (_, i) => [`s/c${i}`, i])));
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  client.send({ t: 'unsub', id: 2, sub: 1 });
  await client.next('end');
  const count = client.received.length;
  await rig.commit({ 's/c1': 2 });
  client.send({ t: 'sub', id: 3, sel: ['none'] });
  await client.next('subok');
  t.true(client.received.slice(count).every((message) => !('sub' in message) || message.sub === 3));
});

test('text that is not UTF-8 ends the connection', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  client.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
  t.is((await client.closed).code, 1007);
});

test('thousands of fragments of one byte end the connection', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  for (let i = 0; i < 2_000; i++) client.socket.send('x', { fin: false });
  t.true([1006, 1008, 1009].includes((await client.closed).code));
});

test('after all of it a new client is served', async (t) => {
  await using rig = await Rig.open();
  const socket = new WebSocket(`ws://127.0.0.1:${rig.server.port}/api/v1/stream`, 'hyphae.v1.json');
  const client = new TestClient(socket);
  await client.next('hello');
  await client.close();
  t.truthy(await rig.connect());
});
