import { randomBytes } from 'node:crypto';
import { StoreError } from '../errors/catalogue.js';
import { type Logger, silentLogger } from '../logging/logger.js';
import type { Clock } from '../time/clock.js';
import type { Store } from './measurement-store.js';
import { MemoryStore } from './memory-store.js';
import type { Durability } from './sqlite-database.js';

/** What {@link openStore} needs to know. */
export interface StoreOptions {
  /** `memory` is gone with the process; `sqlite3` is a file. */
  readonly client: 'memory' | 'sqlite3';
  /** The database file; needed for `sqlite3`. Directory and file are made where missing. */
  readonly file?: string;
  readonly clock: Clock;
  readonly log?: Logger;
  /** Told where a damaged database was moved, before an empty one begins. */
  readonly onMovedAside?: (aside: string) => void;
  /**
   * `full` (default): what is committed survives a power cut. `normal`: it survives the end of the process only; an
   * unclean end then begins a new epoch.
   */
  readonly durability?: Durability;
  /** Records kept in the log for clients that resume: for `sqlite3` 1,000,000 and at least 200,000, for `memory` 200,000. */
  readonly logKeep?: number;
  /** Records after which the log's tail is moved into the per-channel history. Default 65,536. */
  readonly sealAt?: number;
  /** Identity of a log that begins now, for runs that must be repeatable. Default: random. */
  readonly epoch?: string;
}

const LEAST_LOG = 200_000;

/**
 * Opens a store. Knex and sqlite3 are loaded only when a database file is opened.
 *
 * @throws HYP_STORE when it cannot be opened, HYP_STORE_SCHEMA when a newer version wrote it, HYP_MODULE_MISSING without sqlite3
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { client, file, clock, log = silentLogger, durability = 'full', epoch, logKeep, sealAt = 65_536 } = options;
  const random = () => randomBytes(9).toString('base64url');
  if (client === 'memory') {
    return new MemoryStore({ clock, epoch: epoch ?? random(), ...(logKeep !== undefined && { logKeep }) });
  }
  if (file === undefined || file === '') throw new StoreError({ operation: 'open', why: 'no file is given' });
  const { KnexStore } = await import('./knex-store.js');
  return KnexStore.open({
    file,
    clock,
    log,
    ...(options.onMovedAside && { onMovedAside: options.onMovedAside }),
    durability,
    newEpoch: (generation) => (epoch === undefined ? random() : generation === 1 ? epoch : `${epoch}.${generation}`),
    logKeep: Math.max(LEAST_LOG, logKeep ?? 1_000_000),
    sealAt: Math.max(1, sealAt),
  });
}
