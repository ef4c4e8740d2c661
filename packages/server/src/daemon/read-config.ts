import { hostname } from 'node:os';
import { basename, dirname } from 'node:path';
import type { Clock, Logger } from '@hyphae/core';
import { SeededRandom } from '@hyphae/core';
import { loadConfig, type NodeConfig, providersIn } from '../config/load-config.js';
import { secretSources } from '../config/secret-sources.js';
import { YamlSource } from '../config/yaml-source.js';
import { discoverPlugins, type Discovery } from '../discovery/discover.js';
import type { Environment } from './locate.js';
import { readText } from './read-text.js';

/** What reading a configuration needs. */
export interface ReadConfigOptions {
  readonly configFile: string;
  /** Its package.json names plugin packages. */
  readonly dataDir: string;
  readonly env: Environment;
  readonly clock: Clock;
  readonly log: Logger;
  /** Decides everything random in simulated boards. Default 0. */
  readonly seed?: number;
}

/** A valid configuration, and the plugins that were found for it. */
export interface ReadConfig {
  readonly config: NodeConfig;
  readonly discovery: Discovery;
}

/**
 * Reads and checks a configuration file, with the plugins installed for it.
 *
 * @param onDiscovery is told what discovery found even when the file turns out to be invalid
 * @throws HYP_CONFIG_FILE when it cannot be read, HYP_CONFIG_INVALID with every problem found
 */
export async function readConfig(
  { configFile, dataDir, env, clock, log, seed = 0 }: ReadConfigOptions,
  onDiscovery?: (discovery: Discovery) => void,
): Promise<ReadConfig> {
  const source = new YamlSource(await readText(configFile), secretSources(env, dirname(configFile)));
  const discovery = await discoverPlugins({ clock, folders: [dataDir], providers: providersIn(source) });
  onDiscovery?.(discovery);
  const config = await loadConfig(source, {
    plugins: discovery.plugins,
    log,
    random: new SeededRandom(seed),
    file: basename(configFile),
    name: defaultName(),
  });
  return { config, discovery };
}

/** The machine's name, as far as it can be a node's name. */
function defaultName(): string {
  const name = hostname()
    .replace(/[^A-Za-z0-9_.-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
  return name === '' ? 'hyphae' : name;
}
