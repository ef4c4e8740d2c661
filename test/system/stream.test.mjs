import test from 'ava';
import { setTimeout as pause } from 'node:timers/promises';
import { ProtocolClient } from './lib/protocol-client.mjs';
import { dataDirectory, rest, startNode, until } from './lib/node-process.mjs';

const CONFIG = `
hyphae: 1
node: system
boards: [{ provider: sim, plant: greenhouse, i2c: { i2c-1/0x76: { chip: bme280, feels: air } }, gpio: { gpiochip0/17: { drives: heater } } }]
sensors:
  air: { plugin: bme280, period: 200 ms, use: { chip: i2c-1/0x76 } }
  wave: { plugin: dummy-sensor, period: 50 ms }
outputs:
  heater: { plugin: relay, use: { line: gpiochip0/17 }, limits: { maxOn: 1 h } }
store: { client: sqlite3, file: hyphae.db, commit: 20 ms }
`;

/** Every committed record of the log after q, by REST. */
async function log(node, after = 0) {
  const records = [];
  for (;;) {
    const { body } = await rest(node, `/api/v1/log?after=${after}&limit=1000`);
    records.push(...body.records);
    if (body.records.length === 0) return { ...body, records };
    after = body.records.at(-1).q;
  }
}

/** The records a client was sent are the database's, each once, values and all. */
async function compare(t, node, client, from) {
  const { records } = await log(node, from);
  const expected = records
    .filter(({ q }) => q <= client.position)
    .map(({ q, channel, value, at, quality }) => [q, channel, value, at, quality]);
  t.deepEqual(client.errors, []);
  t.true(expected.length > 0);
  t.deepEqual(
    client.records.filter(([q]) => q > from),
    expected,
  );
}

test('a client written from the page gets snapshot and deltas, is cut, resumes, and has what the database has; kill -9 in between', async (t) => {
  const dir = dataDirectory(t, CONFIG);
  let node = await startNode(t, dir);
  const client = await new ProtocolClient(node).connect();
  t.true(client.ready.durable);
  const first = await client.subscribe({ from: 'now', snap: true });
  t.false(first.resumed);
  const began = client.position;
  await until('deltas', () => client.records.length > 40);

  // Cut and resume, several times, at no particular moment.
  for (const wait of [30, 170, 410]) {
    await client.cut();
    await pause(wait);
    await client.connect();
    const again = await client.subscribe({ from: { e: client.epoch, q: client.position }, snap: false });
    t.true(again.resumed, JSON.stringify(again));
    const before = client.records.length;
    await until('deltas after a cut', () => client.records.length > before + 20);
  }
  await compare(t, node, client, began);

  // The node is killed; what it had told stays true.
  await node.stop('SIGKILL');
  await client.closed;
  const told = client.records.length;
  node = client.node = await startNode(t, dir);
  await client.connect();
  const resumed = await client.subscribe({ from: { e: client.epoch, q: client.position }, snap: false });
  t.true(resumed.resumed, JSON.stringify(resumed));
  await until('deltas after the kill', () => client.records.length > told + 40);
  await client.cut();
  await compare(t, node, client, began);

  // The last value of every channel is the database's.
  const { records } = await log(node);
  const last = new Map(
    records
      .filter(({ q }) => q <= client.position)
      .map(({ channel, value, at, quality }) => [channel, [value, at, quality]]),
  );
  for (const [path, value] of client.state) t.deepEqual(value, last.get(path), path);
  t.deepEqual([...client.state.keys()].toSorted(), [...last.keys()].toSorted());
  t.is((await node.stop()).code, 0);
});

test('a snapshot and the frames after it are the state of the database', async (t) => {
  const dir = dataDirectory(t, CONFIG);
  const node = await startNode(t, dir);
  await until('some history', async () => (await rest(node, '/api/v1/log?after=0&limit=1')).body.head > 60);
  const client = await new ProtocolClient(node).connect();
  await client.subscribe({ from: 'now', snap: true, mode: 'latest' });
  await until('frames', () => client.records.length > 30);
  await client.cut();
  const { records } = await log(node);
  const state = new Map();
  for (const { q, channel, value, at, quality } of records)
    if (q <= client.position) state.set(channel, [value, at, quality]);
  t.deepEqual(client.errors, []);
  t.deepEqual(Object.fromEntries([...client.state].toSorted()), Object.fromEntries([...state].toSorted()));
});

test('a command is done once, confirmed, streamed as an event, and the same key again changes nothing', async (t) => {
  const dir = dataDirectory(t, CONFIG);
  const node = await startNode(t, dir);
  const client = await new ProtocolClient(node).connect();
  await client.subscribe({ from: 'now', snap: true, kinds: ['e'] });
  const command = { key: 'k-1', to: 'heater', op: 'set', args: { on: true }, ttlMs: 2000 };
  const done = await client.command(command);
  t.is(done.st, 'done', JSON.stringify(done));
  await until('the event', () => client.records.some(([, path, value]) => path === 'heater/state' && value === 1));
  const again = await client.command(command);
  t.is(again.st, 'done');
  t.true(again.dup);
  t.is(again.rev, done.rev);
  const other = await client.command({ ...command, args: { on: false } }).catch(() => undefined);
  t.true(other === undefined || other.err?.code === 'idem_conflict' || other.st === 'rejected', JSON.stringify(other));
  const { body } = await rest(node, '/api/v1/outputs');
  t.is(JSON.stringify(body).includes('"confirmed":1'), true);
  await node.stop();
});
