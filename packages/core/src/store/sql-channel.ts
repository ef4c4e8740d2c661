import type { EpochMs } from '../time/clock.js';
import { StoredChannel } from './channel-table.js';
import type { TailChannel } from './tail.js';

/** The block of a channel that can still take points. */
export interface OpenBlock {
  readonly id: number;
  readonly n: number;
  readonly fromAt: EpochMs;
  readonly toAt: EpochMs;
}

/** A channel on disk: beside its last record, how far it is in blocks. */
export class SqlChannel extends StoredChannel implements TailChannel {
  /** Points up to this sequence number are in blocks. */
  sealedTo = 0;
  open: OpenBlock | undefined;
  firstInTail = 0;
  lastInTail = 0;
}
