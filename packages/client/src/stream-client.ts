import { staysAwayMs, streamAddress } from './address.js';
import { Backoff } from './backoff.js';
import { type CommandOptions, PendingCommands } from './pending-commands.js';
import {
  type ClientMessage,
  type Cmd,
  type CommandResult,
  type Err,
  type Ready,
  type ServerMessage,
  SUBPROTOCOL,
} from './protocol.js';
import { closedWith, StreamError } from './stream-error.js';
import { Subscription, type SubscribeOptions, type SubscriptionPort } from './subscription.js';
import type { WebSocketClass, WebSocketLike } from './web-socket-like.js';

const STABLE_MS = 60_000;
/** Close code of RFC 6455 §7.4.1 for a message that is too big. */
const TOO_LARGE = 1009;
/** Before a request that failed for the moment is repeated. */
const RETRY_MS = 1_000;

/** How to reach a node. */
export interface StreamClientOptions {
  /** The node, such as `http://127.0.0.1:8080`; `ws:` and the stream's whole address are understood as well. */
  readonly url: string;
  /** The token, or where to get it each time a connection is made. */
  readonly token?: string | (() => string | Promise<string>);
  /** Gets a one-time ticket instead (`POST /api/v1/stream-tickets`). */
  readonly ticket?: () => Promise<string>;
  /** Appears in the node's log. */
  readonly name?: string;
  /** Default: the global one (browsers, Node from 22). On Node 20 give that of the package `ws`. */
  readonly WebSocket?: WebSocketClass;
  /** In [0, 1). Default `Math.random`. */
  readonly random?: () => number;
}

/** Where the connection stands. `closed`: for good. */
export type ConnectionState = 'connecting' | 'open' | 'waiting' | 'closed';

/**
 * A connection to a node's stream that keeps itself up: it comes back with back-off and full jitter, goes on with every
 * subscription where it stood, and repeats commands under their key, which carries them out once.
 */
export class StreamClient implements AsyncDisposable, SubscriptionPort {
  readonly #options: StreamClientOptions;
  readonly #backoff: Backoff;
  readonly #subscriptions = new Set<Subscription>();
  readonly #requested = new Map<number, Subscription>();
  readonly #commands = new PendingCommands();
  #state: ConnectionState = 'connecting';
  #socket: WebSocketLike | undefined;
  #ready: Ready | undefined;
  /** Ids increase within a connection; here over all of them, so that a waiting command never shares one. */
  #nextId = 1;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #stable: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #heardMs = 0;
  readonly #later = new Set<ReturnType<typeof setTimeout>>();
  #waiters: { resolve: (ready: Ready) => void; reject: (error: StreamError) => void }[] = [];
  /** Told of each change. */
  onState: (state: ConnectionState, why?: StreamError) => void = () => {};

  constructor(options: StreamClientOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.random ?? Math.random);
    this.#connect();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Resolves with what the node said once a connection is open. @throws StreamError when none can be had for good */
  ready(): Promise<Ready> {
    if (this.#ready) return Promise.resolve(this.#ready);
    if (this.#state === 'closed') return Promise.reject(new StreamError('closed', 'the client is closed'));
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Subscribes; now, or as soon as there is a connection. */
  subscribe(selectors: readonly string[], options: SubscribeOptions = {}): Subscription {
    const subscription = new Subscription(selectors, options, this);
    if (this.#state === 'closed') subscription.fail(new StreamError('closed', 'the client is closed'));
    else {
      this.#subscriptions.add(subscription);
      if (this.#ready) this.#request(subscription);
    }
    return subscription;
  }

  /** Sets an output and resolves with how that ended. @throws StreamError when it was not accepted */
  set(output: string, value: number | boolean, options: CommandOptions = {}): Promise<CommandResult> {
    return this.#command(output, 'set', typeof value === 'boolean' ? { on: value } : { value }, options);
  }

  /** Gives an output back. @throws StreamError */
  release(output: string, options: CommandOptions = {}): Promise<CommandResult> {
    return this.#command(output, 'release', undefined, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(new StreamError('closed', 'the client is closed'));
  }

  /** @internal */
  ack(sub: number, q: number): void {
    this.#send({ t: 'ack', sub, q });
  }

  /** @internal */
  unsubscribe(subscription: Subscription): void {
    this.#subscriptions.delete(subscription);
    const { sub } = subscription;
    if (sub > 0 && this.#ready) this.#send({ t: 'unsub', id: this.#nextId++, sub });
    this.#requested.delete(sub);
  }

  /** @internal */
  resubscribe(subscription: Subscription): void {
    const { sub } = subscription;
    if (sub > 0) this.#send({ t: 'unsub', id: this.#nextId++, sub });
    this.#requested.delete(sub);
    if (this.#ready) this.#request(subscription);
  }

  #command(to: string, op: Cmd['op'], args: Cmd['args'], options: CommandOptions): Promise<CommandResult> {
    if (this.#state === 'closed') return Promise.reject(new StreamError('closed', 'the client is closed'));
    const what = { to, op, ...(args ? { args } : {}) };
    return this.#commands.add(this.#nextId++, what, options, (message) => {
      if (this.#ready) this.#send(message);
    });
  }

  #connect(): void {
    this.#become('connecting');
    const { WebSocket = (globalThis as { WebSocket?: WebSocketClass }).WebSocket } = this.#options; // where there is one
    if (!WebSocket)
      return this.#end(new StreamError('connection', 'there is no WebSocket here: give one as an option'));
    let socket: WebSocketLike;
    try {
      socket = new WebSocket(streamAddress(this.#options.url), SUBPROTOCOL);
    } catch (error) {
      return this.#end(new StreamError('connection', error instanceof Error ? error.message : 'no connection'));
    }
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#received(String(data));
    };
    socket.onerror = () => {}; // onclose follows
    socket.onclose = ({ code, reason }) => {
      if (socket === this.#socket) this.#lost(code, reason);
    };
  }

  #received(text: string): void {
    this.#heardMs = Date.now();
    const message = JSON.parse(text) as ServerMessage; // the node sends nothing else under this subprotocol
    switch (message.t) {
      case 'hello':
        return void this.#authenticate();
      case 'ready':
        return this.#opened(message);
      case 'subok':
        return this.#requested.get(message.sub)?.started(message);
      case 'snap':
        return this.#requested.get(message.sub)?.snapshot(message);
      case 'd':
        return this.#requested.get(message.sub)?.delta(message, text.length);
      case 'end':
        return this.#ended(message.sub, message.code);
      case 'hb':
        this.#send({ t: 'hb' });
        return;
      case 'cres':
        return this.#commands.resolve(message);
      case 'err':
        return this.#refused(message);
      case 'cack':
        return;
    }
  }

  async #authenticate(): Promise<void> {
    const { token, ticket, name } = this.#options;
    const socket = this.#socket;
    try {
      const proof = ticket
        ? { ticket: await ticket() }
        : { token: typeof token === 'function' ? await token() : (token ?? '') };
      if (socket !== this.#socket) return;
      this.#send({ t: 'auth', ...proof, ...(name === undefined ? {} : { client: { name } }) });
    } catch {
      socket?.close(); // no credentials now: another attempt later
    }
  }

  #opened(ready: Ready): void {
    this.#ready = ready;
    this.#stable = setTimeout(() => this.#backoff.reset(), STABLE_MS);
    this.#watch = setInterval(() => this.#listen(ready.hbMs), ready.hbMs);
    this.#become('open');
    for (const { resolve } of this.#waiters.splice(0)) resolve(ready);
    for (const subscription of this.#subscriptions) if (!subscription.behind) this.#request(subscription);
    for (const message of this.#commands.again(() => this.#nextId++)) this.#send(message);
  }

  #request(subscription: Subscription): void {
    const id = this.#nextId++;
    this.#requested.set(id, subscription);
    this.#send(subscription.request(id));
  }

  #ended(sub: number, code: string): void {
    const subscription = this.#requested.get(sub);
    this.#requested.delete(sub);
    if (!subscription || subscription.over || code === 'unsub') return;
    // From where it stands: the node says what is lost. Not at once where the server failed.
    if (code === 'internal') return this.#requestLater(subscription, RETRY_MS);
    subscription.interrupted();
    this.#request(subscription);
  }

  #refused(err: Err): void {
    const { id, code, msg, retry } = err;
    const subscription = id === undefined ? undefined : this.#requested.get(id);
    if (!subscription || id === undefined) return this.#commands.reject(err);
    this.#requested.delete(id);
    if (retry) return this.#requestLater(subscription, err.afterMs ?? RETRY_MS);
    this.#subscriptions.delete(subscription);
    subscription.fail(new StreamError(code, msg, retry));
  }

  /** The server has no room for it now. */
  #requestLater(subscription: Subscription, afterMs: number): void {
    subscription.interrupted();
    const later = setTimeout(() => {
      this.#later.delete(later);
      if (this.#ready && subscription.sub === 0 && !subscription.over) this.#request(subscription);
    }, afterMs);
    this.#later.add(later);
  }

  #lost(code: number, reason: string): void {
    this.#socket = undefined;
    this.#ready = undefined;
    this.#requested.clear();
    clearTimeout(this.#stable);
    clearInterval(this.#watch);
    for (const subscription of this.#subscriptions) subscription.interrupted();
    const why = closedWith(code, reason);
    // What was too large would be so again.
    if ((code >= 4000 && code < 4100) || code === TOO_LARGE) return this.#end(why);
    const now = code >= 4200 && code < 4300;
    this.#become('waiting', why);
    this.#retry = setTimeout(() => this.#connect(), Math.max(now ? 0 : this.#backoff.next(), staysAwayMs(reason)));
  }

  /** A server that says nothing for two heartbeats and a half is not there any more, whatever the socket believes. */
  #listen(hbMs: number): void {
    if (Date.now() - this.#heardMs < 2.5 * hbMs) return;
    const socket = this.#socket;
    this.#lost(1006, 'the server is silent');
    socket?.close();
  }

  #send(message: ClientMessage): void {
    try {
      this.#socket?.send(JSON.stringify(message));
    } catch {
      // the socket is closing; onclose follows
    }
  }

  #become(state: ConnectionState, why?: StreamError): void {
    this.#state = state;
    this.onState(state, why);
  }

  #end(why: StreamError): void {
    if (this.#state === 'closed') return;
    const socket = this.#socket;
    this.#socket = undefined;
    this.#ready = undefined;
    clearTimeout(this.#retry);
    clearTimeout(this.#stable);
    clearInterval(this.#watch);
    for (const later of this.#later) clearTimeout(later);
    this.#become('closed', why);
    socket?.close();
    for (const subscription of this.#subscriptions) {
      if (why.code === 'closed') void subscription[Symbol.asyncDispose]();
      else subscription.fail(why);
    }
    this.#subscriptions.clear();
    this.#commands.rejectAll(why);
    for (const { reject } of this.#waiters.splice(0)) reject(why);
  }
}
