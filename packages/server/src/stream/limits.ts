/** Bounds of the stream. Every one is there so that no client can take the node's memory or time from the others. */
export interface StreamLimits {
  readonly flushMs: number;
  readonly frameRecords: number;
  readonly catchUpRecords: number;
  readonly frameBytes: number;
  readonly windowBytes: number;
  readonly windowFrames: number;
  /** Without an acknowledgement for this long, a lossless client is cut. */
  readonly slowMs: number;
  readonly heartbeatMs: number;
  readonly silenceMs: number;
  readonly authMs: number;
  readonly ringRecords: number;
  readonly ringMs: number;
  readonly resumeRecords: number;
  readonly catchUps: number;
  readonly messageBytes: number;
  readonly sockets: number;
  readonly socketsPerAddress: number;
  readonly socketsPerToken: number;
  readonly strangersPerAddress: number;
  readonly handshakesPerSecond: number;
  readonly subs: number;
  readonly selectors: number;
  readonly channelsPerSub: number;
  readonly messagesPerSecond: number;
  readonly messageBurst: number;
  readonly commandsInFlight: number;
  readonly errorsPerMinute: number;
  /** Bytes waiting in one socket above which nothing more is produced for it. */
  readonly socketBytes: number;
}

/** The defaults of the protocol page. */
export const DEFAULT_LIMITS: StreamLimits = {
  flushMs: 20,
  frameRecords: 256,
  catchUpRecords: 500,
  frameBytes: 32 * 1024,
  windowBytes: 256 * 1024,
  windowFrames: 64,
  slowMs: 30_000,
  heartbeatMs: 15_000,
  silenceMs: 30_000,
  authMs: 5_000,
  ringRecords: 50_000,
  ringMs: 60_000,
  resumeRecords: 200_000,
  catchUps: 4,
  messageBytes: 64 * 1024,
  sockets: 200,
  socketsPerAddress: 20,
  socketsPerToken: 8,
  strangersPerAddress: 5,
  handshakesPerSecond: 50,
  subs: 32,
  selectors: 64,
  channelsPerSub: 4_096,
  messagesPerSecond: 50,
  messageBurst: 100,
  commandsInFlight: 64,
  errorsPerMinute: 20,
  socketBytes: 256 * 1024,
};
