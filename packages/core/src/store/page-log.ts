import type { ChannelTable } from './channel-table.js';
import type { EncodedBatch } from './encode-batch.js';
import type { LogRecord } from './measurement-store.js';
import type { SqlChannel } from './sql-channel.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** A row of the stream, as JSON gives it back. */
export type WireRow = readonly [q: number, handle: number, value: number | null, at: number, quality: number];

/** Records read from the disk in one go: what is parsed at once must not hold up the event loop. */
const READ_CHUNK = 4_096;
/** Pages deleted in one transaction, counted in records. */
const DROP_CHUNK = 20_000;
/** Channels inserted by one statement. */
const CHANNEL_CHUNK = 200;

/** The log on disk: one row a commit. Writes belong within `database.exclusive`. */
export class PageLog {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  /** The last sequence number on the disk, and the one below the first. */
  async bounds(): Promise<{ readonly head: number; readonly floor: number }> {
    const [row] = await this.#database.writer.all<{ head: number | null; floor: number | null }>(
      `SELECT (SELECT max(q_to) FROM page) AS head,
              (SELECT q_from FROM page ORDER BY q_to LIMIT 1) AS floor`,
    );
    return { head: row?.head ?? 0, floor: row?.floor ?? row?.head ?? 0 };
  }

  /** Commits batches and the channels that appear in them first, whole or not at all. */
  async write(batches: readonly EncodedBatch[], channels: readonly SqlChannel[]): Promise<void> {
    const [first, ...more] = batches.filter(({ from, to }) => to > from);
    if (first && more.length === 0 && channels.length === 0) return this.#insert(first);
    if (!first && channels.length === 0) return;
    await this.#database.writer.transaction(async () => {
      for (let i = 0; i < channels.length; i += CHANNEL_CHUNK) {
        const chunk = channels.slice(i, i + CHANNEL_CHUNK);
        await this.#database.writer.run(
          `INSERT INTO channel (handle, path, unit, kind, sealed_to) VALUES ${chunk.map(() => '(?, ?, ?, ?, 0)').join(', ')}`,
          chunk.flatMap(({ handle, path, unit, kind }) => [handle, path, unit, kind]),
        );
      }
      if (first) await this.#insert(first);
      for (const batch of more) await this.#insert(batch);
    });
  }

  /** Records of `(after, after + limit]` up to `head`, as far as the log still has them. */
  async read(after: number, limit: number, head: number, table: ChannelTable<SqlChannel>): Promise<LogRecord[]> {
    const records: LogRecord[] = [];
    const end = Math.min(head, after + Math.max(0, limit));
    await this.scan(after, end, (q, handle, value, at, quality) => {
      const channel = table.byHandle(handle);
      if (channel) records.push(channel.record(q, value, at, quality));
    });
    return records;
  }

  /** Visits the records of `(after, end]` in order, with pauses for the event loop. */
  async scan(after: number, end: number, visit: (...row: WireRow) => void): Promise<void> {
    for (let from = after; from < end;) {
      const to = Math.min(end, from + READ_CHUNK);
      const pages = await this.#database.read<{ q_to: number; rows: string }>(
        'SELECT q_to, rows FROM page WHERE q_to > ? AND q_from < ? ORDER BY q_to',
        [from, to],
      );
      for (const { rows } of pages) {
        // The table holds what #insert wrote.
        for (const row of JSON.parse(rows) as WireRow[]) if (row[0] > from && row[0] <= end) visit(...row);
      }
      from = Math.max(to, pages.at(-1)?.q_to ?? 0);
    }
  }

  /** The last number of the leading pages in which every record is older than `before`. */
  async olderThan(before: number): Promise<number> {
    const [row] = await this.#database.read<{ q: number | null }>(
      `SELECT coalesce((SELECT q_from FROM page WHERE at >= ? ORDER BY q_to LIMIT 1), max(q_to)) AS q FROM page`,
      [before],
    );
    return row?.q ?? 0;
  }

  /** Deletes pages of records up to `q`, the last page never, and says where the log begins now. */
  async dropThrough(q: number, head: number): Promise<number> {
    const { floor } = await this.#database.exclusive(() => this.bounds());
    let [at, now] = [floor, floor];
    while (at < q) {
      at = Math.min(q, at + DROP_CHUNK);
      now = await this.#database.exclusive(async (writer) => {
        await writer.run('DELETE FROM page WHERE q_to <= ? AND q_to < ?', [at, head]);
        return (await this.bounds()).floor;
      });
    }
    return now;
  }

  #insert({ from, to, newest, rows }: EncodedBatch): Promise<void> {
    return this.#database.insertPage([from, to, newest, rows.json]);
  }
}
