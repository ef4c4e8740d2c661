import { createRequire } from 'node:module';
import type { Knex } from 'knex';
import { ModuleMissingError } from '../errors/catalogue.js';
import { storeError } from './store-failure.js';

/** A value as the driver binds it. It turns BigInt and NaN into NULL silently, so neither may come here. */
export type SqlValue = number | string | Uint8Array | null;

/** What is used of the sqlite3 driver's connection and statements; its own types go missing with the optional module. */
interface DriverStatement {
  run(values: readonly SqlValue[], done: (error: Error | null) => void): void;
  finalize(done: (error: Error | null) => void): void;
}
interface DriverConnection {
  run(sql: string, values: readonly SqlValue[], done: (error: Error | null) => void): void;
  all(sql: string, values: readonly SqlValue[], done: (error: Error | null, rows: unknown[]) => void): void;
  prepare(sql: string, done: (error: Error | null) => void): DriverStatement;
}
/** Knex keeps these to itself: the client's connection pool as functions, and the driver hook of a dialect. */
interface KnexClient {
  acquireConnection(): Promise<DriverConnection>;
  releaseConnection(connection: DriverConnection): Promise<void>;
}

/** A statement prepared once. */
export interface PreparedStatement {
  run(values: readonly SqlValue[]): Promise<void>;
}

const require = createRequire(import.meta.url);

/** The driver, by a function that throws where the optional module is missing or was built for another machine. */
type Load = () => unknown;

function driverOf(load: Load): unknown {
  try {
    return load();
  } catch (cause) {
    const remedy = 'run `npm install sqlite3` (it may need a compiler), or choose `client: memory`';
    throw new ModuleMissingError({ module: 'sqlite3', purpose: 'Storing on disk', remedy }, { cause });
  }
}

/** Loads knex, on first use only: it takes a tenth of a second. */
async function openKnex(filename: string, driver: unknown): Promise<Knex> {
  const { default: knex } = await import('knex');
  // Knex would look for the driver from its own folder and miss one that is nested below this package.
  const Dialect = require('knex/lib/dialects/sqlite3/index.js') as typeof Knex.Client; // it exports its client class
  class SqliteClient extends Dialect {
    _driver(): unknown {
      return driver;
    }
  }
  return knex({
    client: SqliteClient,
    connection: { filename },
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

  private constructor(
    readonly knex: Knex,
    readonly driver: DriverConnection,
  ) {}

  /** @throws HYP_MODULE_MISSING, HYP_STORE */
  static async open(
    filename: string,
    busyMs: number,
    load: Load = () => require('sqlite3') as unknown,
  ): Promise<SqliteConnection> {
    const knex = await openKnex(filename, driverOf(load));
    try {
      const client = knex.client as KnexClient; // true of every knex client
      const driver = await client.acquireConnection();
      // The pool holds exactly this connection until it is destroyed, so knex and the driver handle mean the same one.
      await client.releaseConnection(driver);
      const connection = new SqliteConnection(knex, driver);
      await connection.all(`PRAGMA busy_timeout = ${busyMs}`);
      return connection;
    } catch (error) {
      await knex.destroy();
      throw storeError('open the database', error);
    }
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

  async [Symbol.asyncDispose](): Promise<void> {
    for (const statement of this.#statements.splice(0)) {
      await new Promise<void>((resolve) => statement.finalize(() => resolve()));
    }
    await this.knex.destroy();
  }
}
