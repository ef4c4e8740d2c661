import type { Logger } from '../logging/logger.js';
import type { Clock } from '../time/clock.js';
import type { Health } from './instance.js';
import type { Interlocks } from './interlocks.js';
import type { OutputDevice } from './output-device.js';
import type { LimitKeeper } from './output-limits.js';

/** What whoever is in control wants. */
export interface Wish {
  readonly value: number;
  /** It does not wait for the shortest time on: nobody is in control, or the node stops. */
  readonly urgent: boolean;
}

/** What an {@link OutputMotion} works with. */
export interface MotionParts {
  readonly id: string;
  readonly safe: number;
  /** Values as far apart as this are the same to the device. */
  readonly tolerance: number;
  readonly device: OutputDevice;
  readonly limits: LimitKeeper;
  /** True when nobody has seen the device off since it was on in an earlier run. */
  readonly wasOn: boolean;
  readonly interlock: string | undefined;
  readonly interlocks: Interlocks;
  readonly clock: Clock;
  readonly log: Logger;
  readonly health: Health;
  readonly wish: () => Wish;
  /** A limit has cut the output: whoever held it has lost it. */
  readonly onTrip: () => void;
  /** The confirmed value is another one. */
  readonly onChange: () => void;
  /** What the limits have to remember has changed. */
  readonly onSwitch: () => void;
}
