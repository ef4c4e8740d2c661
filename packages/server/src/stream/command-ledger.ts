import { createHash } from 'node:crypto';
import type { CommandResult } from '@hyphae/client';
import type { Clock, Logger } from '@hyphae/core';
import type { StateStore } from '@hyphae/core/store';
import { SteadyTime } from '../time/steady-time.js';

const OWNER = 'stream/commands';
const KEEP_MS = 24 * 3_600_000;
const MOST_PER_TOKEN = 10_000;

/** How a command ended, without what belongs to one reply. */
export type Outcome = Pick<CommandResult, 'st' | 'rev' | 'q' | 'lease' | 'err'>;

/** What is kept of a command. */
interface Entry {
  /** Digest of what was asked, to tell a repetition from another command under the same key. */
  readonly what: string;
  /** Epoch ms of acceptance. */
  readonly at: number;
  /** Missing while the command is under way. */
  readonly outcome?: Outcome;
}

/** A command that was accepted before. */
export interface Remembered {
  readonly what: string;
  readonly outcome: Promise<Outcome>;
}

/** Digest of a command: equal for equal commands, whatever the order of their fields. */
export function commandDigest(command: Readonly<Record<string, unknown>>): string {
  const ordered = JSON.stringify(command, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(ordered, 'utf8').digest('base64url');
}

/**
 * Remembers every command by token and key for 24 hours, 10,000 per token, across restarts: repeating one never carries it
 * out again. A command that was under way when the process died is `aborted` at the next start: nobody knows whether it
 * was carried out, and the output has been to its safe state since.
 */
export class CommandLedger {
  readonly #state: StateStore;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** A wall clock that jumps ahead must not make a command be forgotten, and so be carried out again. */
  readonly #time: SteadyTime;
  readonly #tokens = new Map<string, Map<string, { at: number } & Remembered>>();
  #loaded: Promise<void> | undefined;

  constructor(state: StateStore, clock: Clock, log: Logger) {
    this.#state = state;
    this.#clock = clock;
    this.#log = log;
    this.#time = new SteadyTime(clock);
  }

  /** Reads what earlier runs left and settles what was under way. @throws HYP_STORE */
  load(): Promise<void> {
    return (this.#loaded ??= this.#load().catch((error: unknown) => {
      this.#loaded = undefined; // the next command tries again
      throw error;
    }));
  }

  /** The command of this token under this key, if there was one. */
  find(token: string, key: string): Remembered | undefined {
    return this.#tokens.get(token)?.get(key);
  }

  /**
   * Records that a command is under way, on disk before it resolves. What it returns records how it ended.
   *
   * @throws HYP_STORE when `durably` and the disk refuses; the command is not remembered then
   */
  async accept(
    token: string,
    key: string,
    what: string,
    durably: boolean,
  ): Promise<(outcome: Outcome) => Promise<void>> {
    const at = this.#clock.now();
    let settle: (outcome: Outcome) => void = () => {};
    const entry = { what, at, outcome: new Promise<Outcome>((resolve) => (settle = resolve)) };
    const mine = this.#of(token);
    mine.set(key, entry); // at once: a second one with the same key that comes meanwhile waits for this one
    try {
      await this.#write(token, key, { what, at });
    } catch (error) {
      if (durably) {
        mine.delete(key);
        settle({ st: 'aborted', err: { code: 'storage_degraded', msg: 'it could not be recorded' } });
        throw error;
      }
    }
    this.#forget(token, mine);
    return async (outcome) => {
      try {
        await this.#write(token, key, { what, at, outcome });
      } catch (error) {
        this.#log.warn('the result of a command could not be saved; it is known until the next restart', {
          error: String(error),
        });
      }
      settle(outcome);
    };
  }

  async #load(): Promise<void> {
    const rows = await this.#clock.io(this.#state.list(OWNER));
    const entries = rows.map(([id, value]) => ({ id, entry: value as Entry })); // written by #write
    entries.sort((a, b) => a.entry.at - b.entry.at);
    for (const { id, entry } of entries) {
      const cut = id.indexOf(' ');
      const [token, key] = [id.slice(0, cut), id.slice(cut + 1)];
      const outcome: Outcome = entry.outcome ?? {
        st: 'aborted',
        err: { code: 'device_unavailable', msg: 'the node stopped while it was carried out' },
      };
      this.#of(token).set(key, { what: entry.what, at: entry.at, outcome: Promise.resolve(outcome) });
      if (!entry.outcome) await this.#write(token, key, { what: entry.what, at: entry.at, outcome });
    }
    for (const [token, mine] of this.#tokens) this.#forget(token, mine);
  }

  #of(token: string): Map<string, { at: number } & Remembered> {
    let mine = this.#tokens.get(token);
    if (!mine) this.#tokens.set(token, (mine = new Map<string, { at: number } & Remembered>()));
    return mine;
  }

  #write(token: string, key: string, entry: Entry): Promise<void> {
    return this.#clock.io(this.#state.set(OWNER, `${token} ${key}`, entry));
  }

  /** Drops what is too old or too much; the oldest come first in the map. */
  #forget(token: string, mine: Map<string, { at: number } & Remembered>): void {
    const oldest = this.#time.now() - KEEP_MS;
    for (const [key, { at }] of mine) {
      if (mine.size <= MOST_PER_TOKEN && at >= oldest) return;
      mine.delete(key);
      this.#clock.io(this.#state.set(OWNER, `${token} ${key}`, undefined)).catch((error: unknown) => {
        this.#log.debug('an old command could not be removed', { error: String(error) });
      });
    }
  }
}
