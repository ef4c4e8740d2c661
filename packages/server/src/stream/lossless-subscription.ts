import type { LogReader } from './log-reader.js';
import type { LosslessGroup } from './lossless-group.js';
import { rowBytes, rowQ, SharedFrame } from './shared-frame.js';
import { Subscription, type SubscriptionHost } from './subscription.js';
import type { PageLimits, RowPage } from './record-ring.js';

/** Gets every record once, in order. When it cannot keep up it stands still, and reads the log by itself afterwards. */
export class LosslessSubscription extends Subscription {
  readonly mode = 'lossless';
  /** Everything up to here was looked at; from `at` to here nothing matched. */
  #read: number;
  #reading = false;
  /** Where the log stood at the start: what comes up to here is catching up. */
  readonly #target: number;

  constructor(
    sub: number,
    host: SubscriptionHost,
    override readonly group: LosslessGroup,
    at: number,
    readonly log: LogReader,
  ) {
    super(sub, host, group, at);
    this.#read = at;
    this.#target = group.scanned;
  }

  protected override advance(): void {
    if (this.#reading) return;
    while (this.#read < this.group.scanned && this.may()) {
      const shared = this.group.frameAt(this.#read);
      if (shared) {
        this.sendFrame(shared, this.at < this.#target);
        this.#read = shared.to;
        continue;
      }
      const page = this.log.recent(this.#read, this.group.wants, this.#limits());
      if (!page) return void this.#fromStore();
      this.#send(page);
    }
  }

  protected override passed(): number {
    return this.#read;
  }

  #limits(): PageLimits {
    const { catchUpRecords: records, frameBytes: bytes } = this.host.limits;
    return { until: this.group.boundary(this.#read), records, bytes };
  }

  #send({ to, rows }: RowPage): void {
    const first = rows[0];
    if (first !== undefined)
      this.sendFrame(new SharedFrame(this.at, rowQ(first), to, rows.length, rowBytes(rows)), true);
    this.#read = to;
  }

  /** One page from the store; then on with what is possible. Failures end the subscription, never the server. */
  #fromStore(): void {
    this.#reading = true;
    void this.log.stored(this.#read, this.group.wants, this.#limits()).then(
      (page) => {
        this.#reading = false;
        if (this.over) return;
        if ('floor' in page) return this.end('expired', { from: this.at, to: page.floor });
        this.#send(page);
        this.pump();
      },
      () => {
        this.#reading = false;
        this.end('internal');
      },
    );
  }
}
