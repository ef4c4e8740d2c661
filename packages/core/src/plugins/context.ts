import type { Logger } from '../logging/logger.js';
import type { Clock } from '../time/clock.js';
import type { Random } from '../time/random.js';

/** Everything a plugin may use besides the handles it asked for. */
export interface PluginContext<Options = unknown> {
  /** The instance's configured name. */
  readonly name: string;
  /** Validated, with defaults filled in. */
  readonly options: Options;
  readonly clock: Clock;
  readonly log: Logger;
  /** Aborts when the instance stops. */
  readonly signal: AbortSignal;
  /** Seeded by node and instance. Not for secrets. */
  readonly random: Random;
}
