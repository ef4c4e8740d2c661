import type { LatestGroup } from './latest-group.js';
import { Subscription, type SubscriptionHost } from './subscription.js';

/** Gets the last record of each channel; what was folded away is counted, not delivered. */
export class LatestSubscription extends Subscription {
  readonly mode = 'latest';
  /** Matching records of the group up to `at`. */
  #base: number;
  #slow = false;
  /** While the records between a resume point and the head are being counted. */
  #counting = false;

  constructor(
    sub: number,
    host: SubscriptionHost,
    override readonly group: LatestGroup,
    at: number,
  ) {
    super(sub, host, group, at);
    this.#base = group.matched;
  }

  /** Holds back until {@link counted}. */
  startCounting(): void {
    this.#counting = true;
  }

  /** There were `matching` records between the resume point and where the group stood at {@link startCounting}. */
  counted(matching: number): void {
    this.#base -= matching;
    this.#counting = false;
  }

  protected override advance(): void {
    const { group, host } = this;
    if (this.#counting || group.scanned <= this.at || group.matched === this.#base) return;
    if (host.clock.monotonic() < group.dueMs) return;
    if (!this.may()) return void (this.#slow = true);
    const frame = group.fold(this.at);
    const folded = group.matched - this.#base - frame.records;
    host.counters.folded += folded;
    const why = this.#slow ? 'slow' : 'rate';
    this.sendFrame(frame, false, folded > 0 ? `"col":{"n":${folded},"why":"${why}"},` : '');
    this.#base = group.matched;
    this.#slow = false;
  }

  protected override passed(): number {
    return this.#counting || this.group.matched !== this.#base ? this.at : this.group.scanned;
  }
}
