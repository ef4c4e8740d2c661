import { CLOSE, type ClientMessage, type StreamErrorCode } from '@hyphae/client';
import type { Clock, Logger } from '@hyphae/core';
import type { RawData, WebSocket } from 'ws';
import type { Duplex } from 'node:stream';
import type { Login } from '../auth/authenticator.js';
import { TokenBucket } from '../auth/token-bucket.js';
import type { Identity } from '../auth/token-store.js';
import { CommandPort } from './command-port.js';
import { FlowWindow } from './flow-window.js';
import { FrameWriter } from './frame-writer.js';
import type { StreamLimits } from './limits.js';
import { MessageParser } from './message-parser.js';
import { readyMessage } from './ready-message.js';
import { StreamFailure, streamFailure } from './stream-failure.js';
import { SubscriptionBook } from './subscription-book.js';
import type { Subscription, SubscriptionHost } from './subscription.js';
import type { StreamCounters } from './stream-counters.js';
import type { StreamContext } from './stream-context.js';

const ACKS_PER_SECOND = 500;
/** Messages beyond the rate that are refused in a minute before the connection is ended. */
const MOST_IGNORED = 200;

/** One connection: who it is, what it asked for, and what it is owed. */
export class Session implements SubscriptionHost {
  readonly clock: Clock;
  readonly limits: StreamLimits;
  readonly counters: StreamCounters;
  readonly writer: FrameWriter;
  readonly window: FlowWindow;
  readonly #context: StreamContext;
  readonly #log: Logger;
  readonly #parser: MessageParser;
  readonly #messages: TokenBucket;
  readonly #acks: TokenBucket;
  readonly #errors: TokenBucket;
  readonly #ignored: TokenBucket;
  readonly #deadline: Disposable;
  #who: Identity | undefined;
  #book: SubscriptionBook | undefined;
  #commands: CommandPort | undefined;
  #lastId = 0;
  #heardMs: number;

  constructor(
    context: StreamContext,
    socket: WebSocket,
    wire: Duplex,
    readonly address: string,
  ) {
    const { clock, limits, counters, log } = context;
    this.#context = context;
    this.clock = clock;
    this.limits = limits;
    this.counters = counters;
    this.#log = log;
    this.#parser = context.parser;
    this.writer = new FrameWriter(socket, wire, clock, limits, counters);
    this.writer.onDrain = () => this.#book?.pump();
    this.window = new FlowWindow(clock, limits);
    this.#messages = new TokenBucket(clock, limits.messagesPerSecond, limits.messageBurst);
    this.#acks = new TokenBucket(clock, ACKS_PER_SECOND, 2 * ACKS_PER_SECOND);
    this.#errors = new TokenBucket(clock, limits.errorsPerMinute / 60, limits.errorsPerMinute);
    this.#ignored = new TokenBucket(clock, MOST_IGNORED / 60, MOST_IGNORED);
    this.#heardMs = clock.monotonic();
    this.#deadline = clock.timer('stream auth', limits.authMs, () => this.close(CLOSE.authTimeout, 'auth timeout'));
    socket.on('message', (data, binary) => this.#received(data, binary));
    socket.on('error', () => {}); // ws closes by itself: 1009 for size, 1007 for text that is not UTF-8, 1002
    socket.once('close', (code) => this.#gone(code));
  }

  get who(): Identity | undefined {
    return this.#who;
  }

  get subscriptions(): number {
    return this.#book?.size ?? 0;
  }

  /** Says hello; a client that showed its credentials in the handshake is let in at once. */
  greet(login: Login): void {
    this.writer.send({ t: 'hello', p: 1, auth: ['token', 'ticket'], deadlineMs: this.limits.authMs });
    if (login.ok || login.why !== 'missing') this.#admit(login);
  }

  /** Called every second, next at `nextMs`: heartbeats, and the ends of those that are slow or silent. */
  tick(nowMs: number, nextMs: number): void {
    if (!this.#who || this.writer.closed) return;
    if (this.#who.expires !== undefined && this.#who.expires <= this.clock.now()) {
      return this.close(CLOSE.tokenChanged, 'token expired');
    }
    if (nowMs - this.#heardMs > this.limits.silenceMs) return this.close(CLOSE.heartbeat, 'silent');
    if (this.window.overdue && this.#book?.lossless) return this.close(CLOSE.slow, 'slow');
    this.#book?.progress(nextMs);
    if (nowMs - this.writer.lastMs >= this.limits.heartbeatMs) {
      this.writer.send({ t: 'hb', q: this.#context.hub.head, ts: this.clock.now() });
      this.writer.ping();
    }
  }

  close(code: number, reason: string): void {
    this.#book?.close();
    this.writer.close(code, reason);
  }

  hold(): void {
    this.#context.hub.hold(this.writer);
  }

  ended(subscription: Subscription): void {
    this.#book?.ended(subscription);
  }

  alarm(message: string, context: object): void {
    this.#log.error(message, { ...context, client: this.#who?.name });
  }

  /** Replies with an error; too many of them end the connection. */
  readonly fail = (failure: StreamFailure, id?: number): void => {
    this.#refuse(failure.code, failure.message, id, failure.retry, failure.afterMs);
  };

  #received(data: RawData, binary: boolean): void {
    if (this.writer.closed) return;
    this.#heardMs = this.clock.monotonic();
    this.counters.received++;
    if (binary) return this.close(CLOSE.malformed, 'not text');
    // ws gives one Buffer with its default binaryType
    const parsed = this.#parser.parse((data as Buffer).toString('utf8'));
    if (!parsed.ok) {
      if (!this.#allowed('other', parsed.id)) return;
      this.#refuse(parsed.code, parsed.msg, parsed.id, false);
      if (parsed.fatal) this.close(CLOSE.malformed, 'malformed');
      return;
    }
    const { message } = parsed;
    if (!this.#allowed(message.t, 'id' in message ? message.id : undefined)) return;
    try {
      this.#dispatch(message);
    } catch (error) {
      this.#failed(error, 'id' in message ? message.id : undefined);
    }
  }

  #dispatch(message: ClientMessage): void {
    if (message.t === 'hb') return;
    if (message.t === 'auth') return this.#authenticate(message);
    const id = 'id' in message ? message.id : undefined;
    if (!this.#book || !this.#commands) throw new StreamFailure('unauthorized', 'authenticate first');
    if (id !== undefined) {
      if (id <= this.#lastId) throw new StreamFailure('id_not_increasing', 'ids have to increase');
      this.#lastId = id;
    }
    switch (message.t) {
      case 'sub':
        return void this.#book.subscribe(message).catch((error: unknown) => this.#failed(error, id));
      case 'unsub':
        return this.#book.unsubscribe(message);
      case 'ack':
        return this.#book.ack(message);
      case 'cmd':
        return this.#commands.command(message);
      case 'renew':
        return this.#commands.renew(message);
      case 'cget':
        return this.#commands.get(message);
    }
  }

  #authenticate({ token, ticket }: Extract<ClientMessage, { t: 'auth' }>): void {
    if (this.#who) throw new StreamFailure('bad_type', 'already authenticated');
    if ((token === undefined) === (ticket === undefined)) {
      throw new StreamFailure('bad_field', 'auth has either a token or a ticket');
    }
    const { authenticator } = this.#context;
    this.#admit(
      token === undefined ? authenticator.ticket(ticket ?? '', this.address) : authenticator.token(token, this.address),
    );
  }

  #admit(login: Login): void {
    if (!login.ok) {
      this.counters.authFailures++;
      const afterMs = login.why === 'limited' ? login.afterMs : undefined;
      this.#refuse('unauthorized', 'the credentials are not accepted', undefined, false, afterMs);
      return this.close(CLOSE.badCredentials, 'bad credentials');
    }
    if (!this.#context.admit(this, login.identity)) {
      this.#refuse('busy', 'too many connections with this token', undefined, true);
      return this.close(CLOSE.overloaded, 'too many connections with this token');
    }
    this.#who = login.identity;
    this.#deadline[Symbol.dispose]();
    const { hub, store, desk } = this.#context;
    this.#book = new SubscriptionBook(this, hub, store, login.identity);
    this.#commands = new CommandPort(this.writer, desk, login.identity, this.limits, this.fail);
    this.writer.send(readyMessage(this.#context, login.identity));
  }

  /** Acknowledgements cost next to nothing and have a bucket of their own. */
  #allowed(t: string, id: number | undefined): boolean {
    const bucket = t === 'ack' ? this.#acks : this.#messages;
    if (bucket.take()) return true;
    const first = this.#ignored.left >= MOST_IGNORED;
    if (!this.#ignored.take()) this.close(CLOSE.rate, 'rate');
    // A request is answered, come what may. It does not count as an error as well: the rate has an end of its own.
    else if (first || id !== undefined) this.#say('rate_limited', 'too many messages', id, true, bucket.waitMs);
    return false;
  }

  #failed(error: unknown, id: number | undefined): void {
    if (!(error instanceof StreamFailure)) this.#log.error('a stream request failed', { error: String(error) });
    this.fail(streamFailure(error), id);
  }

  #refuse(code: StreamErrorCode, msg: string, id: number | undefined, retry: boolean, afterMs?: number): void {
    this.#say(code, msg, id, retry, afterMs);
    if (!this.#errors.take()) this.close(CLOSE.tooManyErrors, 'too many errors');
  }

  #say(code: StreamErrorCode, msg: string, id: number | undefined, retry: boolean, afterMs?: number): void {
    this.counters.failed(code);
    this.writer.send({
      t: 'err',
      ...(id === undefined ? {} : { id }),
      code,
      msg,
      retry,
      ...(afterMs === undefined ? {} : { afterMs }),
    });
  }

  #gone(code: number): void {
    this.#deadline[Symbol.dispose]();
    this.#book?.close();
    this.#log.debug('a stream client left', { client: this.#who?.name, code });
    this.#context.gone(this);
  }
}
