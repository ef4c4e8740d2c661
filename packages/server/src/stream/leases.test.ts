import ava from 'ava';
import { defineOutput, SeededRandom, silentLogger } from '@hyphae/core';
import { createNode, type Node } from '@hyphae/core/kernel';
import { openStore, type Store } from '@hyphae/core/store';
import { VirtualClock } from '@hyphae/core/testing';
import { SUBPROTOCOL } from '@hyphae/client';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { TokenStore, type TokenSpec } from '../auth/token-store.js';
import { createServer, type Server } from '../http/create-server.js';
import { TestClient } from './rig.test.helper.js';
import { framesOf, pass } from './wire.test.helper.js';

const test = ava.serial; // each has a server of its own; a hundred at once would measure the machine

const SCOPES = ['read', 'outputs:write'] as const;
const TOKENS: readonly TokenSpec[] = [
  { token: 'the-token-of-anna-with-32-characters', name: 'anna', scopes: SCOPES },
  { token: 'the-token-of-bert-with-32-characters', name: 'bert', scopes: SCOPES },
  { token: 'the-token-of-the-boss-32-characters', name: 'boss', scopes: [...SCOPES, 'outputs:override'] },
];

/** A real node with one output, its server, and the device as it really is. */
class Bench implements AsyncDisposable {
  readonly clock = new VirtualClock();
  /** The value of the device. */
  device = Number.NaN;
  node!: Node;
  #store!: Store;
  #server!: Server;
  readonly #clients: TestClient[] = [];

  static async open(): Promise<Bench> {
    const bench = new Bench();
    const { clock } = bench;
    const store = (bench.#store = await openStore({ client: 'memory', clock }));
    const node = (bench.node = createNode({ clock, store }));
    const heater = defineOutput({
      id: 'heater',
      mode: 'level',
      safe: 0,
      needs: {},
      start: () => ({ apply: (value) => (bench.device = value) }),
    });
    await clock.run(node.start({ boards: {}, outputs: { 'gh1/heater': { plugin: heater } } }));
    await clock.advance(1_000); // the first state of the output is committed
    bench.#server = await createServer({
      ...{ node, store, clock, log: silentLogger, info: { name: 'bench' }, tokens: new TokenStore(TOKENS) },
      listen: { host: '127.0.0.1', port: 0 },
      limits: { messagesPerSecond: 1_000, messageBurst: 1_000 },
    });
    return bench;
  }

  async connect(name: string): Promise<TestClient> {
    const socket = new WebSocket(`${this.#server.url.replace('http', 'ws')}/api/v1/stream`, SUBPROTOCOL);
    const client = new TestClient(socket);
    this.#clients.push(client);
    await once(socket, 'open');
    client.send({ t: 'auth', token: TOKENS.find((spec) => spec.name === name)?.token });
    await client.next('ready');
    return client;
  }

  /** Sends a command and moves time until its result is there. */
  async command(client: TestClient, id: number, value: number | undefined, more: object = {}) {
    const what = value === undefined ? { op: 'release' } : { op: 'set', args: { value } };
    client.send({ t: 'cmd', id, key: `k${id}`, to: 'gh1/heater', ...what, ...more });
    return this.result(client, id);
  }

  async result(client: TestClient, id: number) {
    for (let i = 0; i < 500; i++) {
      const result = client.all('cres').find((message) => message.id === id);
      if (result) return result;
      await new Promise<void>((resolve) => void setTimeout(resolve, 1));
      await this.clock.advance(1);
    }
    throw new Error(`command ${id} has no result; ${JSON.stringify(client.received.at(-1))}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.socket.terminate();
    await this.#server.close();
    await this.clock.run(this.node[Symbol.asyncDispose]());
    await this.#store[Symbol.asyncDispose]();
  }
}

for (const gone of [false, true]) {
  test(`an output is safe within 100 ms of the end of its lease, ${gone ? 'renewed once, when its client is gone' : 'when nobody renews it'}`, async (t) => {
    await using bench = await Bench.open();
    const { clock } = bench;
    const client = await bench.connect('anna');
    const watcher = await bench.connect('bert');
    watcher.send({ t: 'sub', id: 1, sel: ['gh1/heater/state'], kinds: ['e'] });
    await watcher.next('snap');
    const { lease } = await bench.command(client, 1, 0.5, { lease: { ms: 2_000 } });
    t.is(bench.device, 0.5);
    if (gone) {
      await clock.advance(1_500);
      client.send({ t: 'renew', id: 2, lease });
      t.like(await bench.result(client, 2), { st: 'done', lease });
      await client.close();
    }
    await clock.advance(1_900);
    t.is(bench.device, 0.5, 'it lasts as long as was asked for');
    await clock.advance(200);
    t.is(bench.device, 0);
    t.is(bench.node.outputs.get('gh1/heater').owner, null);
    await pass(clock, 100);
    t.deepEqual(
      framesOf(watcher, 1).flatMap(({ r }) => r.map(([, , value]) => value)),
      [0.5, 0],
    );
  });
}

test('of two that write at the same time one owns the output, and the log never shows the other', async (t) => {
  await using bench = await Bench.open();
  const random = new SeededRandom(21);
  const [anna, bert] = [await bench.connect('anna'), await bench.connect('bert')];
  const values = new Map([
    [anna, 0.25],
    [bert, 0.75],
  ]);
  const log: [owner: string | null, value: number | null][] = [];
  bench.node.events.subscribe('output', ({ owner, confirmed }) => log.push([owner, confirmed]));
  let id = 0;
  const wins = new Map([...values.keys()].map((client) => [client, 0]));
  for (let round = 0; round < 25; round++) {
    log.length = 0;
    id++;
    const order = random.next() < 0.5 ? [anna, bert] : [bert, anna];
    for (const client of order) {
      const args = { value: values.get(client) };
      client.send({ t: 'cmd', id, key: `k${id}`, to: 'gh1/heater', op: 'set', args, lease: { ms: 5_000 } });
      if (random.next() < 0.5) await new Promise<void>((resolve) => void setTimeout(resolve, 1));
    }
    const results = new Map([
      [anna, await bench.result(anna, id)],
      [bert, await bench.result(bert, id)],
    ]);
    const won = order.filter((client) => results.get(client)?.st === 'done');
    t.is(won.length, 1);
    const [winner = anna] = won;
    const loser = winner === anna ? bert : anna;
    wins.set(winner, (wins.get(winner) ?? 0) + 1);
    t.like(results.get(loser), { st: 'rejected' });
    t.is(results.get(loser)?.err?.code, 'not_owner');
    // Neither a release nor a command of the other helps it.
    t.is((await bench.command(loser, ++id, undefined)).st, 'done', 'giving back what one has not');
    t.is((await bench.command(loser, ++id, 0)).err?.code, 'not_owner');
    t.is(bench.device, values.get(winner) ?? Number.NaN);
    await bench.command(winner, ++id, undefined);
    t.is(bench.device, 0);
    const name = winner === anna ? 'client anna' : 'client bert';
    const distinct = log.filter((entry, i) => JSON.stringify(entry) !== JSON.stringify(log[i - 1]));
    const given = [
      [name, values.get(winner)],
      [null, 0],
    ];
    t.deepEqual(
      distinct.filter(([, value]) => value !== null),
      given,
    );
  }
  t.true(
    [...wins.values()].every((count) => count > 3),
    'both have won',
  );
});

test('rev fences: of two that may override and saw the same revision one is done', async (t) => {
  await using bench = await Bench.open();
  const [one, two] = [await bench.connect('boss'), await bench.connect('boss')];
  for (let round = 1; round <= 10; round++) {
    const { rev } = bench.node.outputs.get('gh1/heater');
    for (const [client, value] of [
      [one, 0.1],
      [two, 0.9],
    ] as const) {
      const args = { value: value + round / 1_000 };
      client.send({ t: 'cmd', id: round, key: `${value}:${round}`, to: 'gh1/heater', op: 'set', args, if: { rev } });
    }
    const results = [await bench.result(one, round), await bench.result(two, round)];
    t.deepEqual(results.map(({ st }) => st).sort(), ['done', 'rejected']);
    t.is(results.find(({ st }) => st === 'rejected')?.err?.code, 'not_owner');
  }
});

test('an override takes the output, and the lease it took it from cannot be renewed', async (t) => {
  await using bench = await Bench.open();
  const [anna, boss] = [await bench.connect('anna'), await bench.connect('boss')];
  const { lease } = await bench.command(anna, 1, 0.5, { lease: { ms: 2_000 } });
  t.is((await bench.command(boss, 1, 0.1)).st, 'done');
  anna.send({ t: 'renew', id: 2, lease });
  const { code } = await anna.next('err', ({ id }) => id === 2);
  t.true(code === 'not_owner' || code === 'not_found', code);
  await bench.clock.advance(5_000);
  t.is(bench.device, 0.1, 'nor does its end matter any more');
});

test('a command without a lease ends the lease before it: renewing that does not bring the old value back', async (t) => {
  await using bench = await Bench.open();
  const anna = await bench.connect('anna');
  const { lease } = await bench.command(anna, 1, 0.5, { lease: { ms: 2_000 } });
  await bench.command(anna, 2, 0);
  anna.send({ t: 'renew', id: 3, lease });
  t.like(await anna.next('err', ({ id }) => id === 3), { code: 'not_found' });
  t.is(bench.device, 0);
  const second = await bench.command(anna, 4, 0.5, { lease: { ms: 2_000 } });
  await bench.command(anna, 5, undefined);
  anna.send({ t: 'renew', id: 6, lease: second.lease });
  t.like(await anna.next('err', ({ id }) => id === 6), { code: 'not_found' });
  t.is(bench.device, 0);
});
