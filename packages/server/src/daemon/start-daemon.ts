import { randomInt } from 'node:crypto';
import {
  type Clock,
  type HyphaeError,
  isHyphaeError,
  Lifetime,
  type Logger,
  SeededRandom,
  SystemClock,
} from '@hyphae/core';
import type { Node } from '@hyphae/core/kernel';
import type { Store } from '@hyphae/core/store';
import { newToken, TokenStore } from '../auth/token-store.js';
import { openTokenFile } from '../auth/token-file.js';
import { isLoopback, parseListen } from '../config/listen-address.js';
import type { Candidate } from '../discovery/plugin-set.js';
import type { Server } from '../http/create-server.js';
import { ConfigWatch, stampOf } from './config-watch.js';
import { openDataDirectory } from './data-directory.js';
import { type Environment, locate, type Places } from './locate.js';
import { keepFor } from './keep-for.js';
import { readConfig } from './read-config.js';
import { openUsableStore } from './usable-store.js';

const PART_DEADLINE = '5 s';

/** How a daemon is started. */
export interface DaemonOptions {
  /** Default: found as `locate` describes. */
  readonly configFile?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly env?: Environment;
  readonly cwd?: string;
  readonly clock?: Clock;
  readonly log: Logger;
  /** Told what became of the plugin packages, also where the start fails after that. */
  readonly onDiscovery?: (candidates: readonly Candidate[]) => void;
  /** The program's version, for clients. */
  readonly version?: string;
}

/** A node with its store and server. */
export interface Daemon extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly places: Places;
  readonly tokenFile: string;
  readonly node: Node;
  readonly store: Store;
  /** What became of every plugin package. */
  readonly candidates: readonly Candidate[];
  /** What the node has to do without: a data directory or a database that cannot be written. */
  readonly shortcomings: readonly HyphaeError[];
  /** Resolves when every instance runs, waits, or has failed its first try. */
  readonly started: Promise<void>;
  /** Reads the configuration again and applies it where it is valid. Never rejects: the outcome is logged. */
  reload(): Promise<boolean>;
  /** Outputs safe first, then everything else, in order. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Composes and starts a node: data directory, configuration, plugins, store, kernel, server. It resolves once the server
 * listens; the instances start meanwhile.
 *
 * @throws HYP_DATA_IN_USE, HYP_DATA_DIRECTORY, HYP_CONFIG_FILE, HYP_CONFIG_INVALID, HYP_LISTEN, HYP_STORE_SCHEMA; nothing is left
 * behind then
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { env = process.env, cwd = process.cwd(), clock = new SystemClock(), log, version } = options;
  // What the start will need is read from disk while the configuration is checked.
  const modules = Promise.all([
    import('@hyphae/core/kernel'),
    import('@hyphae/core/store'),
    import('../http/create-server.js'),
  ]);
  modules.catch(() => {}); // awaited below, unless something else fails first

  const places = locate({ configFile: options.configFile, dataDir: options.dataDir, env, cwd });
  const life = new Lifetime('daemon', { clock, deadline: PART_DEADLINE });
  try {
    const shortcomings: HyphaeError[] = [];
    const data = life.own(await openDataDirectory(places.dataDir), 'data directory');
    if (data.unusable) shortcomings.push(data.unusable);
    const readOptions = { configFile: places.configFile, dataDir: places.dataDir, env, clock, log };
    let candidates: readonly Candidate[] = [];
    // Before it is read: what is saved from here on is a change, also while the instances start.
    const stamp = await stampOf(places.configFile);
    const { config } = await readConfig(readOptions, (discovery) => {
      candidates = discovery.candidates;
      options.onDiscovery?.(candidates);
    });
    const listen = env['HYPHAE_LISTEN'] ? parseListen(env['HYPHAE_LISTEN']) : config.server.listen;
    if (!isLoopback(listen.host)) {
      log.warn('the server is reachable from the network without encryption: put a proxy with TLS in front of it', {
        ...listen,
      });
    }

    const [{ createNode }, { openStore }, { createServer }] = await modules;
    const opened = await openUsableStore({
      open: openStore,
      settings: config.store,
      dataDir: places.dataDir,
      unusable: data.unusable !== undefined,
      clock,
      log,
      shortcomings,
    });
    const store = life.own(opened.store, 'store');
    const node = createNode({
      clock,
      log,
      store,
      random: new SeededRandom(randomInt(2 ** 32)),
      ...(config.store.commit === undefined ? {} : { recorder: { commitEvery: config.store.commit } }),
    });
    const stopNode = () => node[Symbol.asyncDispose]();
    const untilServed = life.defer(stopNode, 'node');
    const tokens = new TokenStore([{ token: await tokenOf(data.tokenFile, shortcomings), name: 'data directory' }]);
    let ready = false;
    const server: Server = life.own(
      await createServer({
        node,
        store,
        clock,
        log,
        tokens,
        listen,
        info: { name: config.name, ...(version === undefined ? {} : { version }) },
        hosts: config.server.hosts,
        origins: config.server.origins,
        plugins: () => candidates,
        ready: () => ready,
        standIn: opened.standIn,
      }),
      'server',
    );
    // Owned last, so that it ends first: outputs go safe before anything else has its chance to be slow.
    untilServed[Symbol.dispose]();
    life.defer(stopNode, 'node');
    await data.announce({ url: server.url, pid: process.pid });

    const watch = new ConfigWatch(node, config, log, async () => {
      const read = await readConfig(readOptions, (discovery) => (candidates = discovery.candidates));
      return read.config;
    });
    const started = node.start(config.plan).then(() => void (ready = true));
    started.catch((error: unknown) => log.error('the node could not start', describe(error)));
    // Requests can wait for the outputs to be safe, but not for the first client to come.
    void started.catch(() => {}).then(() => server.prepare());
    if (!places.embedded) {
      const watching = started.then(() => watch.follow(places.configFile, stamp, clock, life.signal));
      watching.catch((error: unknown) => log.error('the configuration is not watched any more', describe(error)));
    }
    if (config.store.keep !== undefined) keepFor(config.store.keep, node, store, log);
    return {
      name: config.name,
      url: server.url,
      places,
      tokenFile: data.tokenFile,
      node,
      store,
      get candidates() {
        return candidates;
      },
      shortcomings,
      started,
      reload: () => watch.reload(),
      [Symbol.asyncDispose]: () => life[Symbol.asyncDispose](),
    };
  } catch (error) {
    await life[Symbol.asyncDispose]().catch((failure: unknown) => log.warn('cleaning up failed', describe(failure)));
    throw error;
  }
}

/** The token of the data directory; one that nobody knows where it cannot be kept. */
async function tokenOf(file: string, shortcomings: HyphaeError[]): Promise<string> {
  try {
    return (await openTokenFile(file)).token;
  } catch (error) {
    if (!isHyphaeError(error)) throw error;
    shortcomings.push(error);
    return newToken();
  }
}

/** An error as fields of a log line. */
export function describe(error: unknown): object {
  if (isHyphaeError(error)) return { code: error.code, error: error.message };
  if (error instanceof AggregateError)
    return { error: error.message, causes: error.errors.map((each) => String(each)) };
  return { error: error instanceof Error ? error.message : String(error) };
}
