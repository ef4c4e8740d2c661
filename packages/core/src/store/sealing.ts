import type { EpochMs } from '../time/clock.js';
import { decodeBlock, encodeBlock, type PointColumns } from './block-codec.js';
import { type BlockRow, readBlocks, writeBlocks } from './block-table.js';
import type { SqlChannel } from './sql-channel.js';
import type { SqliteConnection } from './sqlite-connection.js';
import type { Tail } from './tail.js';

/** Points of a full block. */
export const BLOCK_POINTS = 1_024;
/** A point this far outside the times of a block begins another: after a step of the clock, ranges must stay narrow. */
const MAX_GAP_MS = 3_600_000;
/**
 * A block is written again with more points only while it has fewer than these, and is at most so many times larger than what is
 * added: with many channels, reading and writing blocks anew costs more than all else a node does, and with few they are large.
 */
const SMALL_BLOCK = 16;
const GROWTH = 4;
/** Points and channels handled in one transaction: some milliseconds of work. */
const CHUNK_POINTS = 4_096;
/** The most channels in one transaction. */
export const CHUNK_CHANNELS = 32;

/** The first points of one channel in the tail, at least one. */
export interface Piece {
  readonly channel: SqlChannel;
  readonly points: PointColumns;
}

/** The next points to seal, with numbers up to `through`, of channels that have some. */
export function nextPieces(tail: Tail, channels: Iterable<SqlChannel>, through: number): Piece[] {
  const pieces: Piece[] = [];
  let room = CHUNK_POINTS;
  for (const channel of channels) {
    const piece = { channel, points: tail.take(channel, through, room) };
    pieces.push(piece);
    room -= piece.points.q.length + (grows(piece) ? (channel.open?.n ?? 0) : 0);
    if (room <= 0 || pieces.length === CHUNK_CHANNELS) break;
  }
  return pieces;
}

interface Span {
  readonly n: number;
  readonly fromAt: EpochMs;
  readonly toAt: EpochMs;
}

function takes({ n, fromAt, toAt }: Span, at: EpochMs): boolean {
  return n < BLOCK_POINTS && at >= fromAt - MAX_GAP_MS && at <= toAt + MAX_GAP_MS;
}

function grows({ channel: { open }, points }: Piece): boolean {
  if (open === undefined || open.n >= SMALL_BLOCK || open.n > GROWTH * points.q.length) return false;
  return takes(open, points.at[0]!); // there is at least one
}

/** Where the points must be cut, so that each piece is a block: the index after each piece. */
function cuts(ats: readonly number[]): number[] {
  const ends: number[] = [];
  let [n, fromAt, toAt] = [0, Infinity, -Infinity];
  for (let i = 0; i < ats.length; i++) {
    const at = ats[i]!; // i is within the column
    if (n > 0 && !takes({ n, fromAt, toAt }, at)) {
      ends.push(i);
      [n, fromAt, toAt] = [0, Infinity, -Infinity];
    }
    n++;
    if (at < fromAt) fromAt = at;
    if (at > toAt) toAt = at;
  }
  if (n > 0) ends.push(ats.length);
  return ends;
}

function withOpen(open: BlockRow | undefined, added: PointColumns): PointColumns {
  if (!open) return added;
  const columns = { q: [] as number[], at: [] as number[], value: [] as number[], code: [] as number[] };
  for (const { q, at, value, code } of decodeBlock(open)) {
    columns.q.push(q);
    columns.at.push(at);
    columns.value.push(value ?? NaN);
    columns.code.push(code);
  }
  for (let i = 0; i < added.q.length; i++) {
    columns.q.push(added.q[i]!); // the columns have one length
    columns.at.push(added.at[i]!);
    columns.value.push(added.value[i]!);
    columns.code.push(added.code[i]!);
  }
  return columns;
}

/**
 * Writes pieces into blocks, in one transaction, and tells the channels so. A block that is not full is written again
 * with more points under its id, so that a reader which has chosen it before finds its points afterwards.
 */
export async function sealPieces(
  writer: SqliteConnection,
  tail: Tail,
  pieces: readonly Piece[],
  nextId: () => number,
): Promise<void> {
  const growing = pieces.filter(grows);
  const rows = await readBlocks(
    (sql, values) => writer.all(sql, values),
    growing.map(({ channel }) => channel.open!.id), // only channels with one grow
  );
  const openRows = new Map(rows.map((row) => [row.channel, row]));
  const blocks: BlockRow[] = [];
  const sealed: (() => void)[] = [];
  const channelValues: (string | number | null)[] = [];
  for (const { channel, points: added } of pieces) {
    const { handle } = channel;
    const open = openRows.get(handle);
    const columns = withOpen(open, added);
    let from = 0;
    for (const end of cuts(columns.at)) {
      const id = from === 0 && open ? open.id : nextId();
      blocks.push({ id, channel: handle, ...encodeBlock(columns, from, end) });
      from = end;
    }
    const last = blocks.at(-1)!; // each piece gives at least one
    // there is at least one point
    const [lastQ, value, at, code] = [added.q.at(-1)!, added.value.at(-1)!, added.at.at(-1)!, added.code.at(-1)!];
    const row = `[${lastQ},${handle},${Number.isNaN(value) ? null : value},${at},${code}]`;
    channelValues.push(handle, lastQ, last.id, row);
    sealed.push(() => {
      tail.drop(channel, added.q);
      channel.sealedTo = lastQ;
      channel.open = { id: last.id, n: last.n, fromAt: last.fromAt, toAt: last.toAt };
    });
  }
  await writer.transaction(async () => {
    await writeBlocks(writer, blocks);
    if (pieces.length === CHUNK_CHANNELS) await writer.runPrepared(UPDATE_FULL, channelValues);
    else await writer.run(updateOf(pieces.length), channelValues);
  });
  for (const tell of sealed) tell();
}

/** Tells channels what is in their blocks. They are in the table since their first record. */
function updateOf(channels: number): string {
  const rows = new Array<string>(channels).fill('(?, ?, ?, ?)').join(', ');
  return `WITH done (handle, sealed_to, open_block, last) AS (VALUES ${rows})
     UPDATE channel SET sealed_to = done.sealed_to, open_block = done.open_block, last = done.last
     FROM done WHERE channel.handle = done.handle`;
}

const UPDATE_FULL = updateOf(CHUNK_CHANNELS);
