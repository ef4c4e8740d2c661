import { StoreError } from '../errors/catalogue.js';
import { isUnit } from '../measurements/unit.js';
import type { RecordKind } from '../measurements/measurement.js';
import type { ChannelTable } from './channel-table.js';
import type { WireRow } from './page-log.js';
import type { SqlChannel } from './sql-channel.js';
import type { SqliteConnection } from './sqlite-connection.js';
import type { Durability } from './sqlite-database.js';

/** The one row of the table `store`. */
export interface StoreRow {
  readonly epoch: string;
  readonly generation: number;
  /** Records up to here are in blocks. */
  readonly sealed: number;
  /** 1 while nobody has it open. */
  readonly clean: number;
  readonly durability: Durability;
}

/** The row, or `undefined` in a new database. */
export async function readStoreRow(writer: SqliteConnection): Promise<StoreRow | undefined> {
  const [row] = await writer.all<StoreRow>('SELECT epoch, generation, sealed, clean, durability FROM store');
  return row;
}

/** Marks the database as in use, so that the next start knows whether this run has ended properly. */
export async function beginRun(writer: SqliteConnection, durability: Durability): Promise<void> {
  await writer.run('UPDATE store SET clean = 0, durability = ?', [durability]);
}

/** Marks the database as properly closed. */
export async function endRun(writer: SqliteConnection): Promise<void> {
  await writer.run('UPDATE store SET clean = 1');
}

/** Begins a new epoch and says its id. */
export async function renewEpoch(writer: SqliteConnection, make: (generation: number) => string): Promise<string> {
  const row = await readStoreRow(writer);
  const generation = (row?.generation ?? 0) + 1;
  const epoch = make(generation);
  await writer.run(
    `INSERT INTO store (id, epoch, generation, sealed, clean, durability) VALUES (1, ?, ?, 0, 0, 'full')
     ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, generation = excluded.generation`,
    [epoch, generation],
  );
  return epoch;
}

/**
 * What is sealed cannot lie ahead of the log. Where the end of the log is lost, its numbers are given again, and the records
 * that get them must not be taken for sealed.
 */
export async function limitSealed(writer: SqliteConnection, head: number): Promise<void> {
  const [row] = await writer.all<{ sealed: number | null }>(
    'SELECT max((SELECT sealed FROM store), (SELECT coalesce(max(sealed_to), 0) FROM channel)) AS sealed',
  );
  if ((row?.sealed ?? 0) <= head) return;
  await writer.transaction(async () => {
    await writer.run('UPDATE store SET sealed = min(sealed, ?)', [head]);
    await writer.run('UPDATE channel SET sealed_to = min(sealed_to, ?)', [head]);
  });
}

/** Fills the table with the channels of the disk and says up to where the log is sealed. */
export async function loadChannels(writer: SqliteConnection, table: ChannelTable<SqlChannel>): Promise<number> {
  const rows = await writer.all<{
    handle: number;
    path: string;
    unit: string;
    kind: RecordKind;
    sealed_to: number;
    last: string | null;
    id: number | null;
    n: number;
    from_at: number;
    to_at: number;
  }>(
    `SELECT c.handle, c.path, c.unit, c.kind, c.sealed_to, c.last, b.id, b.n, b.from_at, b.to_at
     FROM channel c LEFT JOIN block b ON b.id = c.open_block ORDER BY c.handle`,
  );
  for (const { handle, path, unit, kind, sealed_to, last, id, n, from_at, to_at } of rows) {
    if (!isUnit(unit))
      throw new StoreError({ operation: 'open the database', why: `${path} has no known unit: ${unit}` });
    const channel = table.restore(handle, path, unit, kind);
    channel.sealedTo = sealed_to;
    if (id !== null) channel.open = { id, n, fromAt: from_at, toAt: to_at };
    if (last === null) continue;
    const [q, , value, at, code] = JSON.parse(last) as WireRow; // sealPieces wrote it
    channel.note(q, value ?? NaN, at, code);
  }
  return (await readStoreRow(writer))?.sealed ?? 0;
}

/** An id larger than that of any block. */
export async function nextBlockId(writer: SqliteConnection): Promise<number> {
  const [row] = await writer.all<{ id: number }>('SELECT coalesce(max(id), 0) + 1 AS id FROM block');
  return row?.id ?? 1;
}
