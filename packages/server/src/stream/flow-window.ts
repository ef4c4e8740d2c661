import type { Clock } from '@hyphae/core';
import type { StreamLimits } from './limits.js';

/** What one connection may have sent and not yet seen acknowledged: 256 KiB or 64 frames, whichever comes first. */
export class FlowWindow {
  bytes = 0;
  frames = 0;
  /** Monotonic ms since when acknowledgements are owed without any coming. */
  sinceMs = 0;

  constructor(
    readonly clock: Clock,
    readonly limits: StreamLimits,
  ) {}

  /** True while one more frame fits, whatever its size. The first always does. */
  get open(): boolean {
    const { windowBytes, windowFrames, frameBytes } = this.limits;
    return this.frames === 0 || (this.bytes + frameBytes <= windowBytes && this.frames < windowFrames);
  }

  sent(bytes: number): void {
    if (this.frames === 0) this.sinceMs = this.clock.monotonic();
    this.bytes += bytes;
    this.frames++;
  }

  acked(bytes: number, frames: number): void {
    this.bytes -= bytes;
    this.frames -= frames;
    this.sinceMs = this.clock.monotonic();
  }

  /** True when frames have waited too long for any acknowledgement. */
  get overdue(): boolean {
    return this.frames > 0 && this.clock.monotonic() - this.sinceMs > this.limits.slowMs;
  }
}
