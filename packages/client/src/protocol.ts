/**
 * Messages of the subprotocol `hyphae.v1.json` (docs/reference/stream-protocol.md). `ServerMessage` is what a client
 * receives, `ClientMessage` what it sends. Unknown fields are to be ignored on both sides.
 */

/** The subprotocol a client asks for. */
export const SUBPROTOCOL = 'hyphae.v1.json';

/** What a record is: measurement, state, event, audit. */
export type Kind = 'm' | 's' | 'e' | 'a';

/** Record on the wire: `[q, handle, value, tsMs, quality]`. Quality: 0 good, 1 stale, 2 suspect, 3 bad, plus 4 where simulated. */
export type Row = [q: number, handle: number, value: number | null, tsMs: number, quality: number];

/** Row of a snapshot: `[handle, value, tsMs, quality]`. */
export type SnapshotRow = [handle: number, value: number | null, tsMs: number, quality: number];

/** Path and UCUM unit by handle. */
export type ChannelTable = Record<string, [path: string, unit: string]>;

/** How records are delivered: each once, the last per channel, or the last per channel at most every `minMs`. */
export type Mode = 'lossless' | 'latest' | 'sample';

/** A position to resume from. */
export interface Position {
  readonly e: string;
  readonly q: number;
}

/** Why a resume did not succeed. */
export type Why = 'epoch' | 'expired' | 'ahead' | 'too_many';

/** The range `(from, to]` that will never be delivered. */
export interface Lost {
  readonly from: number;
  readonly to: number;
}

/** Codes of `err` messages and of the `err` field of a `cres`. */
export type StreamErrorCode =
  | 'bad_json'
  | 'bad_type'
  | 'bad_field'
  | 'unknown_type'
  | 'id_not_increasing'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'too_large'
  | 'too_many_subs'
  | 'too_many_selectors'
  | 'bad_selector'
  | 'rate_limited'
  | 'busy'
  | 'not_owner'
  | 'interlock'
  | 'out_of_range'
  | 'idem_conflict'
  | 'expired'
  | 'device_unavailable'
  | 'storage_degraded'
  | 'internal';

/** First message of the server. */
export interface Hello {
  readonly t: 'hello';
  readonly p: 1;
  readonly auth: readonly ('token' | 'ticket')[];
  readonly deadlineMs: number;
}

/** Limits a client has to keep, as told in `ready`. */
export interface ReadyLimits {
  readonly messageBytes: number;
  readonly subs: number;
  readonly selectors: number;
  readonly channelsPerSub: number;
  readonly windowBytes: number;
  readonly windowFrames: number;
  readonly messagesPerSecond: number;
  readonly commandsInFlight: number;
}

/** Authenticated: where the log stands. */
export interface Ready {
  readonly t: 'ready';
  readonly node: string;
  readonly epoch: string;
  readonly head: number;
  readonly durable: boolean;
  readonly now: { readonly wall: number; readonly mono: number };
  readonly scopes: readonly string[];
  readonly limits: ReadyLimits;
  readonly hbMs: number;
  readonly caps: readonly string[];
}

/** A subscription is accepted. Its first frame starts at `at`. */
export interface SubOk {
  readonly t: 'subok';
  readonly id: number;
  readonly sub: number;
  readonly e: string;
  readonly at: number;
  readonly resumed: boolean;
  readonly why?: Why;
  readonly lost?: Lost;
  readonly ch: ChannelTable;
}

/** One page of the snapshot as of `at`. */
export interface Snap {
  readonly t: 'snap';
  readonly sub: number;
  readonly at: number;
  readonly part: number;
  readonly last: boolean;
  readonly r: readonly SnapshotRow[];
}

/** The records of `(from, to]`. */
export interface Delta {
  readonly t: 'd';
  readonly sub: number;
  readonly from: number;
  readonly to: number;
  readonly r: readonly Row[];
  readonly ch?: ChannelTable;
  readonly cu?: true;
  readonly col?: { readonly n: number; readonly why: 'slow' | 'rate' };
}

/** A subscription is over. */
export interface End {
  readonly t: 'end';
  readonly sub: number;
  readonly id?: number;
  readonly code: 'unsub' | 'expired' | 'epoch' | 'too_large' | 'internal';
  readonly lost?: Lost;
}

/** Nothing else was sent for a while. */
export interface Heartbeat {
  readonly t: 'hb';
  readonly q: number;
  readonly ts: number;
}

/** A command is accepted and recorded. */
export interface CommandAccepted {
  readonly t: 'cack';
  readonly id: number;
}

/** How a command ended. */
export type CommandState = 'done' | 'rejected' | 'failed' | 'expired' | 'aborted';

/** Result of a command. `q`: the transition is at or before it. */
export interface CommandResult {
  readonly t: 'cres';
  readonly id?: number;
  readonly key?: string;
  readonly st: CommandState;
  readonly rev?: number;
  readonly q?: number;
  readonly dup?: true;
  readonly lease?: string;
  readonly err?: { readonly code: StreamErrorCode; readonly msg: string };
}

/** A request failed, or a message could not be understood. */
export interface Err {
  readonly t: 'err';
  readonly id?: number;
  readonly code: StreamErrorCode;
  readonly msg: string;
  readonly retry: boolean;
  readonly afterMs?: number;
}

/** Everything a server sends. */
export type ServerMessage =
  Hello | Ready | SubOk | Snap | Delta | End | Heartbeat | CommandAccepted | CommandResult | Err;

/** Proves who the client is; within `deadlineMs` of `hello`. */
export interface Auth {
  readonly t: 'auth';
  readonly token?: string;
  readonly ticket?: string;
  readonly client?: { readonly name: string; readonly ver?: string };
  readonly caps?: readonly string[];
}

/** Asks for a subscription. */
export interface Sub {
  readonly t: 'sub';
  readonly id: number;
  readonly sel: readonly string[];
  readonly kinds?: readonly Kind[];
  readonly mode?: Mode;
  readonly minMs?: number;
  readonly maxMs?: number;
  readonly snap?: boolean;
  readonly from?: Position | { readonly tsMs: number } | 'now';
}

/** Everything up to `q` has arrived. */
export interface Ack {
  readonly t: 'ack';
  readonly sub: number;
  readonly q: number;
}

/** Ends a subscription. */
export interface Unsub {
  readonly t: 'unsub';
  readonly id: number;
  readonly sub: number;
}

/** Commands an output. `key` makes repeating it harmless. */
export interface Cmd {
  readonly t: 'cmd';
  readonly id: number;
  readonly key: string;
  readonly to: string;
  readonly op: 'set' | 'release';
  readonly args?: { readonly on?: boolean; readonly value?: number };
  readonly ttlMs?: number;
  readonly lease?: { readonly ms: number };
  readonly if?: { readonly rev: number };
}

/** Renews a lease. */
export interface Renew {
  readonly t: 'renew';
  readonly id?: number;
  readonly lease: string;
}

/** Asks how a command ended. */
export interface CommandGet {
  readonly t: 'cget';
  readonly id?: number;
  readonly key: string;
}

/** Shows that the client is alive; not answered. */
export interface ClientHeartbeat {
  readonly t: 'hb';
}

/** Everything a client sends. */
export type ClientMessage = Auth | Sub | Ack | Unsub | Cmd | Renew | CommandGet | ClientHeartbeat;

/** Close codes. 40xx: do not try again; 41xx: try again with back-off; 42xx: try again now. */
export const CLOSE = {
  malformed: 4000,
  badCredentials: 4001,
  forbidden: 4003,
  authTimeout: 4005,
  version: 4006,
  tooManyErrors: 4009,
  shuttingDown: 4100,
  overloaded: 4101,
  slow: 4102,
  heartbeat: 4103,
  rate: 4104,
  internal: 4105,
  tokenChanged: 4200,
  resync: 4202,
} as const;
