import { type Duration, type Logger, toMs } from '@hyphae/core';
import type { Node } from '@hyphae/core/kernel';
import type { Store } from '@hyphae/core/store';
import { SteadyTime } from '../time/steady-time.js';

const PRUNE_EVERY = '10 min';

/** Deletes readings older than `keep` now and then. A wall clock that jumps ahead must not delete what is not old. */
export function keepFor(
  keep: Duration,
  node: Pick<Node, 'scheduler' | 'clock'>,
  store: { readonly measurements: Pick<Store['measurements'], 'prune'> },
  log: Logger,
): void {
  const time = new SteadyTime(node.clock);
  let doubted = false;
  node.scheduler.every(
    PRUNE_EVERY,
    async () => {
      const now = time.now();
      if (time.doubtful && !doubted) {
        log.warn('the clock has jumped ahead; readings are deleted by it only when it has stood for a day', {
          aheadMs: node.clock.now() - now,
        });
      }
      doubted = time.doubtful;
      const removed = await store.measurements.prune(now - toMs(keep));
      if (removed > 0) log.debug('old readings deleted', { removed });
    },
    {
      name: 'pruning',
      phase: 'aligned',
      onError: (error) =>
        log.warn('old readings could not be deleted', {
          error: error instanceof Error ? error.message : String(error),
        }),
    },
  );
}
