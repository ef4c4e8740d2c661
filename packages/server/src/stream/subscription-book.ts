import type { Kind, Lost, Sub, Unsub, Ack, Why } from '@hyphae/client';
import type { MeasurementStore } from '@hyphae/core/store';
import type { Identity } from '../auth/token-store.js';
import { countMatching, findTime } from './log-search.js';
import { LatestGroup } from './latest-group.js';
import { LatestSubscription } from './latest-subscription.js';
import { LosslessSubscription } from './lossless-subscription.js';
import { selectorProblem } from './selector.js';
import { StreamFailure } from './stream-failure.js';
import type { StreamHub } from './stream-hub.js';
import type { Subscription, SubscriptionHost } from './subscription.js';
import { textFrame } from './text-frame.js';

const DEFAULT_KINDS: readonly Kind[] = ['m', 's', 'e'];
const SAMPLE_MS = 1_000;

/** Where a subscription starts, and why not where the client wanted. */
interface Start {
  readonly at: number;
  readonly resumed: boolean;
  readonly why?: Why;
  readonly lost?: Lost;
  readonly snapshot: boolean;
}

/** The subscriptions of one connection. */
export class SubscriptionBook {
  readonly #open = new Map<number, Subscription>();
  /** Asked for, while their start is being looked up. */
  readonly #pending = new Set<number>();
  /** Those of them that wait for room in the socket. */
  readonly #queue: (() => void)[] = [];
  #last = 0;
  #closed = false;

  constructor(
    readonly host: SubscriptionHost,
    readonly hub: StreamHub,
    readonly store: MeasurementStore,
    readonly who: Identity,
  ) {}

  get size(): number {
    return this.#open.size + this.#pending.size;
  }

  get lossless(): boolean {
    for (const subscription of this.#open.values()) if (subscription.mode === 'lossless') return true;
    return false;
  }

  /** Starts a subscription. @throws StreamFailure */
  async subscribe(message: Sub): Promise<void> {
    const { limits } = this.host;
    const { id, sel, from } = message;
    this.#last = Math.max(this.#last, id);
    if (!this.who.scopes.includes('read')) throw new StreamFailure('forbidden', 'the token may not read');
    if ('dead' in message) throw new StreamFailure('bad_field', 'dead bands are not supported');
    if (this.size >= limits.subs) throw new StreamFailure('too_many_subs', `at most ${limits.subs} subscriptions`);
    if (sel.length > limits.selectors) {
      throw new StreamFailure('too_many_selectors', `at most ${limits.selectors} selectors`);
    }
    for (const selector of sel) {
      if (selectorProblem(selector)) throw new StreamFailure('bad_selector', 'a selector is not well formed');
    }
    this.#pending.add(id);
    try {
      const q =
        typeof from === 'object' && 'tsMs' in from
          ? await findTime(this.store, this.host.clock, from.tsMs, this.hub.head)
          : undefined;
      // Its first message names every channel: a client that asks for much at once gets one after the other.
      if (this.#queue.length > 0 || this.host.writer.congested) {
        await new Promise<void>((go) => void this.#queue.push(go));
      }
      if (!this.#pending.has(id)) return; // ended meanwhile
      this.#start(message, q);
    } finally {
      this.#pending.delete(id);
      this.#next();
    }
  }

  /** @throws StreamFailure `not_found` */
  unsubscribe({ id, sub }: Unsub): void {
    const subscription = this.#open.get(sub);
    if (subscription) {
      this.#open.delete(sub);
      subscription.close();
      this.hub.leave(subscription.group);
    } else if (!this.#pending.delete(sub)) {
      throw new StreamFailure('not_found', 'there is no such subscription');
    } else {
      const msg = 'the subscription was ended before it began';
      this.host.writer.send({ t: 'err', id: sub, code: 'not_found', msg, retry: false }); // its request is answered as well
    }
    this.host.writer.send({ t: 'end', id, sub, code: 'unsub' });
  }

  /** @throws StreamFailure for one that never was, or records never sent */
  ack({ sub, q }: Ack): void {
    const subscription = this.#open.get(sub);
    if (!subscription) {
      if (sub <= this.#last) return; // ended while the acknowledgement was on its way
      throw new StreamFailure('not_found', 'there is no such subscription');
    }
    if (!subscription.ack(q)) throw new StreamFailure('bad_field', 'q is ahead of what was sent');
    this.pump();
  }

  /** Goes on where window or socket had no room. Latest values are only right at the head, so they wait for a flush. */
  pump(): void {
    for (const subscription of this.#open.values()) {
      if (subscription.mode === 'lossless') subscription.pump();
      else this.hub.wake();
    }
    this.#next();
  }

  /** Lets the next one that waits for room begin, if there is room. */
  #next(): void {
    if (this.#queue.length > 0 && !this.host.writer.congested) this.#queue.shift()?.();
  }

  /** Moves resume points of quiet subscriptions. */
  progress(nextMs: number): void {
    for (const subscription of this.#open.values()) subscription.progress(nextMs);
  }

  ended(subscription: Subscription): void {
    this.#open.delete(subscription.sub);
    this.hub.leave(subscription.group);
  }

  /** The connection is over. */
  close(): void {
    this.#closed = true;
    this.#pending.clear();
    for (const go of this.#queue.splice(0)) go();
    for (const subscription of this.#open.values()) {
      subscription.close();
      this.hub.leave(subscription.group);
    }
    this.#open.clear();
  }

  /**
   * In one turn, without a gap: everything committed so far is flushed, the subscription stands at the head, and the state
   * it copies is the state at the head.
   */
  #start(message: Sub, q?: number): void {
    if (this.#closed) return;
    const { id, sel, kinds = DEFAULT_KINDS, mode = 'lossless', minMs, maxMs } = message;
    const { hub, host } = this;
    const spec = { sel, kinds, allowed: this.who.channels };
    const group =
      mode === 'lossless' ? hub.lossless(spec) : hub.latest(spec, minMs ?? (mode === 'sample' ? SAMPLE_MS : 0));
    if (group.handles.length > host.limits.channelsPerSub) {
      hub.leave(group);
      throw new StreamFailure('too_large', `at most ${host.limits.channelsPerSub} channels in a subscription`);
    }
    const start = this.#startAt(message, q ?? 0); // a time before all there is lies below any floor
    const subscription =
      group instanceof LatestGroup
        ? new LatestSubscription(id, host, group, start.at)
        : new LosslessSubscription(id, host, group, start.at, hub.reader);
    if (maxMs !== undefined) subscription.maxMs = Math.min(maxMs, host.limits.heartbeatMs);
    group.cursors.add(subscription);
    this.#open.set(id, subscription);
    host.counters.subscriptions++;
    if (start.resumed) host.counters.resumed++;
    const { at, resumed, why, lost } = start;
    const told = { ...(why ? { why } : {}), ...(lost ? { lost } : {}) };
    const channels = `{${group.handles.map((handle) => hub.state.channel(handle)?.entry).join(',')}}`;
    const head = JSON.stringify({ t: 'subok', id, sub: id, e: hub.epoch, at, resumed, ...told });
    host.writer.frame(textFrame(`${head.slice(0, -1)},"ch":${channels}}`));
    if (start.snapshot) subscription.startSnapshot(at, hub.snapshot(group));
    if (subscription instanceof LatestSubscription && at < hub.head) this.#count(subscription, at);
    subscription.pump();
  }

  #startAt({ from, snap }: Sub, q: number): Start {
    const { head, epoch } = this.hub;
    if (from === undefined) return { at: head, resumed: false, snapshot: snap ?? true };
    if (from === 'now') return { at: head, resumed: false, snapshot: snap ?? false };
    const wanted = 'q' in from ? from.q : q;
    const refused = (why: Why, lost: Lost): Start => {
      this.host.counters.notResumed++;
      return { at: head, resumed: false, why, lost, snapshot: true };
    };
    if ('e' in from && from.e !== epoch) return refused('epoch', { from: from.q, to: head });
    if (wanted > head) {
      this.host.counters.ahead++;
      this.host.alarm('a client knows records this log does not have: acknowledged records were lost', {
        head,
        client: wanted,
      });
      return refused('ahead', { from: head, to: wanted });
    }
    if (wanted < this.store.floor) return refused('expired', { from: wanted, to: head });
    if (head - wanted > this.host.limits.resumeRecords) return refused('too_many', { from: wanted, to: head });
    return { at: wanted, resumed: true, snapshot: false };
  }

  /** How many records a latest subscription folds over its absence has to be counted before it can go on. */
  #count(subscription: LatestSubscription, after: number): void {
    subscription.startCounting();
    const { head, reader } = this.hub;
    void countMatching(reader, subscription.group.wants, after, head).then(
      (count) => {
        if (count === undefined) return subscription.end('expired', { from: after, to: head });
        subscription.counted(count);
        this.hub.wake();
      },
      () => subscription.end('internal'),
    );
  }
}
