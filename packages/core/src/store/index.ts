/**
 * Stores: measurements and state in memory or in an SQLite file.
 *
 * @packageDocumentation
 */
export type {
  Bucket,
  ChannelInfo,
  Committed,
  LogRecord,
  MeasurementQuery,
  MeasurementStore,
  StateStore,
  Store,
} from './measurement-store.js';
export { EncodedRows } from './encoded-rows.js';
export { openStore } from './open-store.js';
export type { StoreOptions } from './open-store.js';
export type { Durability } from './sqlite-database.js';
