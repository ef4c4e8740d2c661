import type { AnyPlugin } from '@hyphae/core';
import type { PluginLookup } from './plugin-lookup.js';
import type { ConfigFile } from './schema.js';
import type { YamlSource } from './yaml-source.js';

/** What every cross-check looks at. Problems go to the source. */
export interface Check {
  readonly config: ConfigFile;
  readonly source: YamlSource;
  readonly plugins: PluginLookup;
  /** Set where faulty instances were left out: that something is missing says nothing then. */
  readonly partial?: true;
}

/** The sections that hold instances, with the kind of plugin each takes. */
export const SECTIONS = {
  services: 'service',
  sensors: 'sensor',
  outputs: 'output',
  functions: 'function',
} as const;

/** A section that holds instances. */
export type Section = keyof typeof SECTIONS;

/** What all instance sections have in common. */
export interface InstanceSection {
  readonly plugin: string;
  readonly use?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Every configured instance with its section. */
export function* instances(config: ConfigFile): Generator<readonly [Section, string, InstanceSection]> {
  for (const section of Object.keys(SECTIONS) as Section[]) {
    // its own keys
    for (const [name, instance] of Object.entries(config[section] ?? {})) yield [section, name, instance];
  }
}

/** The plugin an instance names, if discovery found it. */
export function pluginOf({ plugins }: Check, section: Section, instance: InstanceSection): AnyPlugin | undefined {
  return plugins.find(SECTIONS[section], instance.plugin);
}
