import test from 'ava';
import { Backoff, StreamClient, type StreamEvent, type WebSocketLike } from './index.js';

/** A socket whose other end is the test. */
class FakeSocket implements WebSocketLike {
  onopen: WebSocketLike['onopen'] = null;
  onmessage: WebSocketLike['onmessage'] = null;
  onclose: WebSocketLike['onclose'] = null;
  onerror: WebSocketLike['onerror'] = null;
  readonly sent: Record<string, unknown>[] = [];
  closed = false;

  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {}

  send(data: string): void {
    this.sent.push(JSON.parse(data) as Record<string, unknown>);
  }

  close(): void {
    this.closed = true;
  }

  says(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  cut(code = 1006, reason = ''): void {
    this.onclose?.({ code, reason });
  }
}

function setup() {
  const sockets: FakeSocket[] = [];
  const WebSocket = class extends FakeSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol);
      sockets.push(this);
    }
  };
  const client = new StreamClient({ url: 'http://node.test:8080', token: 'secret', WebSocket, random: () => 0 });
  return { client, sockets };
}

const READY = {
  t: 'ready',
  node: 'n',
  epoch: 'e1',
  head: 5,
  durable: true,
  hbMs: 15_000,
  scopes: [],
  limits: {},
  caps: [],
};

async function letIn(socket: FakeSocket | undefined): Promise<FakeSocket> {
  if (!socket) throw new Error('no connection was made');
  socket.says({ t: 'hello', p: 1, auth: ['token'], deadlineMs: 5_000 });
  await turn();
  socket.says(READY);
  return socket;
}

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** Waits for something the client does after a timer of 0 ms. */
async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 1_000 && !done(); i++) await new Promise<void>((resolve) => void setTimeout(resolve, 1));
}

async function take(events: AsyncIterator<StreamEvent>, count: number): Promise<StreamEvent[]> {
  const taken: StreamEvent[] = [];
  while (taken.length < count) {
    const next = await events.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

test('asks for the stream, authenticates and delivers state and records with names and units', async (t) => {
  const { client, sockets } = setup();
  const subscription = client.subscribe(['#']);
  const socket = await letIn(sockets[0]);
  t.is(socket.url, 'ws://node.test:8080/api/v1/stream');
  t.is(socket.protocol, 'hyphae.v1.json');
  t.deepEqual(socket.sent[0], { t: 'auth', token: 'secret' });
  t.deepEqual(socket.sent[1], { t: 'sub', id: 1, sel: ['#'] });
  socket.says({ t: 'subok', id: 1, sub: 1, e: 'e1', at: 5, resumed: false, ch: { 3: ['gh1/air/temperature', 'Cel'] } });
  socket.says({ t: 'snap', sub: 1, at: 5, part: 0, last: true, r: [[3, 0, 1000, 4]] });
  socket.says({ t: 'd', sub: 1, from: 5, to: 7, r: [[6, 3, null, 2000, 3]] });
  const [first, second] = await take(subscription[Symbol.asyncIterator](), 2);
  const channel = { path: 'gh1/air/temperature', unit: 'Cel' };
  t.deepEqual(first, {
    type: 'snapshot',
    epoch: 'e1',
    at: 5,
    records: [{ ...channel, value: 0, at: 1000, quality: 'good', simulated: true }],
  });
  t.deepEqual(second, {
    type: 'records',
    from: 5,
    to: 7,
    catchUp: false,
    folded: 0,
    records: [{ ...channel, q: 6, value: null, at: 2000, quality: 'bad', simulated: false }],
  });
  await client[Symbol.asyncDispose]();
});

test('after a cut it comes back and resumes where it stood', async (t) => {
  const { client, sockets } = setup();
  const subscription = client.subscribe(['a/#']);
  const first = await letIn(sockets[0]);
  first.says({ t: 'subok', id: 1, sub: 1, e: 'e1', at: 5, resumed: false, ch: {} });
  first.says({ t: 'd', sub: 1, from: 5, to: 9, r: [] });
  first.cut();
  t.is(client.state, 'waiting');
  await until(() => sockets.length === 2);
  const second = await letIn(sockets[1]);
  const sub = second.sent.find(({ t: type }) => type === 'sub');
  t.deepEqual(sub?.['from'], { e: 'e1', q: 9 });
  t.deepEqual(subscription.position, { e: 'e1', q: 9 });
  await client[Symbol.asyncDispose]();
});

for (const [what, frame] of [
  ['a gap between frames', { from: 6, to: 9, r: [] }],
  [
    'records out of order',
    {
      from: 5,
      to: 9,
      r: [
        [7, 1, 1, 1, 0],
        [6, 1, 1, 1, 0],
      ],
    },
  ],
  [
    'a record twice',
    {
      from: 5,
      to: 9,
      r: [
        [6, 1, 1, 1, 0],
        [6, 1, 1, 1, 0],
      ],
    },
  ],
  ['a record beyond its frame', { from: 5, to: 6, r: [[7, 1, 1, 1, 0]] }],
] as const) {
  test(`${what} makes it ask again from where it stood`, async (t) => {
    const { client, sockets } = setup();
    client.subscribe(['#']);
    const socket = await letIn(sockets[0]);
    socket.says({ t: 'subok', id: 1, sub: 1, e: 'e1', at: 5, resumed: false, ch: { 1: ['a', '1'] } });
    socket.says({ t: 'd', sub: 1, ...frame });
    const [, , unsub, sub] = socket.sent;
    t.like(unsub, { t: 'unsub', sub: 1 });
    t.deepEqual(sub, { t: 'sub', id: 3, sel: ['#'], from: { e: 'e1', q: 5 } });
    await client[Symbol.asyncDispose]();
  });
}

test('says what was lost when the log could not be resumed', async (t) => {
  const { client, sockets } = setup();
  const subscription = client.subscribe(['#'], { from: { e: 'old', q: 3 } });
  const socket = await letIn(sockets[0]);
  const lost = { from: 3, to: 9 };
  socket.says({ t: 'subok', id: 1, sub: 1, e: 'e1', at: 9, resumed: false, why: 'epoch', lost, ch: {} });
  socket.says({ t: 'snap', sub: 1, at: 9, part: 0, last: true, r: [] });
  const events = await take(subscription[Symbol.asyncIterator](), 2);
  t.deepEqual(events[0], { type: 'lost', why: 'epoch', lost });
  t.is(events[1]?.type, 'snapshot');
  await client[Symbol.asyncDispose]();
});

test('acknowledges at half the window, but not while its reader is behind', async (t) => {
  const { client, sockets } = setup();
  const subscription = client.subscribe(['#'], { highWater: 40 });
  const socket = await letIn(sockets[0]);
  socket.says({ t: 'subok', id: 1, sub: 1, e: 'e1', at: 0, resumed: false, ch: { 1: ['a', '1'] } });
  const acks = () => socket.sent.filter(({ t: type }) => type === 'ack');
  for (let q = 0; q < 32; q++) socket.says({ t: 'd', sub: 1, from: q, to: q + 1, r: [[q + 1, 1, 1, 1, 0]] });
  t.deepEqual(acks(), [{ t: 'ack', sub: 1, q: 32 }]);
  for (let q = 32; q < 64; q++) socket.says({ t: 'd', sub: 1, from: q, to: q + 1, r: [[q + 1, 1, 1, 1, 0]] });
  t.is(acks().length, 1, 'behind');
  await take(subscription[Symbol.asyncIterator](), 40);
  await until(() => acks().length === 2);
  t.deepEqual(acks()[1], { t: 'ack', sub: 1, q: 64 });
  await client[Symbol.asyncDispose]();
});

test('wrong credentials end it for good', async (t) => {
  const { client, sockets } = setup();
  const subscription = client.subscribe(['#']);
  sockets[0]?.cut(4001, 'bad credentials');
  t.is(client.state, 'closed');
  await t.throwsAsync(() => take(subscription[Symbol.asyncIterator](), 1), { message: 'bad credentials' });
  await t.throwsAsync(client.ready(), { name: 'StreamError' });
  t.is(sockets.length, 1);
});

test('a change of the token and a new beginning of the log are answered by coming back at once', async (t) => {
  for (const code of [4200, 4202]) {
    const sockets: FakeSocket[] = [];
    const WebSocket = class extends FakeSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol);
        sockets.push(this);
      }
    };
    // Full jitter at its longest: by the back-off it would take 250 ms.
    const client = new StreamClient({ url: 'http://node.test', token: 'x', WebSocket, random: () => 1 });
    (await letIn(sockets[0])).cut(code);
    const began = Date.now();
    await until(() => sockets.length === 2);
    t.is(sockets.length, 2);
    t.true(Date.now() - began < 200, `${code}`);
    await client[Symbol.asyncDispose]();
  }
});

test('a message that was too large is not sent again and again: 1009 ends it', async (t) => {
  const { client, sockets } = setup();
  const subscription = client.subscribe(['#']);
  (await letIn(sockets[0])).cut(1009, 'too large');
  t.is(client.state, 'closed');
  await t.throwsAsync(() => take(subscription[Symbol.asyncIterator](), 1), { name: 'StreamError' });
});

test('every command is answered once, also when the client is closed while it is under way', async (t) => {
  const { client, sockets } = setup();
  const socket = await letIn(sockets[0]);
  const answers: string[] = [];
  for (const key of ['k1', 'k2', 'k3']) {
    client.set('gh1/heater', true, { key }).then(
      ({ st }) => answers.push(`${key} ${st}`),
      (error: Error) => answers.push(`${key} ${error.name}`),
    );
  }
  const [, first, second] = socket.sent;
  socket.says({ t: 'cres', id: first?.['id'], st: 'done', rev: 1, q: 1 });
  socket.says({ t: 'cres', id: first?.['id'], st: 'done', rev: 1, q: 1 });
  socket.says({ t: 'err', id: second?.['id'], code: 'busy', msg: 'later', retry: true });
  await client[Symbol.asyncDispose]();
  await turn();
  t.deepEqual(answers, ['k1 done', 'k2 StreamError', 'k3 StreamError']);
  await t.throwsAsync(client.set('gh1/heater', false), { name: 'StreamError' });
});

test('a command that was under way at a cut is sent again under its key', async (t) => {
  const { client, sockets } = setup();
  const first = await letIn(sockets[0]);
  const result = client.set('gh1/heater', true, { key: 'k1' });
  t.like(first.sent[1], { t: 'cmd', key: 'k1', to: 'gh1/heater', op: 'set', args: { on: true } });
  first.cut();
  await until(() => sockets.length === 2);
  const second = await letIn(sockets[1]);
  const again = second.sent[1];
  t.like(again, { t: 'cmd', key: 'k1' });
  second.says({ t: 'cres', id: again?.['id'], st: 'done', rev: 3, dup: true });
  t.like(await result, { st: 'done', rev: 3 });
  await client[Symbol.asyncDispose]();
});

test('a heartbeat is answered, so that the server knows the client is there', async (t) => {
  const { client, sockets } = setup();
  const socket = await letIn(sockets[0]);
  socket.says({ t: 'hb', q: 5, ts: 1 });
  t.deepEqual(socket.sent.at(-1), { t: 'hb' });
  await client[Symbol.asyncDispose]();
});

test('waits longer after each failure, at most 10 s, and a random part of it', (t) => {
  const backoff = new Backoff(() => 1);
  t.deepEqual(
    [1, 2, 3, 4, 5, 6, 7, 8].map(() => backoff.next()),
    [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000],
  );
  backoff.reset();
  t.is(backoff.next(), 250);
  t.is(new Backoff(() => 0).next(), 0);
});
