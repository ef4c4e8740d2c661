import type { Clock, Logger } from '@hyphae/core';
import type { MeasurementStore } from '@hyphae/core/store';
import type { Authenticator } from '../auth/authenticator.js';
import type { Identity } from '../auth/token-store.js';
import type { CommandDesk } from './command-desk.js';
import type { StreamLimits } from './limits.js';
import type { MessageParser } from './message-parser.js';
import type { Session } from './session.js';
import type { StreamCounters } from './stream-counters.js';
import type { StreamHub } from './stream-hub.js';

/** What every connection shares. */
export interface StreamContext {
  /** The node's name. */
  readonly node: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: StreamLimits;
  readonly counters: StreamCounters;
  readonly hub: StreamHub;
  readonly store: MeasurementStore;
  readonly desk: CommandDesk;
  readonly authenticator: Authenticator;
  readonly parser: MessageParser;
  /** Whether what is committed now survives the process. */
  durable(): boolean;
  /** Lets a session in under an identity, unless that has too many. */
  admit(session: Session, who: Identity): boolean;
  gone(session: Session): void;
}
