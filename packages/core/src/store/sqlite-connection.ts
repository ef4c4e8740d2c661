import { createRequire } from 'node:module';
import type { Knex } from 'knex';
import { ModuleMissingError } from '../errors/catalogue.js';
import { storeError } from './store-failure.js';

/** A value as the driver binds it. It turns BigInt and NaN into NULL silently, so neither may come here. */
export type SqlValue = number | string | Uint8Array | null;

/** What is used of the sqlite3 driver; its own types go missing with the optional module. */
interface DriverStatement {
  run(values: readonly SqlValue[], done: (error: Error | null) => void): void;
  finalize(done: (error: Error | null) => void): void;
}
interface DriverConnection {
  run(sql: string, values: readonly SqlValue[], done: (error: Error | null) => void): void;
  all(sql: string, values: readonly SqlValue[], done: (error: Error | null, rows: unknown[]) => void): void;
  prepare(sql: string, done: (error: Error | null) => void): DriverStatement;
  close(done: (error: Error | null) => void): void;
}
interface Driver {
  readonly Database: new (filename: string, done: (error: Error | null) => void) => DriverConnection;
}

/** A statement prepared once. */
export interface PreparedStatement {
  run(values: readonly SqlValue[]): Promise<void>;
}

const require = createRequire(import.meta.url);

/** The driver, by a function that throws where the optional module is missing or was built for another machine. */
type Load = () => unknown;

function driverOf(load: Load): Driver {
  try {
    return load() as Driver; // the module's shape, as far as it is used
  } catch (cause) {
    const remedy = 'run `npm install sqlite3` (it may need a compiler), or choose `client: memory`';
    throw new ModuleMissingError({ module: 'sqlite3', purpose: 'Storing on disk', remedy }, { cause });
  }
}

/** Knex on a connection that is open. It stays its owner's to close. */
function knexOn(connection: DriverConnection): Knex {
  const { knex } = require('knex') as typeof import('knex'); // what the import would give, at this moment
  const Dialect = require('knex/lib/dialects/sqlite3/index.js') as typeof Knex.Client; // it exports its client class
  // Knex would look for the driver from its own folder and miss one that is nested below this package: it is given none at all.
  class SqliteClient extends Dialect {
    _driver(): unknown {
      return {};
    }
    override acquireRawConnection(): Promise<DriverConnection> {
      return Promise.resolve(connection);
    }
    override destroyRawConnection(): Promise<void> {
      return Promise.resolve();
    }
  }
  return knex({
    client: SqliteClient,
    connection: { filename: '' },
    useNullAsDefault: true,
    pool: { min: 1, max: 1 },
    asyncStackTraces: false,
  });
}

/**
 * One connection to an SQLite file: knex for the schema, and the driver itself, without knex's cost per query, for
 * everything on the measurement path. Nothing here keeps two transactions apart: {@link SqliteDatabase} does.
 */
export class SqliteConnection implements AsyncDisposable {
  readonly #statements: DriverStatement[] = [];
  readonly #prepared = new Map<string, Promise<PreparedStatement>>();
  #knex: Knex | undefined;
  #closing: Promise<void> | undefined;

  private constructor(readonly driver: DriverConnection) {}

  /** @throws HYP_MODULE_MISSING, HYP_STORE */
  static async open(
    filename: string,
    busyMs: number,
    load: Load = () => require('sqlite3') as unknown,
  ): Promise<SqliteConnection> {
    const { Database } = driverOf(load);
    let connection: SqliteConnection | undefined;
    try {
      const driver = await new Promise<DriverConnection>((resolve, reject) => {
        const made = new Database(filename, (error) => (error ? reject(error) : resolve(made)));
      });
      connection = new SqliteConnection(driver);
      await connection.all(`PRAGMA busy_timeout = ${busyMs}`);
      return connection;
    } catch (error) {
      await connection?.[Symbol.asyncDispose]();
      throw storeError('open the database', error);
    }
  }

  /** Knex on this very connection, for changes of the schema. Loaded when it is asked for: it is a third of a start. */
  get knex(): Knex {
    return (this.#knex ??= knexOn(this.driver));
  }

  run(sql: string, values: readonly SqlValue[] = []): Promise<void> {
    return new Promise((resolve, reject) => {
      this.driver.run(sql, values, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** The caller knows what the columns of its own statement are. */
  all<Row>(sql: string, values: readonly SqlValue[] = []): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.driver.all(sql, values, (error, rows) => (error ? reject(error) : resolve(rows as Row[])));
    });
  }

  async prepare(sql: string): Promise<PreparedStatement> {
    const statement = await new Promise<DriverStatement>((resolve, reject) => {
      const made = this.driver.prepare(sql, (error) => (error ? reject(error) : resolve(made)));
    });
    this.#statements.push(statement);
    return {
      run: (values) =>
        new Promise((resolve, reject) => {
          statement.run(values, (error) => (error ? reject(error) : resolve()));
        }),
    };
  }

  /** As {@link run}, for a statement that will come again: it is prepared once, and kept. */
  async runPrepared(sql: string, values: readonly SqlValue[]): Promise<void> {
    let statement = this.#prepared.get(sql);
    if (!statement) this.#prepared.set(sql, (statement = this.prepare(sql)));
    try {
      await (await statement).run(values);
    } catch (error) {
      this.#prepared.delete(sql); // it is not known whether it is of any use
      throw error;
    }
  }

  /** Runs `work` in one transaction. IMMEDIATE: a lock is waited for here or not at all. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.run('BEGIN IMMEDIATE');
    try {
      const result = await work();
      await this.run('COMMIT');
      return result;
    } catch (error) {
      await this.run('ROLLBACK').catch(() => {}); // some failures have rolled back already
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    for (const statement of this.#statements.splice(0)) {
      await new Promise<void>((resolve) => statement.finalize(() => resolve()));
    }
    await this.#knex?.destroy();
    // What is committed is on disk or in the write-ahead log already: a close that fails loses nothing.
    await new Promise<void>((resolve) => this.driver.close(() => resolve()));
  }
}
