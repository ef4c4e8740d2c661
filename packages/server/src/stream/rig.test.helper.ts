import { once } from 'node:events';
import { type ClientMessage, type ServerMessage, SUBPROTOCOL } from '@hyphae/client';
import {
  type Clock,
  InstanceUnknownError,
  LocalEventBus,
  type Logger,
  type Measurement,
  OutputOwnedError,
  OutputRangeError,
  silentLogger,
  SystemClock,
} from '@hyphae/core';
import type { Node, NodeEvents, OutputRequest, OutputStatus } from '@hyphae/core/kernel';
import { type Committed, type LogRecord, openStore, type Store } from '@hyphae/core/store';
import { WebSocket } from 'ws';
import { TokenStore, type TokenSpec } from '../auth/token-store.js';
import { createServer, type Server, type ServerOptions } from '../http/create-server.js';
import type { StreamLimits } from './limits.js';

export const TOKEN = 'a-token-for-tests-of-32-characters';
const PATIENCE_MS = 10_000;

type Message<T extends ServerMessage['t']> = Extract<ServerMessage, { t: T }>;

/** One WebSocket that keeps what it receives. */
export class TestClient {
  readonly received: ServerMessage[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #cursor = 0;
  #wake: () => void = () => {};
  #isClosed = false;

  constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => {
      this.received.push(JSON.parse((data as Buffer).toString()) as ServerMessage);
      this.#wake();
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) =>
      socket.once('close', (code, reason) => {
        this.#isClosed = true;
        resolve({ code, reason: reason.toString() });
        this.#wake();
      }),
    );
  }

  send(message: ClientMessage | Record<string, unknown>): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The next message of a type; others in between are passed over. */
  async next<T extends ServerMessage['t']>(
    t: T,
    wanted: (message: Message<T>) => boolean = () => true,
  ): Promise<Message<T>> {
    for (;;) {
      while (this.#cursor < this.received.length) {
        const message = this.received[this.#cursor++];
        if (message?.t === t && wanted(message as Message<T>)) return message as Message<T>;
      }
      if (this.#isClosed) throw new Error(`closed while waiting for ${t}`);
      await new Promise<void>((resolve, reject) => {
        const patience = AbortSignal.timeout(PATIENCE_MS);
        const give = () => reject(new Error(`no ${t} came; last: ${JSON.stringify(this.received.at(-1))}`));
        patience.addEventListener('abort', give, { once: true });
        this.#wake = () => {
          patience.removeEventListener('abort', give);
          resolve();
        };
      });
    }
  }

  /** Every message of a type so far. */
  all<T extends ServerMessage['t']>(t: T): Message<T>[] {
    return this.received.filter((message): message is Message<T> => message.t === t);
  }

  async close(): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }
}

/** A node with no instances but two outputs, whose log the test writes. */
class FakeNode {
  readonly events = new LocalEventBus<NodeEvents>(() => {});
  readonly scheduler = {
    metrics: { tasks: 0, running: 0, runs: 0, failures: 0, overruns: 0, latenessMs: { p50: 0, p99: 0, max: 0 } },
  };
  /** Every value an output was really set to. */
  readonly applied: [string, number][] = [];
  /** What a set waits for. */
  gate: Promise<void> = Promise.resolve();
  readonly #states = new Map<string, OutputStatus>();

  readonly outputs = {
    list: () => [...this.#states.values()],
    get: (id: string) => this.#get(id),
    set: async (id: string, { value, owner, ifRev, override }: OutputRequest) => {
      const state = this.#get(id);
      if (value < 0 || value > 1) throw new OutputRangeError({ output: id, value, range: '0 to 1' });
      if (state.owner !== null && state.owner !== owner && !override) {
        throw new OutputOwnedError({ output: id, owner: state.owner });
      }
      if (ifRev !== undefined && ifRev !== state.rev) throw new OutputOwnedError({ output: id, owner: 'somebody' });
      await this.gate;
      this.applied.push([id, value]);
      const next = { ...state, desired: value, confirmed: value, owner, rev: state.rev + 1 };
      this.#states.set(id, next);
      return next;
    },
    release: async (id: string, owner: string) => {
      const state = this.#get(id);
      if (state.owner === owner)
        this.#states.set(id, { ...state, owner: null, confirmed: state.safe, rev: state.rev + 1 });
      return this.#get(id);
    },
  };

  constructor(readonly clock: Clock) {
    for (const id of ['gh1/heater', 'gh1/fan']) {
      this.#states.set(id, {
        id,
        mode: 'switch',
        unit: '1',
        range: [0, 1],
        safe: 0,
        desired: 0,
        confirmed: 0,
        owner: null,
        rev: 0,
        onMs: 0,
        switches: 0,
      });
    }
  }

  #get(id: string): OutputStatus {
    const state = this.#states.get(id);
    if (!state) throw new InstanceUnknownError({ instance: id, kind: 'output', known: [...this.#states.keys()] });
    return state;
  }

  status(): [] {
    return [];
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }
}

/** Options of a rig. */
export interface RigOptions {
  readonly limits?: Partial<StreamLimits>;
  readonly tokens?: readonly TokenSpec[];
  readonly clock?: Clock;
  readonly log?: Logger;
  readonly store?: Store;
  readonly server?: Partial<ServerOptions>;
}

/** A server on a loopback port over a memory store, and clients of it. */
export class Rig implements AsyncDisposable {
  readonly tokens: TokenStore;
  readonly clients: TestClient[] = [];
  server!: Server;
  #time = 1_700_000_000_000;

  private constructor(
    readonly node: FakeNode,
    readonly store: Store,
    readonly clock: Clock,
    tokens: readonly TokenSpec[],
  ) {
    this.tokens = new TokenStore(tokens);
  }

  static async open({
    limits = {},
    tokens = [{ token: TOKEN, name: 'tester' }],
    ...options
  }: RigOptions = {}): Promise<Rig> {
    const clock = options.clock ?? new SystemClock();
    const store = options.store ?? (await openStore({ client: 'memory', clock }));
    const rig = new Rig(new FakeNode(clock), store, clock, tokens);
    await rig.serve(limits, options);
    return rig;
  }

  /** Starts the server, again if it was stopped. */
  async serve(limits: Partial<StreamLimits> = {}, { log = silentLogger, server = {} }: RigOptions = {}): Promise<void> {
    this.server = await createServer({
      node: this.node as unknown as Node, // has what the server uses of a node
      store: this.store,
      clock: this.clock,
      log,
      info: { name: 'rig', version: '0.0.0' },
      tokens: this.tokens,
      listen: { host: '127.0.0.1', port: 0 },
      limits: { handshakesPerSecond: 1_000, ...limits },
      ...server,
    });
  }

  /** Commits readings: value by path. */
  async commit(values: Readonly<Record<string, number | null>>, kind: 'm' | 's' | 'e' = 'm'): Promise<Committed> {
    const records = Object.entries(values).map(([path, value]): Measurement => {
      const cut = path.lastIndexOf('/');
      const quality = value === null ? 'bad' : 'good';
      const at = this.#time++;
      return { source: path.slice(0, cut), channel: path.slice(cut + 1), value, unit: 'Cel', at, quality, kind };
    });
    return this.append(records);
  }

  async append(records: readonly Measurement[]): Promise<Committed> {
    const committed = await this.store.measurements.append(records);
    this.node.events.publish('committed', committed);
    return committed;
  }

  /** Everything in the log after `q`. */
  log(after = 0): Promise<readonly LogRecord[]> {
    return this.store.measurements.read(after, 1_000_000);
  }

  /** A socket, before anything was said. */
  async socket(headers: Record<string, string> = {}, options: object = {}): Promise<TestClient> {
    const url = `${this.server.url.replace('http', 'ws')}/api/v1/stream`;
    const socket = new WebSocket(url, SUBPROTOCOL, { headers, ...options });
    const client = new TestClient(socket);
    this.clients.push(client);
    await once(socket, 'open');
    return client;
  }

  /** A client that is let in. */
  async connect(token = TOKEN): Promise<TestClient> {
    const client = await this.socket();
    await client.next('hello');
    client.send({ t: 'auth', token });
    await client.next('ready');
    return client;
  }

  fetch(path: string, { token = TOKEN, ...init }: RequestInit & { token?: string | null } = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (token !== null && !headers.has('authorization')) headers.set('authorization', `Bearer ${token}`);
    return fetch(`${this.server.url}${path}`, { ...init, headers });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.clients) client.socket.terminate();
    await this.server.close();
    await this.store[Symbol.asyncDispose]();
  }
}

/** Applies frames the way a client does, and checks that they tile: each starts where the one before ended. */
export function tiled(
  frames: readonly { from: number; to: number; r: readonly (readonly unknown[])[] }[],
  at: number,
): unknown[][] {
  const rows: unknown[][] = [];
  let to = at;
  let q = at;
  for (const frame of frames) {
    if (frame.from !== to) throw new Error(`a frame starts at ${frame.from} after one that ended at ${to}`);
    for (const row of frame.r) {
      const [next] = row as [number];
      if (next <= q || next > frame.to) throw new Error(`record ${next} after ${q} in (${frame.from}, ${frame.to}]`);
      q = next;
      rows.push([...row]);
    }
    to = frame.to;
  }
  return rows;
}
