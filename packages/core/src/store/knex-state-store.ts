import { DisposedError } from '../errors/catalogue.js';
import type { Clock } from '../time/clock.js';
import type { StateStore } from './measurement-store.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { stateText } from './state-text.js';
import { storeError } from './store-failure.js';

/** State in the table `state`, committed at once. Reads come after the writes that were asked for before them. */
export class KnexStateStore implements StateStore {
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;
  #closed = false;

  constructor(database: SqliteDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async get(owner: string, key: string): Promise<unknown> {
    const rows = await this.#do('read state', 'SELECT value FROM state WHERE owner = ? AND key = ?', [owner, key]);
    return rows[0] === undefined ? undefined : JSON.parse(rows[0].value);
  }

  async set(owner: string, key: string, value: unknown): Promise<void> {
    const text = stateText(value);
    if (text === undefined) await this.#do('keep state', 'DELETE FROM state WHERE owner = ? AND key = ?', [owner, key]);
    else {
      const sql =
        'INSERT INTO state (owner, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value';
      await this.#do('keep state', sql, [owner, key, text]);
    }
  }

  async list(owner: string): Promise<readonly (readonly [key: string, value: unknown])[]> {
    const rows = await this.#do('read state', 'SELECT key, value FROM state WHERE owner = ?', [owner]);
    // In the order of the memory store: UTF-16, not UTF-8 as the database would.
    rows.sort((a, b) => (a.key < b.key ? -1 : 1));
    return rows.map(({ key, value }) => [key, JSON.parse(value)] as const);
  }

  /** Refuses further calls. The database is closed by its owner. */
  close(): void {
    this.#closed = true;
  }

  async #do(operation: string, sql: string, values: readonly string[]): Promise<{ key: string; value: string }[]> {
    if (this.#closed) throw new DisposedError({ what: 'The store' });
    try {
      return await this.#clock.io(this.#database.exclusive((writer) => writer.all(sql, values)));
    } catch (error) {
      throw storeError(operation, error);
    }
  }
}
