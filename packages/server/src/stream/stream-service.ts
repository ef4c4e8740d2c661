import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { CLOSE, SUBPROTOCOL } from '@hyphae/client';
import type { Clock, Logger } from '@hyphae/core';
import type { Node } from '@hyphae/core/kernel';
import type { Store } from '@hyphae/core/store';
import { WebSocketServer, WebSocket } from 'ws';
import type { Authenticator } from '../auth/authenticator.js';
import type { OriginPolicy } from '../auth/origin-policy.js';
import type { Identity, TokenStore } from '../auth/token-store.js';
import { HttpRequestError, OverloadedError } from '../http/errors.js';
import { CommandDesk } from './command-desk.js';
import { CommandLedger } from './command-ledger.js';
import { HandshakeGate, refuseHandshake, type ConnectionCounts } from './handshake-gate.js';
import type { StreamLimits } from './limits.js';
import { MessageParser } from './message-parser.js';
import { Session } from './session.js';
import type { StreamContext } from './stream-context.js';
import { StreamCounters } from './stream-counters.js';
import { StreamHub } from './stream-hub.js';

/** Time for the answer to a refused handshake to arrive. */
const REFUSED_MS = 1_000;
const SWEEP_MS = 1_000;
const RETRY_AFTER_MS = 2_000;

/** The library ends too many fragments with 1008. Here that is a matter of size, as the protocol page has it. */
class StreamSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code === 1008 ? 1009 : code, reason);
  }
}

/** What the stream is made of. */
export interface StreamOptions {
  readonly node: Node;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** The node's name. */
  readonly name: string;
  readonly tokens: TokenStore;
  readonly authenticator: Authenticator;
  readonly policy: OriginPolicy;
  readonly limits: StreamLimits;
}

/** The stream: takes over upgrades to WebSocket of an HTTP server, and serves them. */
export class StreamService implements StreamContext, ConnectionCounts, Disposable {
  readonly node: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: StreamLimits;
  readonly counters: StreamCounters;
  readonly hub: StreamHub;
  readonly store;
  readonly desk: CommandDesk;
  readonly authenticator: Authenticator;
  readonly parser = new MessageParser();
  readonly #sessions = new Set<Session>();
  readonly #gate: HandshakeGate;
  readonly #sockets: WebSocketServer;
  readonly #subscriptions: readonly Disposable[];
  #sweep: Disposable | undefined;
  #degraded = false;
  #dropped = 0;
  #closing = false;
  /** Connections that were refused and are not closed yet. */
  readonly #refused = new Set<Duplex>();

  private constructor(options: StreamOptions, hub: StreamHub, counters: StreamCounters) {
    const { node, store, clock, log, name, tokens, authenticator, policy, limits } = options;
    this.node = name;
    this.clock = clock;
    this.log = log;
    this.limits = limits;
    this.counters = counters;
    this.hub = hub;
    this.store = store.measurements;
    this.authenticator = authenticator;
    const ledger = new CommandLedger(store.state, clock, log);
    const { outputs } = node;
    const [head, commit] = [() => hub.head, () => node.flush()];
    this.desk = new CommandDesk({ outputs, ledger, clock, counters, head, commit });
    ledger
      .load()
      .catch((error: unknown) => log.warn('commands of earlier runs are not known yet', { error: String(error) }));
    this.#gate = new HandshakeGate(policy, clock, limits, this);
    this.#sockets = new WebSocketServer({
      noServer: true,
      WebSocket: StreamSocket,
      clientTracking: false,
      maxPayload: limits.messageBytes,
      maxFragments: 64,
      maxBufferedChunks: 256,
      perMessageDeflate: false,
      handleProtocols: () => SUBPROTOCOL, // the gate saw to it that it was offered
    });
    this.#sockets.on('wsClientError', ({ message }, wire) => {
      this.#refuse(wire, new HttpRequestError({ problem: message }));
    });
    hub.onRestart = () => this.closeAll(CLOSE.resync, 'resync');
    this.#subscriptions = [
      node.events.subscribe('storage', ({ degraded, dropped }) => {
        this.#degraded = degraded;
        this.#dropped = dropped;
      }),
      tokens.onChange((id) => this.#tokenChanged(id)),
    ];
    this.#arm();
  }

  /** @throws HYP_STORE */
  static async open(options: StreamOptions): Promise<StreamService> {
    const { node, store, clock, log, limits } = options;
    const counters = new StreamCounters();
    const { measurements } = store;
    const hub = await StreamHub.open({ clock, log, events: node.events, measurements, limits, counters });
    return new StreamService(options, hub, counters);
  }

  get all(): number {
    return this.#sessions.size;
  }

  get subscribed(): number {
    let subscriptions = 0;
    for (const session of this.#sessions) subscriptions += session.subscriptions;
    return subscriptions;
  }

  /** Records the kernel had to drop while the store refused. */
  get dropped(): number {
    return this.#dropped;
  }

  get degraded(): boolean {
    return this.#degraded;
  }

  durable(): boolean {
    return this.store.durable && !this.#degraded;
  }

  of(address: string): { readonly all: number; readonly strangers: number } {
    let all = 0;
    let strangers = 0;
    for (const session of this.#sessions) {
      if (session.address !== address) continue;
      all++;
      if (!session.who) strangers++;
    }
    return { all, strangers };
  }

  /** Serves the upgrades of a server from now on. */
  attach(server: HttpServer): void {
    server.on('upgrade', (request: IncomingMessage, wire: Duplex, head: Buffer) => {
      const refusal = this.#closing ? undefined : this.#gate.refusal(request);
      if (refusal || this.#closing) {
        this.counters.refused++;
        return this.#refuse(wire, refusal ?? new OverloadedError({ why: 'the server is stopping' }));
      }
      this.#sockets.handleUpgrade(request, wire, head, (socket) => this.#opened(socket, wire, request));
    });
  }

  admit(session: Session, who: Identity): boolean {
    let same = 0;
    for (const other of this.#sessions) if (other !== session && other.who?.id === who.id) same++;
    return same < this.limits.socketsPerToken;
  }

  gone(session: Session): void {
    this.#sessions.delete(session);
  }

  closeAll(code: number, reason: string): void {
    for (const session of this.#sessions) session.close(code, reason);
  }

  /** Tells everybody to come back later, and ends. */
  [Symbol.dispose](): void {
    this.#closing = true;
    this.hub.flush();
    this.closeAll(CLOSE.shuttingDown, JSON.stringify({ afterMs: RETRY_AFTER_MS }));
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    this.#sweep?.[Symbol.dispose]();
    this.desk[Symbol.dispose]();
    this.hub[Symbol.dispose]();
    for (const wire of this.#refused) wire.destroy();
  }

  /** A peer may leave its side open for as long as it likes, and then it counts as one of the server's connections. */
  #refuse(wire: Duplex, error: unknown): void {
    refuseHandshake(wire, error);
    this.#refused.add(wire);
    const timer = this.clock.timer('refused handshake', REFUSED_MS, () => wire.destroy());
    wire.once('close', () => {
      timer[Symbol.dispose]();
      this.#refused.delete(wire);
    });
  }

  #opened(socket: WebSocket, wire: Duplex, request: IncomingMessage): void {
    this.counters.handshakes++;
    const address = request.socket.remoteAddress ?? '';
    const session = new Session(this, socket, wire, address);
    this.#sessions.add(session);
    session.greet(this.authenticator.header(request.headers.authorization, address));
  }

  #tokenChanged(id: string): void {
    this.authenticator.tickets.forget(id);
    for (const session of this.#sessions) {
      if (session.who?.id === id) session.close(CLOSE.tokenChanged, 'token changed');
    }
  }

  /** One timer looks after all connections. */
  #arm(): void {
    this.#sweep = this.clock.timer('stream sweep', SWEEP_MS, () => {
      const now = this.clock.monotonic();
      for (const session of this.#sessions) session.tick(now, now + SWEEP_MS);
      this.#arm();
    });
  }
}
