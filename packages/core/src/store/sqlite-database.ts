import type { Duration } from '../time/duration.js';
import { toMs } from '../time/duration.js';
import { DisposedError } from '../errors/catalogue.js';
import { failureCode } from './store-failure.js';
import { type PreparedStatement, SqliteConnection, type SqlValue } from './sqlite-connection.js';

/** `full`: a commit survives a power cut. `normal`: it survives the end of the process; a power cut may take the last ones. */
export type Durability = 'full' | 'normal';

/** Options of a {@link SqliteDatabase}. */
export interface SqliteDatabaseOptions {
  readonly file: string;
  readonly durability: Durability;
  /** How long a lock held by another process is waited for. */
  readonly busy?: Duration;
}

/** The rows come as bytes, which spares the driver their conversion, and are kept as the text they are. */
const INSERT_PAGE = 'INSERT INTO page (q_from, q_to, at, rows) VALUES (?, ?, ?, CAST(? AS TEXT))';
/** The write-ahead log is cut back to this after it has grown in a burst. */
const JOURNAL_LIMIT_BYTES = 16 * 1024 * 1024;

/** After these a connection may believe in data that never reached the disk: a failed fsync must not be tried again. */
const DISTRUSTED = new Set<unknown>([
  'SQLITE_IOERR',
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
  'SQLITE_CANTOPEN',
  'SQLITE_MISUSE',
]);

/**
 * One SQLite file: a connection that writes, one piece of work at a time, and one that reads, opened when first needed, so
 * that a long query never keeps a commit waiting.
 */
export class SqliteDatabase implements AsyncDisposable {
  #last: Promise<unknown> = Promise.resolve();
  #writer: SqliteConnection | undefined;
  #reader: Promise<SqliteConnection> | undefined;
  #insertPage: PreparedStatement | undefined;
  #distrusted = false;
  #closed = false;

  private constructor(readonly options: SqliteDatabaseOptions) {}

  /** @throws HYP_MODULE_MISSING, HYP_STORE */
  static async open(options: SqliteDatabaseOptions): Promise<SqliteDatabase> {
    const database = new SqliteDatabase(options);
    database.#writer = await database.#connect();
    return database;
  }

  /** The connection that writes. Use it within {@link exclusive}. */
  get writer(): SqliteConnection {
    if (!this.#writer) throw new DisposedError({ what: 'The database' });
    return this.#writer;
  }

  /** Runs pieces of work on the writing connection one after the other, in the order of the calls. */
  exclusive<T>(work: (writer: SqliteConnection) => Promise<T>): Promise<T> {
    const result = this.#last.then(async () => {
      if (this.#distrusted || (!this.#writer && !this.#closed)) await this.#reopen();
      try {
        return await work(this.writer);
      } catch (error) {
        this.judge(error);
        throw error;
      }
    });
    this.#last = result.catch(() => {});
    return result;
  }

  /** The statement of the measurement path. Use it within {@link exclusive}. */
  async insertPage(values: readonly SqlValue[]): Promise<void> {
    this.#insertPage ??= await this.writer.prepare(INSERT_PAGE);
    await this.#insertPage.run(values);
  }

  /** Reads what is committed, beside the writer. */
  async read<Row>(sql: string, values: readonly SqlValue[] = []): Promise<Row[]> {
    if (this.#closed) throw new DisposedError({ what: 'The database' });
    this.#reader ??= this.#connectReader();
    return (await this.#reader).all<Row>(sql, values);
  }

  /** To be told of a failure that {@link exclusive} does not see: some make it open the connections anew before more work. */
  judge(error: unknown): void {
    if (DISTRUSTED.has(failureCode(error))) this.#distrusted = true;
  }

  /** Waits for the work under way, then closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#last;
    await this.#disconnect();
  }

  async #reopen(): Promise<void> {
    await this.#disconnect();
    this.#writer = await this.#connect();
    this.#distrusted = false;
  }

  async #connect(): Promise<SqliteConnection> {
    const { file, durability, busy = '5 s' } = this.options;
    const connection = await SqliteConnection.open(file, toMs(busy));
    try {
      await connection.all('PRAGMA journal_mode = WAL');
      await connection.run(`PRAGMA synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'}`);
      await connection.all(`PRAGMA journal_size_limit = ${JOURNAL_LIMIT_BYTES}`);
      return connection;
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #connectReader(): Promise<SqliteConnection> {
    try {
      const connection = await SqliteConnection.open(this.options.file, toMs(this.options.busy ?? '5 s'));
      await connection.run('PRAGMA query_only = 1');
      return connection;
    } catch (error) {
      this.#reader = undefined; // the next read tries again
      throw error;
    }
  }

  async #disconnect(): Promise<void> {
    const [writer, reader] = [this.#writer, this.#reader];
    this.#writer = this.#reader = this.#insertPage = undefined;
    const connection = await reader?.catch(() => undefined);
    await connection?.[Symbol.asyncDispose]();
    await writer?.[Symbol.asyncDispose]();
  }
}
