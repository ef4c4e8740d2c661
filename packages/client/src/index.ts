/**
 * Typed client of the Hyphae stream for browsers and Node.
 *
 * @packageDocumentation
 */
export { Backoff } from './backoff.js';
export { CLOSE, SUBPROTOCOL } from './protocol.js';
export type {
  Ack,
  Auth,
  ChannelTable,
  ClientHeartbeat,
  ClientMessage,
  Cmd,
  CommandAccepted,
  CommandGet,
  CommandResult,
  CommandState,
  Delta,
  End,
  Err,
  Heartbeat,
  Hello,
  Kind,
  Lost,
  Mode,
  Position,
  Ready,
  ReadyLimits,
  Renew,
  Row,
  ServerMessage,
  Snap,
  SnapshotRow,
  StreamErrorCode,
  Sub,
  SubOk,
  Unsub,
  Why,
} from './protocol.js';
export { StreamClient } from './stream-client.js';
export type { CommandOptions } from './pending-commands.js';
export type { ConnectionState, StreamClientOptions } from './stream-client.js';
export { StreamError } from './stream-error.js';
export { readQuality } from './stream-record.js';
export type { StreamRecord } from './stream-record.js';
export { Subscription } from './subscription.js';
export type { StreamEvent, SubscribeOptions, SubscriptionPort } from './subscription.js';
export type { WebSocketClass, WebSocketLike } from './web-socket-like.js';
