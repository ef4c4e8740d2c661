import type { Measurement } from '../measurements/measurement.js';
import type { Clock, EpochMs } from '../time/clock.js';
import { decodeBlock, encodeBlock } from './block-codec.js';
import { type BlockRow, type BlockSummary, findBlocks, readBlocks, writeBlocks } from './block-table.js';
import { BucketFold } from './bucket-fold.js';
import type { LogState } from './log-state.js';
import type { Bucket, MeasurementQuery } from './measurement-store.js';
import { byTime, type Point, toMeasurement } from './point.js';
import type { SqlChannel } from './sql-channel.js';
import type { SqlValue } from './sqlite-connection.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { storeError } from './store-failure.js';

/** Blocks read in one go. */
const READ_CHUNK = 4;
/** Blocks deleted or rewritten in one transaction. */
const PRUNE_CHUNK = 64;

/** What a query saw of one channel when it began: what is in blocks up to `sealedTo`, and the rest. */
interface View {
  readonly sealedTo: number;
  readonly tail: readonly Point[];
  readonly dress: (point: Point) => Measurement;
}

/** Per-channel history: blocks on the disk, and the points that are still only in the log. */
export class History {
  readonly #database: SqliteDatabase;
  readonly #state: LogState;
  readonly #clock: Clock;

  constructor(database: SqliteDatabase, state: LogState, clock: Clock) {
    this.#database = database;
    this.#state = state;
    this.#clock = clock;
  }

  /**
   * Readings of channels in order of time. They are those committed when the iteration begins, whatever is sealed
   * meanwhile; memory holds some blocks at a time, more only where their times overlap.
   */
  async *query(
    channels: readonly SqlChannel[],
    { from, to, limit = Infinity }: MeasurementQuery,
  ): AsyncIterable<Measurement> {
    if (channels.length === 0 || !(from < to)) return;
    const views = this.#views(channels, from, to);
    let pending: { readonly point: Point; readonly view: View }[] = [];
    for (const view of views.values()) for (const point of view.tail) pending.push({ point, view });
    pending.sort((a, b) => byTime(a.point, b.point));
    let [left, next] = [limit, 0];
    const blocks = await findBlocks(this.#read, [...views.keys()], from, to);
    for (let i = 0; ; i += READ_CHUNK) {
      const until = blocks[i]?.fromAt ?? Infinity;
      for (; next < pending.length; next++) {
        const { point, view } = pending[next]!; // next is within pending
        if (point.at >= until) break;
        if (left-- <= 0) return;
        yield view.dress(point);
      }
      const chunk = blocks.slice(i, i + READ_CHUNK);
      if (chunk.length === 0) return;
      pending = pending.slice(next);
      next = 0;
      for (const block of await this.#load(chunk)) {
        const view = views.get(block.channel)!; // only these channels were asked for
        for (const point of decodeBlock(block)) {
          if (point.q <= view.sealedTo && point.at >= from && point.at < to) pending.push({ point, view });
        }
      }
      pending.sort((a, b) => byTime(a.point, b.point));
    }
  }

  /** Down-sampled history; whole blocks count by their statistics, so that months are quick. */
  async downsample(
    channels: readonly SqlChannel[],
    { from, to, limit = Infinity }: MeasurementQuery,
    points: number,
  ): Promise<readonly Bucket[]> {
    if (channels.length === 0 || !(from < to)) return [];
    const fold = new BucketFold(from, to, points);
    const views = this.#views(channels, from, to);
    for (const { tail } of views.values()) for (const { at, value, code } of tail) fold.add(at, value, code);
    const needed: BlockSummary[] = [];
    for (const block of await findBlocks(this.#read, [...views.keys()], from, to)) {
      const { sealedTo } = views.get(block.channel)!; // only these channels were asked for
      if (block.qTo > sealedTo || !fold.addWhole(block.fromAt, block.toAt, block)) needed.push(block);
    }
    for (let i = 0; i < needed.length; i += READ_CHUNK) {
      for (const block of await this.#load(needed.slice(i, i + READ_CHUNK))) {
        const { sealedTo } = views.get(block.channel)!; // as above
        for (const { q, at, value, code } of decodeBlock(block)) if (q <= sealedTo) fold.add(at, value, code);
      }
    }
    return fold.buckets().slice(0, limit);
  }

  /** Deletes points older than `before` from the blocks and says how many. */
  async prune(before: EpochMs): Promise<number> {
    let pruned = 0;
    for (let more = true; more;) {
      const deleted = await this.#database.exclusive((writer) =>
        writer.all<{ n: number }>(
          `DELETE FROM block WHERE id IN (
             SELECT id FROM block WHERE channel IN (SELECT handle FROM channel) AND to_at < ? LIMIT ?
           ) RETURNING n`,
          [before, PRUNE_CHUNK],
        ),
      );
      pruned += total(deleted);
      more = deleted.length === PRUNE_CHUNK;
    }
    for (let more = true; more;) {
      const cut = await this.#database.exclusive((writer) =>
        writer.transaction(async () => {
          const blocks = await writer.all<{ id: number }>(
            `SELECT id FROM block WHERE channel IN (SELECT handle FROM channel) AND to_at >= ? AND from_at < ? LIMIT ?`,
            [before, before, PRUNE_CHUNK],
          );
          const ids = blocks.map(({ id }) => id);
          const rows = await readBlocks((sql, values) => writer.all(sql, values), ids);
          const rewritten = rows.map((row) => withoutOlder(row, before));
          await writeBlocks(writer, rewritten);
          return { blocks: rows.length, points: total(rows) - total(rewritten) };
        }),
      );
      pruned += cut.points;
      more = cut.blocks === PRUNE_CHUNK;
    }
    return pruned;
  }

  readonly #read = async <Row>(sql: string, values: readonly SqlValue[]) => {
    try {
      return await this.#clock.io(this.#database.read<Row>(sql, values));
    } catch (error) {
      throw storeError('read the history', error);
    }
  };

  /** Takes every channel's state in one go, before anything is awaited. */
  #views(channels: readonly SqlChannel[], from: EpochMs, to: EpochMs): Map<number, View> {
    return new Map(
      channels.map((channel) => {
        const { handle, sealedTo } = channel;
        return [handle, { sealedTo, tail: this.#state.tail.between(channel, from, to), dress: toMeasurement(channel) }];
      }),
    );
  }

  #load(blocks: readonly BlockSummary[]): Promise<BlockRow[]> {
    const ids = blocks.map(({ id }) => id);
    return readBlocks(this.#read, ids);
  }
}

function total(rows: readonly { readonly n: number }[]): number {
  return rows.reduce((sum, { n }) => sum + n, 0);
}

/** The block with its points from `before` on; it has at least one. */
function withoutOlder(row: BlockRow, before: EpochMs): BlockRow {
  const points = decodeBlock(row).filter(({ at }) => at >= before);
  const columns = {
    q: points.map(({ q }) => q),
    at: points.map(({ at }) => at),
    value: points.map(({ value }) => value ?? NaN),
    code: points.map(({ code }) => code),
  };
  return { id: row.id, channel: row.channel, ...encodeBlock(columns, 0, points.length) };
}
