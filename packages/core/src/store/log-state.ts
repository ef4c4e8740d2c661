import { ChannelTable } from './channel-table.js';
import { type EncodedBatch, noteLast } from './encode-batch.js';
import type { PageLog } from './page-log.js';
import { SqlChannel } from './sql-channel.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { limitSealed, loadChannels, nextBlockId } from './store-row.js';
import { Tail } from './tail.js';

/** What the parts of a store on disk know of it in memory. It changes only after a commit, in one go. */
export class LogState {
  head = 0;
  floor = 0;
  /** The id of the next new block. */
  nextBlock = 1;
  /** What is committed and not yet in blocks. Another object whenever `channels` is another. */
  tail = new Tail();
  /** Another object once the disk had to be read again. */
  channels = newTable();

  constructor(public epoch: string) {}

  /** Reads channels, last records and the tail of the log. Use it while nothing else writes. */
  async load({ writer }: SqliteDatabase, pages: PageLog): Promise<void> {
    const table = newTable();
    const { head, floor } = await pages.bounds();
    await limitSealed(writer, head);
    const sealed = await loadChannels(writer, table);
    this.nextBlock = await nextBlockId(writer);
    const tail = new Tail();
    await pages.scan(Math.max(sealed, floor), head, (q, handle, value, at, code) => {
      const channel = table.byHandle(handle);
      if (!channel || q <= channel.sealedTo) return;
      tail.push(channel, q, at, value ?? NaN, code);
      channel.note(q, value ?? NaN, at, code);
    });
    this.channels = table;
    this.head = head;
    this.floor = floor;
    this.tail = tail;
  }

  /** Takes over what has just been committed. */
  accept(batches: readonly EncodedBatch<SqlChannel>[]): void {
    this.channels.confirm();
    for (const batch of batches) {
      const { channels, values, ats, codes, from, to } = batch;
      for (let i = 0; i < channels.length; i++) {
        this.tail.push(channels[i]!, from + 1 + i, ats[i]!, values[i]!, codes[i]!); // the columns have one length
      }
      noteLast(batch);
      this.head = to;
    }
  }
}

function newTable(): ChannelTable<SqlChannel> {
  return new ChannelTable((handle, path, unit, kind) => new SqlChannel(handle, path, unit, kind));
}
