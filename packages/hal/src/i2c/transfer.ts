import type { I2cSegment } from './i2c-bus.js';

/** What the caller of a transfer wants of the bytes read. */
export type Wanted = 'all' | 'first' | 'nothing';

/** One transfer, or one wish for the bus (`segments` undefined), from its submission to its answer. */
export class Transfer {
  next: Transfer | undefined = undefined;
  answered = false;
  /** Monotonic time at which it is given up while still waiting. */
  untilMs = Infinity;

  constructor(
    readonly owner: object,
    readonly address: number,
    readonly priority: number,
    readonly segments: readonly I2cSegment[] | undefined,
    readonly wanted: Wanted,
    readonly section: Section | undefined,
    private readonly succeed: (value: never) => void,
    private readonly fail: (error: Error) => void,
  ) {}

  /** Called instead of a transfer when this is a wish for the bus. */
  enter(section: Section): void {
    this.answered = true;
    (this.succeed as (value: Section) => void)(section); // whoever submits no segments waits for a section
  }

  /** Hands the bytes over; says what is wrong with them if something is. */
  answer(result: readonly Uint8Array[]): string | undefined {
    if (this.answered) return undefined;
    let index = 0;
    for (const segment of this.segments ?? []) {
      if (!('read' in segment)) continue;
      const found = result[index++]?.length ?? 0;
      if (found !== segment.read) return `${found} bytes came instead of ${segment.read}`;
    }
    this.answered = true;
    const value = this.wanted === 'all' ? result : this.wanted === 'first' ? result[0] : undefined;
    (this.succeed as (value: unknown) => void)(value); // `wanted` was chosen to fit the promise this resolves
    return undefined;
  }

  reject(error: Error): void {
    if (this.answered) return;
    this.answered = true;
    this.fail(error);
  }
}

/** A time in which one owner has the bus to itself. */
export class Section {
  readonly turns: Transfer[] = [];
  ended = false;

  constructor(
    readonly owner: object,
    readonly address: number,
  ) {}

  end(error: Error): void {
    this.ended = true;
    for (const waiting of this.turns.splice(0)) waiting.reject(error);
  }
}
