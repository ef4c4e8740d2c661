/** Counters of the stream, for `/metrics`. They only grow. */
export class StreamCounters {
  frames = 0;
  bytes = 0;
  records = 0;
  received = 0;
  handshakes = 0;
  refused = 0;
  authFailures = 0;
  subscriptions = 0;
  resumed = 0;
  notResumed = 0;
  /** Clients that knew more than the log: acknowledged records were lost. */
  ahead = 0;
  folded = 0;
  catchUpReads = 0;
  commands = 0;
  readonly closes = new Map<number, number>();
  readonly errors = new Map<string, number>();

  closed(code: number): void {
    this.closes.set(code, (this.closes.get(code) ?? 0) + 1);
  }

  failed(code: string): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }
}
