import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import ava from 'ava';
import { hasCode } from '@hyphae/core';
import { Ajv } from 'ajv';
import { Rig, TOKEN } from '../stream/rig.test.helper.js';
import type { Problem } from './problem.js';

const test = ava.serial; // each has a server of its own

/** Sends a request byte by byte as given and gives the status of the answer. */
async function raw(rig: Rig, text: string): Promise<number> {
  const socket = connect(rig.server.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(text);
  const [data] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return Number(data.toString().split(' ')[1]);
}

const lines = (rig: Rig, more: string[], first = 'GET /api/v1/node HTTP/1.1') =>
  [first, `Host: 127.0.0.1:${rig.server.port}`, ...more, '', ''].join('\r\n');

const command = (rig: Rig, body: unknown, init: RequestInit & { token?: string | null } = {}) =>
  rig.fetch('/api/v1/outputs/gh1%2Fheater/commands', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
  });

async function problemIn(response: Response): Promise<Problem> {
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) {
    throw new Error(`${response.status} ${await response.text()}`);
  }
  return (await response.json()) as Problem;
}

test('what is open to all answers without a token', async (t) => {
  await using rig = await Rig.open();
  const health = await rig.fetch('/healthz', { token: null });
  t.is(health.status, 200);
  const ready = await rig.fetch('/readyz', { token: null });
  t.is(ready.status, 200);
  t.like(await ready.json(), { ready: true, storage: 'ok', instances: [] });
  const metrics = await rig.fetch('/metrics', { token: null });
  t.regex(metrics.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const text = await metrics.text();
  for (const line of text.split('\n')) t.regex(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? [-\d.e+]+|)$/);
});

test('readyz is 503 until the node runs', async (t) => {
  let ready = false;
  await using rig = await Rig.open({ server: { ready: () => ready } });
  t.is((await rig.fetch('/readyz')).status, 503);
  ready = true;
  t.is((await rig.fetch('/readyz')).status, 200);
});

const ROUTES = ['node', 'plugins', 'sensors', 'outputs', 'functions', 'channels', 'measurements?channel=a/b', 'log'];
const DOCUMENTS = ['openapi.json', 'asyncapi.json'];

for (const route of [...ROUTES, ...DOCUMENTS, 'no-such-route']) {
  test(`/api/v1/${route} wants a token`, async (t) => {
    await using rig = await Rig.open();
    const missing = await rig.fetch(`/api/v1/${route}`, { token: null });
    t.is(missing.status, 401);
    t.is((await problemIn(missing)).code, 'HYP_UNAUTHORIZED');
    t.regex(missing.headers.get('www-authenticate') ?? '', /^Bearer/);
    t.is((await rig.fetch(`/api/v1/${route}`, { token: 'wrong' })).status, 401);
    t.is((await rig.fetch(`/api/v1/${route}`, { headers: { authorization: `Basic ${TOKEN}` } })).status, 401);
  });
}

test('the node, its channels and outputs are shown', async (t) => {
  await using rig = await Rig.open({ server: { plugins: () => [{ name: 'x', state: 'loaded' }] } });
  await rig.commit({ 'gh1/air/temperature': 0 });
  const get = async (path: string) => (await (await rig.fetch(`/api/v1/${path}`)).json()) as Record<string, unknown>;
  t.like(await get('node'), { name: 'rig', version: '0.0.0', head: 1, floor: 0, durable: false });
  t.deepEqual(await get('plugins'), { plugins: [{ name: 'x', state: 'loaded' }] });
  t.deepEqual(await get('sensors'), { sensors: [] });
  const { outputs } = (await get('outputs')) as { outputs: object[] };
  t.like(outputs[0], { id: 'gh1/heater', confirmed: 0, rev: 0 });
  const { channels } = (await get('channels')) as { channels: object[] };
  t.is(channels.length, 1);
  t.like(channels[0], { path: 'gh1/air/temperature', unit: 'Cel', kind: 'm', last: { q: 1, value: 0 } });
});

test('memory in place of a database is said by /readyz and the metrics', async (t) => {
  for (const [standIn, storage, gauge] of [
    [true, 'memory', 1],
    [false, 'ok', 0],
  ] as const) {
    await using rig = await Rig.open({ server: { standIn } });
    t.like(await (await rig.fetch('/readyz')).json(), { storage });
    t.true((await (await rig.fetch('/metrics')).text()).includes(`\nhyphae_store_degraded ${gauge}\n`));
  }
});

test('the log gives committed records in order, page by page', async (t) => {
  await using rig = await Rig.open();
  await rig.commit({ 'a/b': 0, 'a/c': null });
  await rig.commit({ 'a/b': 2 });
  const read = async (query: string) =>
    (await (await rig.fetch(`/api/v1/log?${query}`)).json()) as { epoch: string; head: number; records: object[] };
  const { epoch, head, records } = await read('after=0&limit=2');
  t.is(epoch, rig.store.measurements.epoch);
  t.is(head, 3);
  t.deepEqual(records, [
    { q: 1, kind: 'm', channel: 'a/b', value: 0, unit: 'Cel', at: 1_700_000_000_000, quality: 0 },
    { q: 2, kind: 'm', channel: 'a/c', value: null, unit: 'Cel', at: 1_700_000_000_001, quality: 3 },
  ]);
  t.like((await read('after=2')).records[0], { q: 3, value: 2 });
  const other = await rig.fetch('/api/v1/log?epoch=another');
  t.is(other.status, 409);
  t.is((await problemIn(other)).code, 'HYP_EPOCH');
});

test('measurements come as taken, or down-sampled to at most so many points', async (t) => {
  await using rig = await Rig.open();
  for (let i = 0; i < 100; i++) await rig.commit({ 'a/b': i });
  const range = 'channel=a%2Fb&from=1700000000000&to=2023-11-14T22:13:20.100Z';
  const all = (await (await rig.fetch(`/api/v1/measurements?${range}`)).json()) as { records: object[]; more: boolean };
  t.is(all.records.length, 100);
  t.deepEqual(all.records[0], { at: 1_700_000_000_000, value: 0, quality: 0 });
  t.false(all.more);
  const some = (await (await rig.fetch(`/api/v1/measurements?${range}&limit=10`)).json()) as typeof all;
  t.is(some.records.length, 10);
  t.true(some.more);
  const response = await rig.fetch(`/api/v1/measurements?${range}&points=10`);
  const { buckets } = (await response.json()) as {
    buckets: { min: number; mean: number; max: number; count: number }[];
  };
  t.is(buckets.length, 10);
  t.like(buckets[0], { min: 0, mean: 4.5, max: 9, count: 10 });
});

for (const [what, path, status] of [
  ['an unknown channel', 'measurements?channel=no/such', 404],
  ['no channel', 'measurements', 400],
  ['times the wrong way round', 'measurements?channel=a/b&from=2&to=1', 400],
  ['a time of Infinity', 'measurements?channel=a/b&from=Infinity', 400],
  ['the year 275761', 'measurements?channel=a/b&to=275761-01-01T00:00:00Z', 400],
  ['a time that is text', 'measurements?channel=a/b&from=yesterday', 400],
  ['limit -1', 'log?limit=-1', 400],
  ['limit 1e9', 'log?limit=1000000000', 400],
  ['limit NaN', 'log?limit=NaN', 400],
  ['limit []', 'log?limit=[]', 400],
  ['limit twice', 'log?limit=1&limit=2', 400],
  ['after 2^53+1', 'log?after=9007199254740993', 400],
  ['after -1', 'log?after=-1', 400],
  ['a field called __proto__', 'log?a[__proto__]=1', 400],
  ['an unknown field', 'log?sort=;drop table', 400],
  ['0 points', 'measurements?channel=a/b&points=0', 400],
  ['a path upwards', '..%2f..%2fetc%2fpasswd', 404],
  ['a path with NUL', 'sensors/%00', 404],
  ['a broken escape', 'sensors/%zz', 400],
] as const) {
  test(`${what} is a problem with ${status}`, async (t) => {
    await using rig = await Rig.open();
    await rig.commit({ 'a/b': 1 });
    const response = await rig.fetch(`/api/v1/${path}`);
    t.is(response.status, status);
    const { code, detail } = await problemIn(response);
    t.regex(code, /^HYP_/);
    t.notRegex(detail, /\.js|drop table|passwd|__proto__/);
  });
}

for (const path of ['gh1%2Fheater', 'gh1/heater']) {
  test(`an output is commanded as ${path}`, async (t) => {
    await using rig = await Rig.open();
    const response = await rig.fetch(`/api/v1/outputs/${path}/commands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'k1' },
      body: JSON.stringify({ op: 'set', args: { on: true } }),
    });
    t.is(response.status, 200);
    t.like(await response.json(), { key: 'k1', st: 'done', rev: 1, output: { id: 'gh1/heater', confirmed: 1 } });
  });
}

test('a repeated key repeats nothing, over REST and the stream alike', async (t) => {
  await using rig = await Rig.open();
  const body = { key: 'k1', op: 'set', args: { value: 1 } };
  t.like(await (await command(rig, body)).json(), { st: 'done' });
  t.like(await (await command(rig, body)).json(), { st: 'done', dup: true });
  const other = await command(rig, { ...body, args: { value: 0 } });
  t.is(other.status, 409);
  t.is((await problemIn(other)).code, 'HYP_COMMAND_KEY');
  const client = await rig.connect();
  client.send({ t: 'cmd', id: 1, to: 'gh1/heater', ...body });
  t.like(await client.next('cres'), { st: 'done', dup: true });
  t.is(rig.node.applied.length, 1);
});

for (const [what, body, status] of [
  ['no body', '', 400],
  ['null', 'null', 400],
  ['an array', '[]', 400],
  ['a text', '"x"', 400],
  ['half of it', '{"op":"set"', 400],
  ['10,000 levels', `{"op":"set","args":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`, 400],
  ['100,000 levels', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 400],
  ['50,000 fields', `{${Array.from({ length: 50_000 }, (_, i) => `"k${i}":1`).join()}}`, 400],
  ['__proto__', '{"op":"set","args":{"on":true},"__proto__":{"admin":true}}', 400],
  ['an unknown field', '{"op":"set","args":{"on":true},"lease_ms":5}', 400],
  ['a value as text', '{"op":"set","args":{"value":"1"}}', 400],
  ['1e999', '{"op":"set","args":{"value":1e999}}', 400],
  ['NaN', '{"op":"set","args":{"value":NaN}}', 400],
  ['a value out of range', '{"op":"set","args":{"value":7}}', 400],
  ['on and value', '{"op":"set","args":{"on":true,"value":1}}', 400],
  ['a byte order mark', '\ufeff{"op":"set","args":{"on":true}}', 400],
  ['a key with a NUL', '{"op":"set","args":{"on":true},"key":"a\\u0000"}', 400],
  ['a key of 1 MB', JSON.stringify({ op: 'set', args: { on: true }, key: 'k'.repeat(1_000_000) }), 400],
  ['1 MiB and one byte', `"${'x'.repeat(1024 * 1024 - 1)}"`, 413],
] as const) {
  test(`a command with ${what} is a problem with ${status}, and nothing moves`, async (t) => {
    await using rig = await Rig.open();
    const response = await command(rig, body);
    t.is(response.status, status);
    t.regex((await problemIn(response)).code, /^HYP_/);
    t.deepEqual(rig.node.applied, []);
  });
}

for (const type of ['text/plain', 'application/json; charset=utf-7', 'application/xml', 'multipart/form-data']) {
  test(`a body of type ${type} is not taken`, async (t) => {
    await using rig = await Rig.open();
    const response = await command(rig, { op: 'set', args: { on: true } }, { headers: { 'content-type': type } });
    t.is(response.status, 415);
    t.is((await problemIn(response)).code, 'HYP_HTTP_MEDIA_TYPE');
  });
}

test('a value out of range is said once', async (t) => {
  await using rig = await Rig.open();
  const response = await command(rig, { op: 'set', args: { value: 5 } });
  t.is(response.status, 400);
  t.is((await problemIn(response)).detail, 'gh1/heater cannot be set to 5: 0 to 1');
});

test('commands need their scope, and an output that is there', async (t) => {
  const tokens = [{ token: TOKEN, name: 'guest', scopes: ['read'] as const }];
  await using rig = await Rig.open({ tokens });
  const forbidden = await command(rig, { op: 'set', args: { on: true } });
  t.is(forbidden.status, 403);
  await using other = await Rig.open();
  const missing = await other.fetch('/api/v1/outputs/..%2f..%2fetc/commands', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ op: 'set', args: { on: true } }),
  });
  t.is(missing.status, 404);
  t.is((await problemIn(missing)).code, 'HYP_INSTANCE_UNKNOWN');
});

test('a foreign host or origin is refused, on open routes as well', async (t) => {
  await using rig = await Rig.open();
  t.is((await rig.fetch('/healthz', { headers: { origin: 'https://evil.example' } })).status, 403);
  t.is((await rig.fetch('/api/v1/node', { headers: { origin: 'null' } })).status, 403);
  t.is(await raw(rig, 'GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n'), 403);
  t.is(await raw(rig, 'GET /healthz HTTP/1.1\r\n\r\n'), 400);
});

test('broken requests are refused without harm', async (t) => {
  await using rig = await Rig.open();
  const bearer = `Authorization: Bearer ${TOKEN}`;
  t.is(await raw(rig, lines(rig, [bearer, bearer])), 400, 'two Authorization headers');
  t.is(await raw(rig, lines(rig, [`X: ${'x'.repeat(17_000)}`])), 431, 'headers of 17 KiB');
  t.is(await raw(rig, lines(rig, ['Content-Length: 5', 'Transfer-Encoding: chunked'], 'POST /healthz HTTP/1.1')), 400);
  t.is(await raw(rig, lines(rig, ['__proto__: x', bearer])), 200, 'a header called __proto__');
  t.is(await raw(rig, lines(rig, [bearer], 'TRACE /api/v1/node HTTP/1.1')), 404);
  t.is(await raw(rig, lines(rig, [bearer, 'X-HTTP-Method-Override: POST'])), 200);
  t.is((await rig.fetch('/healthz')).status, 200);
});

test('forwarded addresses are not believed: guessing stays limited', async (t) => {
  await using rig = await Rig.open();
  let limited = 0;
  for (let i = 0; i < 30; i++) {
    const headers = { 'x-forwarded-for': `10.0.0.${i}` };
    if ((await rig.fetch('/api/v1/node', { token: `guess-${i}`, headers })).status === 429) limited++;
  }
  t.true(limited >= 9, `${limited} of 30`);
});

test('pipelined requests are all answered', async (t) => {
  await using rig = await Rig.open();
  const socket = connect(rig.server.port, '127.0.0.1');
  let text = '';
  socket.on('data', (data: Buffer) => void (text += data.toString()));
  socket.write(lines(rig, [], 'GET /healthz HTTP/1.1').repeat(200));
  while ((text.match(/HTTP\/1\.1 200/g) ?? []).length < 200) await once(socket, 'data');
  socket.destroy();
  t.pass();
});

test('no answer tells what the server is built with', async (t) => {
  await using rig = await Rig.open();
  for (const path of ['/healthz', '/api/v1/none']) {
    const { headers } = await rig.fetch(path);
    for (const name of ['server', 'x-powered-by', 'access-control-allow-origin']) t.is(headers.get(name), null);
    t.is(headers.get('x-content-type-options'), 'nosniff');
  }
});

test('OpenAPI 3.1 names every route, and AsyncAPI 3 every message with examples that hold', async (t) => {
  await using rig = await Rig.open();
  const open = (await (await rig.fetch('/api/v1/openapi.json')).json()) as {
    openapi: string;
    paths: Record<string, object>;
  };
  t.is(open.openapi, '3.1.0');
  for (const route of ['node', 'plugins', 'sensors', 'outputs', 'functions', 'channels', 'measurements', 'log']) {
    t.truthy(open.paths[`/api/v1/${route}`], route);
  }
  t.truthy(open.paths['/api/v1/outputs/{id}/commands']);
  const async = (await (await rig.fetch('/api/v1/asyncapi.json')).json()) as {
    asyncapi: string;
    channels: {
      stream: { messages: Record<string, { name: string; payload: object; examples?: { payload: object }[] }> };
    };
  };
  t.is(async.asyncapi, '3.1.0');
  const ajv = new Ajv({ strict: false });
  const client = await rig.connect();
  for (const { name, payload, examples = [] } of Object.values(async.channels.stream.messages)) {
    t.true(ajv.validateSchema(payload), name);
    for (const example of examples) {
      t.true(ajv.validate(payload, example.payload), name);
      client.send(example.payload as Record<string, unknown>);
    }
  }
  client.send({ t: 'sub', id: 90, sel: ['#'] });
  await client.next('subok', ({ id }) => id === 90);
  t.deepEqual(
    client.all('err').filter(({ code }) => code === 'bad_field' || code === 'unknown_type'),
    [],
  );
});

test('every message the server sends keeps to the schema AsyncAPI publishes', async (t) => {
  await using rig = await Rig.open();
  const { SERVER_MESSAGES } = await import('../stream/schemas.js');
  const ajv = new Ajv({ strict: false });
  await rig.commit({ 'a/b': 1 });
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'], mode: 'latest', from: { e: 'x', q: 3 } });
  client.send({ t: 'cmd', id: 2, key: 'k', to: 'gh1/heater', op: 'set', args: { on: true } });
  client.send({ t: 'nothing' });
  await client.next('cres');
  await rig.commit({ 'a/b': null, 'a/c': 1 });
  await client.next('d');
  client.send({ t: 'unsub', id: 3, sub: 1 });
  await client.next('end');
  const kinds = new Set<string>();
  for (const message of client.received) {
    kinds.add(message.t);
    t.true(ajv.validate(SERVER_MESSAGES[message.t] ?? false, message), JSON.stringify(message));
  }
  t.deepEqual([...kinds].sort(), ['cack', 'cres', 'd', 'end', 'err', 'hello', 'ready', 'snap', 'subok']);
});

test('what fails inside is a 500 with a reference to the log, and no more', async (t) => {
  const lines: object[] = [];
  const nothing = () => {};
  const log = {
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: (_: string, c?: object) => void lines.push(c ?? {}),
    child: () => log,
  };
  const plugins = () => {
    throw new TypeError('secret of line 7');
  };
  await using rig = await Rig.open({ log, server: { plugins } });
  const response = await rig.fetch('/api/v1/plugins');
  t.is(response.status, 500);
  const { code, detail } = await problemIn(response);
  t.is(code, 'HYP_INTERNAL');
  t.notRegex(detail, /secret|TypeError|\.js/);
  t.true(lines.some((line) => 'reference' in line && detail.includes(String(line.reference))));
});

test('a port in use is told as such', async (t) => {
  await using rig = await Rig.open();
  const taken = { listen: { host: '127.0.0.1', port: rig.server.port } };
  const error = await t.throwsAsync(Rig.open({ server: taken }));
  t.true(hasCode(error, 'HYP_LISTEN'));
  t.regex(error.message, /another program uses it/);
});

test('a body that never ends does not keep the server from closing', async (t) => {
  const rig = await Rig.open();
  const pending = request(`${rig.server.url}/api/v1/stream-tickets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', 'content-length': '100' },
  });
  pending.on('error', () => {});
  pending.write('{');
  await once(pending, 'socket');
  await rig[Symbol.asyncDispose]();
  t.pass();
});
