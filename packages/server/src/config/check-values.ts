import type { OutputDefinition, SensorDefinition } from '@hyphae/core';
import { type Check, pluginOf } from './check.js';
import { suggest } from './suggest.js';

/** Numbers of sensors and outputs fit what their plugins can do. */
export function checkValues(check: Check): void {
  const { config, source } = check;
  for (const [name, section] of Object.entries(config.sensors ?? {})) {
    const plugin = pluginOf(check, 'sensors', section);
    if (!plugin) continue;
    const { id, channels } = plugin as unknown as SensorDefinition; // the kind decides the definition's type
    for (const [channel, [min, max]] of Object.entries(section.plausible ?? {})) {
      const path = ['sensors', name, 'plausible', channel];
      if (!Object.hasOwn(channels, channel)) {
        source.report(
          path,
          `${id} has no channel "${channel}"; ${suggest(channel, Object.keys(channels), 'it has')}`,
          'key',
        );
      } else if (min >= max) {
        source.report(path, `the first value must be smaller than the second, found [${min}, ${max}]`);
      }
    }
  }
  for (const [name, section] of Object.entries(config.outputs ?? {})) {
    const plugin = pluginOf(check, 'outputs', section);
    if (!plugin) continue;
    const { id, mode, range = [0, 1] } = plugin as unknown as OutputDefinition; // the kind decides the definition's type
    for (const key of ['safe', 'startup'] as const) {
      const value = section[key];
      if (typeof value !== 'number') continue;
      const path = ['outputs', name, key];
      if (value < range[0] || value > range[1]) {
        source.report(path, `${value} is outside of what ${id} takes: from ${range[0]} to ${range[1]}`);
      } else if (mode === 'switch' && value !== range[0] && value !== range[1]) {
        source.report(path, `${id} is a switch: ${range[0]} (off) or ${range[1]} (on)`);
      }
    }
  }
}
