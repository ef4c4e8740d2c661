import { randomUUID } from 'node:crypto';
import type { Cmd } from '@hyphae/client';
import type { Clock } from '@hyphae/core';
import type { Outputs, OutputStatus } from '@hyphae/core/kernel';
import type { Identity } from '../auth/token-store.js';
import { commandDigest, type CommandLedger, type Outcome } from './command-ledger.js';
import { StreamFailure, streamFailure } from './stream-failure.js';
import type { StreamCounters } from './stream-counters.js';

/** A command, from the stream or from REST. */
export type Command = Omit<Cmd, 't' | 'id'>;

/** How it ended; `dup` when it had been carried out before. */
export type Carried = Outcome & { readonly key: string; readonly dup?: true };

interface Lease {
  readonly token: string;
  readonly to: string;
  readonly value: number;
  readonly ms: number;
  readonly timer: Disposable;
}

/** What the desk works with. */
export interface DeskOptions {
  readonly outputs: Outputs;
  readonly ledger: CommandLedger;
  readonly clock: Clock;
  readonly counters: StreamCounters;
  /** The head of the log. */
  readonly head: () => number;
  /** Waits until what has happened so far is committed. */
  readonly commit: () => Promise<void>;
}

/** Carries out commands: each once, one at a time per output, in the order they came, none after its time to live. */
export class CommandDesk {
  readonly #options: DeskOptions;
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #leases = new Map<string, Lease>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /**
   * Carries out a command and tells how it ended. `accepted` is called once it is recorded.
   *
   * @throws StreamFailure when it was not even accepted
   */
  async carryOut(who: Identity, command: Command, accepted: () => void): Promise<Carried> {
    const { ledger, clock, outputs, counters } = this.#options;
    const receivedMs = clock.monotonic();
    const { key, to, op } = command;
    if (!who.scopes.includes('outputs:write'))
      throw new StreamFailure('forbidden', 'the token may not command outputs');
    const value = op === 'set' ? wanted(command) : undefined;
    const status = this.#status(to);
    const { ttlMs, ...asked } = command; // the time to live belongs to one attempt, not to what is asked
    const what = commandDigest(asked);
    await this.#load();
    const before = ledger.find(who.id, key);
    if (before) {
      if (before.what !== what) throw new StreamFailure('idem_conflict', 'the key was used for another command');
      accepted();
      return { ...(await before.outcome), key, dup: true };
    }
    counters.commands++;
    // What makes an output safe must work with a full disk as well; doing it twice does no harm.
    const harmless = op === 'release' || value === status.safe;
    const finish = await ledger.accept(who.id, key, what, !harmless).catch((error: unknown) => {
      throw streamFailure(error);
    });
    accepted();
    const outcome = await this.#inTurn(to, async (): Promise<Outcome> => {
      if (ttlMs !== undefined && clock.monotonic() - receivedMs > ttlMs) {
        const err = { code: 'expired', msg: 'its time to live was over before its turn came' } as const;
        return { st: 'expired', ...this.#as(to), err };
      }
      try {
        const { rev } =
          value === undefined
            ? await outputs.release(to, owner(who))
            : await outputs.set(to, {
                value,
                owner: owner(who),
                override: who.scopes.includes('outputs:override'),
                ...(command.lease ? { leaseMs: command.lease.ms } : {}),
                ...(command.if ? { ifRev: command.if.rev } : {}),
              });
        for (const [id, earlier] of this.#leases) if (earlier.to === to) this.#drop(id); // renewing one would undo this
        const lease = command.lease && value !== undefined ? this.#lease(who, to, value, command.lease.ms) : undefined;
        await this.#options.commit();
        return { st: 'done', rev, q: this.#options.head(), ...(lease === undefined ? {} : { lease }) };
      } catch (error) {
        const { code, message } = streamFailure(error);
        const refused = code === 'out_of_range' || code === 'not_owner' || code === 'interlock' || code === 'not_found';
        return { st: refused ? 'rejected' : 'failed', ...this.#as(to), err: { code, msg: message } };
      }
    });
    await finish(outcome);
    return { ...outcome, key };
  }

  /** How a command ended, once it has. @throws StreamFailure `not_found` */
  async recall(who: Identity, key: string): Promise<Carried> {
    await this.#load();
    const before = this.#options.ledger.find(who.id, key);
    if (!before) throw new StreamFailure('not_found', 'no command with this key is remembered');
    return { ...(await before.outcome), key };
  }

  /** Gives a lease its full time again. @throws StreamFailure `not_found` when it is over or somebody else's, or as for a command */
  async renew(who: Identity, id: string): Promise<Outcome> {
    const { to } = this.#leaseOf(who, id);
    return this.#inTurn(to, () => this.#renew(who, id));
  }

  [Symbol.dispose](): void {
    for (const id of this.#leases.keys()) this.#drop(id);
  }

  async #renew(who: Identity, id: string): Promise<Outcome> {
    const { to, value, ms } = this.#leaseOf(who, id); // it may have ended before its turn came
    if (this.#status(to).owner !== owner(who)) {
      this.#drop(id);
      throw new StreamFailure('not_owner', 'the output has another owner by now');
    }
    try {
      const { rev } = await this.#options.outputs.set(to, { value, owner: owner(who), leaseMs: ms });
      this.#drop(id);
      this.#keep(id, { token: who.id, to, value, ms });
      return { st: 'done', rev, q: this.#options.head(), lease: id };
    } catch (error) {
      throw streamFailure(error);
    }
  }

  #leaseOf(who: Identity, id: string): Lease {
    const lease = this.#leases.get(id);
    if (!lease || lease.token !== who.id) throw new StreamFailure('not_found', 'there is no such lease');
    return lease;
  }

  #status(to: string): OutputStatus {
    try {
      return this.#options.outputs.get(to);
    } catch (error) {
      throw streamFailure(error);
    }
  }

  /** Where the output and the log stand, for a command that changed neither. */
  #as(to: string): Pick<Outcome, 'rev' | 'q'> {
    const q = this.#options.head();
    try {
      return { rev: this.#options.outputs.get(to).rev, q };
    } catch {
      return { q }; // the output was taken away meanwhile
    }
  }

  async #load(): Promise<void> {
    await this.#options.ledger.load().catch((error: unknown) => {
      throw streamFailure(error);
    });
  }

  #inTurn<T>(to: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#queues.get(to) ?? Promise.resolve()).then(work);
    const settled = turn.then(
      () => {},
      () => {},
    );
    this.#queues.set(to, settled);
    void settled.then(() => {
      if (this.#queues.get(to) === settled) this.#queues.delete(to);
    });
    return turn;
  }

  #lease(who: Identity, to: string, value: number, ms: number): string {
    const id = randomUUID();
    this.#keep(id, { token: who.id, to, value, ms });
    return id;
  }

  #keep(id: string, lease: Omit<Lease, 'timer'>): void {
    const timer = this.#options.clock.timer('stream lease', lease.ms, () => void this.#leases.delete(id));
    this.#leases.set(id, { ...lease, timer });
  }

  #drop(id: string): void {
    this.#leases.get(id)?.timer[Symbol.dispose]();
    this.#leases.delete(id);
  }
}

/** Who an output belongs to. */
function owner(who: Identity): string {
  return `client ${who.name}`;
}

function wanted({ args }: Command): number {
  const { on, value } = args ?? {};
  if ((on === undefined) === (value === undefined)) {
    throw new StreamFailure('bad_field', 'args of set has either on or value');
  }
  return value ?? (on ? 1 : 0);
}
