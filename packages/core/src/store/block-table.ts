import type { EpochMs } from '../time/clock.js';
import type { Block } from './block-codec.js';
import type { SqliteConnection, SqlValue } from './sqlite-connection.js';

/** A block as stored. Statistics, then what is needed to decode it. */
export interface BlockRow extends Block {
  readonly id: number;
  readonly channel: number;
}

/** A block without its data: enough to decide whether to read it. */
export type BlockSummary = Omit<BlockRow, 'data' | 'qStep' | 'atStep' | 'scale' | 'quality'>;

const SUMMARY = `id, channel, q_from AS qFrom, q_to AS qTo, from_at AS fromAt, to_at AS toAt, n, valid, min, max, sum`;
/** Rows of one INSERT. */
const INSERT_CHUNK = 32;

type Read = <Row>(sql: string, values: readonly SqlValue[]) => Promise<Row[]>;

function marks(n: number): string {
  return new Array<string>(n).fill('?').join(', ');
}

/** Blocks of these channels that overlap `from ≤ at < to`, in order of their first time. */
export function findBlocks(
  read: Read,
  channels: readonly number[],
  from: EpochMs,
  to: EpochMs,
): Promise<BlockSummary[]> {
  return read<BlockSummary>(
    `SELECT ${SUMMARY} FROM block WHERE channel IN (${marks(channels.length)}) AND to_at >= ? AND from_at < ?
     ORDER BY from_at, id`,
    [...channels, from, to],
  );
}

/** Reads whole blocks; those deleted meanwhile are missing. */
export function readBlocks(read: Read, ids: readonly number[]): Promise<BlockRow[]> {
  return read<BlockRow>(
    `SELECT ${SUMMARY}, q_step AS qStep, at_step AS atStep, scale, quality, data FROM block WHERE id IN (${marks(ids.length)})`,
    ids,
  );
}

/** Writes blocks, each over the one with its id. */
export async function writeBlocks(writer: SqliteConnection, blocks: readonly BlockRow[]): Promise<void> {
  for (let i = 0; i < blocks.length; i += INSERT_CHUNK) {
    const chunk = blocks.slice(i, i + INSERT_CHUNK);
    const values: SqlValue[] = [];
    for (const b of chunk) {
      values.push(b.id, b.channel, b.qFrom, b.qTo, b.fromAt, b.toAt, b.n, b.valid, b.min, b.max, b.sum);
      values.push(b.qStep, b.atStep, b.scale, b.quality, b.data);
    }
    if (chunk.length === INSERT_CHUNK) await writer.runPrepared(INSERT_FULL, values);
    else await writer.run(insertOf(chunk.length), values);
  }
}

function insertOf(rows: number): string {
  const row = `(${marks(16)})`;
  return `INSERT OR REPLACE INTO block
       (id, channel, q_from, q_to, from_at, to_at, n, valid, min, max, sum, q_step, at_step, scale, quality, data)
     VALUES ${new Array<string>(rows).fill(row).join(', ')}`;
}

const INSERT_FULL = insertOf(INSERT_CHUNK);
