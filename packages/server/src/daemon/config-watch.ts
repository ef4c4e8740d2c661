import { stat } from 'node:fs/promises';
import { type Clock, isHyphaeError, type Logger } from '@hyphae/core';
import type { Node } from '@hyphae/core/kernel';
import type { NodeConfig } from '../config/load-config.js';

const POLL = '1 s';

/** Applies a changed configuration to a running node. An invalid one changes nothing. */
export class ConfigWatch {
  #current: NodeConfig;
  #work: Promise<boolean> | undefined;
  #again = false;

  constructor(
    private readonly node: Node,
    initial: NodeConfig,
    private readonly log: Logger,
    private readonly read: () => Promise<NodeConfig>,
  ) {
    this.#current = initial;
  }

  /**
   * Reads and applies. Calls during one reload share one further reload. Resolves to whether the last one was applied;
   * never rejects.
   */
  reload(): Promise<boolean> {
    if (this.#work) {
      this.#again = true;
      return this.#work;
    }
    this.#work = this.#reload().finally(() => (this.#work = undefined));
    return this.#work;
  }

  /**
   * Reloads whenever the file has changed and then been left alone for a second, until the signal aborts.
   *
   * @param applied stamp of the file from before the initial configuration was read
   */
  async follow(file: string, applied: string | undefined, clock: Clock, signal: AbortSignal): Promise<void> {
    let seen = applied;
    while (!signal.aborted) {
      await clock.sleep(POLL, { signal, name: 'configuration poll' }).catch(() => {});
      if (signal.aborted) return;
      const now = await clock.io(stampOf(file));
      // Half a file may be valid by itself: it is read only once it no longer changes.
      const settled = now === seen;
      seen = now;
      if (!settled || now === applied || now === undefined) continue;
      applied = now;
      await this.reload();
    }
  }

  async #reload(): Promise<boolean> {
    let applied: boolean;
    do {
      this.#again = false;
      applied = await this.#apply();
    } while (this.#again);
    return applied;
  }

  async #apply(): Promise<boolean> {
    try {
      const next = await this.read();
      const report = await this.node.apply(next.plan);
      const { name, server, store } = this.#current;
      if (JSON.stringify([name, server, store]) !== JSON.stringify([next.name, next.server, next.store])) {
        this.log.warn('changes of node, server and store take effect at the next start');
      }
      // What runs is compared, not what was read last: a change taken back is no change.
      this.#current = { ...next, name, server, store };
      const { started, stopped, rebuilt, kept } = report;
      this.log.info('configuration applied', { started, stopped, rebuilt, kept: kept.length });
      return true;
    } catch (error) {
      const problems = isHyphaeError(error) ? error.context['problems'] : undefined;
      this.log.error('the changed configuration was not applied; the node goes on with the one before', {
        ...(isHyphaeError(error) ? { code: error.code } : {}),
        problems: Array.isArray(problems) ? problems : [error instanceof Error ? error.message : String(error)],
      });
      return false;
    }
  }
}

/** Changes when the file does. `undefined` while it is not there, as between the two steps of a careless save. */
export async function stampOf(file: string): Promise<string | undefined> {
  try {
    const { mtimeMs, size, ino } = await stat(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return undefined;
  }
}
