import type { ClientMessage, Cmd, CommandResult, Err } from './protocol.js';
import { StreamError } from './stream-error.js';

/** A command for an output. */
export interface CommandOptions {
  /** Same key, same command: carried out once, however often it is sent. Default: a new one. */
  readonly key?: string;
  /** Not carried out when it could not begin within this time, in ms. */
  readonly ttlMs?: number;
  /** The output is given back unless the command is repeated or renewed within this time, in ms. */
  readonly leaseMs?: number;
  /** Refused unless the output's `rev` is this. */
  readonly ifRev?: number;
}

interface Waiting {
  readonly command: Omit<Cmd, 'id'>;
  readonly sentMs: number;
  readonly resolve: (result: CommandResult) => void;
  readonly reject: (error: StreamError) => void;
}

/** Commands whose result has not come. They outlive a connection: on the next they are sent again under their key. */
export class PendingCommands {
  #waiting = new Map<number, Waiting>();

  /** Adds a command; `send` is called with its message. */
  add(
    id: number,
    what: Pick<Cmd, 'to' | 'op' | 'args'>,
    { key = globalThis.crypto.randomUUID(), ttlMs, leaseMs, ifRev }: CommandOptions,
    send: (message: Cmd) => void,
  ): Promise<CommandResult> {
    const command: Omit<Cmd, 'id'> = {
      t: 'cmd',
      key,
      ...what,
      ...(ttlMs === undefined ? {} : { ttlMs }),
      ...(leaseMs === undefined ? {} : { lease: { ms: leaseMs } }),
      ...(ifRev === undefined ? {} : { if: { rev: ifRev } }),
    };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { command, sentMs: Date.now(), resolve, reject });
      send({ ...command, id });
    });
  }

  /**
   * Messages for a new connection, whose ids begin anew. What is older than its time to live is not sent again: it is only
   * asked what became of it.
   */
  again(nextId: () => number): ClientMessage[] {
    const waiting = [...this.#waiting.values()];
    this.#waiting = new Map();
    return waiting.map((one) => {
      const id = nextId();
      this.#waiting.set(id, one);
      const { ttlMs, key } = one.command;
      return ttlMs !== undefined && Date.now() - one.sentMs > ttlMs ? { t: 'cget', id, key } : { ...one.command, id };
    });
  }

  resolve(result: CommandResult): void {
    this.#take(result.id)?.resolve(result);
  }

  reject({ id, code, msg, retry }: Err): void {
    const error =
      code === 'not_found' && this.#expired(id)
        ? new StreamError('expired', 'the command never arrived within its time to live')
        : new StreamError(code, msg, retry);
    this.#take(id)?.reject(error);
  }

  rejectAll(why: StreamError): void {
    for (const { reject } of this.#waiting.values()) reject(why);
    this.#waiting.clear();
  }

  #expired(id: number | undefined): boolean {
    const one = id === undefined ? undefined : this.#waiting.get(id);
    return one?.command.ttlMs !== undefined && Date.now() - one.sentMs > one.command.ttlMs;
  }

  #take(id: number | undefined): Waiting | undefined {
    if (id === undefined) return undefined;
    const one = this.#waiting.get(id);
    this.#waiting.delete(id);
    return one;
  }
}
