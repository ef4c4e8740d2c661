import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { StoreError } from '../errors/catalogue.js';
import type { Logger } from '../logging/logger.js';
import type { Clock } from '../time/clock.js';
import { KnexMeasurementStore } from './knex-measurement-store.js';
import { KnexStateStore } from './knex-state-store.js';
import type { Store } from './measurement-store.js';
import { mayBeOwnFile } from './own-file.js';
import { migrate, type Migration, MIGRATIONS } from './schema.js';
import { SqliteDatabase, type SqliteDatabaseOptions } from './sqlite-database.js';
import { failureCode, isCorruption, storeError } from './store-failure.js';
import { beginRun, endRun, readStoreRow, renewEpoch } from './store-row.js';

/** Options of a {@link KnexStore}. */
export interface KnexStoreOptions extends SqliteDatabaseOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly newEpoch: (generation: number) => string;
  readonly logKeep: number;
  readonly sealAt: number;
  readonly migrations?: readonly Migration[];
  readonly onMovedAside?: (aside: string) => void;
}

/** The file cannot be read as a database any more. */
class DamagedError extends Error {}

/** Measurements and state in one SQLite file. */
export class KnexStore implements Store {
  readonly state: KnexStateStore;
  #closing: Promise<void> | undefined;

  private constructor(
    readonly database: SqliteDatabase,
    readonly measurements: KnexMeasurementStore,
    readonly clock: Clock,
  ) {
    this.state = new KnexStateStore(database, clock);
  }

  /**
   * Opens or makes the file and its directory. A damaged database is moved aside, and a new one with a new epoch begins; a file
   * that never was one of ours stays as it is, and is an error.
   *
   * @throws HYP_STORE, HYP_STORE_SCHEMA, HYP_MODULE_MISSING
   */
  static async open(options: KnexStoreOptions): Promise<KnexStore> {
    const file = resolve(options.file);
    return options.clock.io(KnexStore.#open({ ...options, file }));
  }

  static async #open(options: KnexStoreOptions): Promise<KnexStore> {
    const { file, clock, log } = options;
    try {
      await prepareFile(file);
      // Before SQLite sees it: it takes a short text for an empty database and writes over it.
      if (!(await mayBeOwnFile(file))) {
        throw new StoreError({
          operation: `open ${file}`,
          why: 'it is not a database of a node, and was left as it is',
        });
      }
      try {
        return await KnexStore.#openOnce(options);
      } catch (error) {
        const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
        if (!(error instanceof DamagedError || isCorruption(error) || isCorruption(cause))) throw error;
        const aside = `${file}.corrupt-${new Date(clock.now()).toISOString().replace(/[:.]/g, '-')}`;
        for (const suffix of ['', '-wal', '-shm']) await moveAside(`${file}${suffix}`, `${aside}${suffix}`);
        log.error('The database is damaged: it was moved aside, and an empty one begins', {
          file,
          aside,
          error: storeError('open the database', error).message,
        });
        options.onMovedAside?.(aside);
        await prepareFile(file);
        return await KnexStore.#openOnce(options);
      }
    } catch (error) {
      throw storeError(`open ${file}`, error);
    }
  }

  static async #openOnce(options: KnexStoreOptions): Promise<KnexStore> {
    const { log, durability, newEpoch, migrations = MIGRATIONS } = options;
    const database = await SqliteDatabase.open(options);
    try {
      const { writer } = database;
      const created = await migrate(writer, migrations);
      const before = created ? undefined : await readStoreRow(writer);
      let epoch = before?.epoch;
      if (before?.clean === 0) {
        const found = await writer.all<{ quick_check: string }>('PRAGMA quick_check(1)');
        const [first] = found;
        if (first && first.quick_check !== 'ok') throw new DamagedError(first.quick_check);
        if (before.durability !== 'full') {
          log.warn('The last run did not end properly and did not wait for the disk: a new epoch begins');
          epoch = undefined;
        }
      }
      epoch ??= await renewEpoch(writer, newEpoch);
      await beginRun(writer, durability);
      const measurements = await KnexMeasurementStore.open({ ...options, database, epoch }).catch((error: unknown) => {
        // Text that is no JSON any more is damage that SQLite cannot see.
        throw error instanceof SyntaxError ? new DamagedError(error.message, { cause: error }) : error;
      });
      return new KnexStore(database, measurements, options.clock);
    } catch (error) {
      await database[Symbol.asyncDispose]();
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.clock.io(this.#close());
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.state.close();
    await this.measurements[Symbol.asyncDispose]();
    // A disk that is full or gone must not keep the process; the next start looks twice then.
    await this.database.exclusive((writer) => endRun(writer)).catch(() => {});
    await this.database[Symbol.asyncDispose]();
  }
}

/** Makes directory and file, readable by their owner only. */
async function prepareFile(file: string): Promise<void> {
  await makeDirectory(dirname(file));
  const handle = await open(file, 'a', 0o600);
  await handle.close();
}

/** With its parents. Node's recursive `mkdir` never ends where /proc or its like answers ENOENT for ever. */
async function makeDirectory(directory: string): Promise<void> {
  const make = () =>
    mkdir(directory, 0o700).catch((error: unknown) => {
      if (failureCode(error) !== 'EEXIST') throw error;
    });
  try {
    await make();
  } catch (error) {
    if (failureCode(error) !== 'ENOENT' || dirname(directory) === directory) throw error;
    await makeDirectory(dirname(directory));
    await make();
  }
}

async function moveAside(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
