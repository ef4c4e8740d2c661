import { isAbsolute, join } from 'node:path';
import { type Clock, hasCode, type HyphaeError, isHyphaeError, type Logger } from '@hyphae/core';
import type { openStore, Store } from '@hyphae/core/store';
import type { StoreSettings } from '../config/load-config.js';
import { StoreDamagedError, StoreUnusableError } from './errors.js';

/** A lock of another process that is just ending passes; control does not wait longer than this for readings to be kept. */
const PATIENCE_MS = 15_000;
const PAUSE = '1 s';
const PASSING = new Set<unknown>(['SQLITE_BUSY', 'SQLITE_LOCKED']);

/** What opening a store takes. */
export interface UsableStoreOptions {
  readonly open: typeof openStore;
  readonly settings: StoreSettings;
  readonly dataDir: string;
  /** Nothing can be written in the data directory: memory from the start. */
  readonly unusable: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  /** Gets what is not as it should be. */
  readonly shortcomings: HyphaeError[];
}

/** A store to work with. */
export interface UsableStore {
  readonly store: Store;
  /** True where memory stands in for a database that cannot be used. */
  readonly standIn: boolean;
}

/**
 * Opens the configured store, or memory where that cannot be had: a broken disk must not stop the heating.
 *
 * @throws HYP_STORE_SCHEMA: a database of a newer version is somebody's decision to make
 */
export async function openUsableStore(options: UsableStoreOptions): Promise<UsableStore> {
  const { open, settings, dataDir, unusable, clock, log, shortcomings } = options;
  const memory = async (standIn: boolean) => ({ store: await open({ client: 'memory', clock, log }), standIn });
  if (settings.client === 'memory') return memory(false);
  if (unusable) return memory(true);
  const file = isAbsolute(settings.file) ? settings.file : join(dataDir, settings.file);
  const giveUp = clock.monotonic() + PATIENCE_MS;
  const onMovedAside = (aside: string) => void shortcomings.push(new StoreDamagedError({ file, aside }));
  for (;;) {
    try {
      return { store: await open({ client: settings.client, file, clock, log, onMovedAside }), standIn: false };
    } catch (error) {
      if (!isHyphaeError(error) || hasCode(error, 'HYP_STORE_SCHEMA')) throw error;
      if (isPassing(error) && clock.monotonic() < giveUp) {
        log.warn('the database cannot be opened yet; trying again', { file, error: error.message });
        await clock.sleep(PAUSE, { name: 'database' });
        continue;
      }
      const failure = new StoreUnusableError({ file, why: `${error.code} ${error.message}` }, { cause: error });
      shortcomings.push(failure);
      log.error(failure.message, { code: failure.code });
      return memory(true);
    }
  }
}

/** True where an error, or what caused it, says that another process holds the file. */
function isPassing(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (PASSING.has((each as NodeJS.ErrnoException).code)) return true; // compared only
  }
  return false;
}
