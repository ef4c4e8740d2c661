import { isHyphaeError, silentLogger, SystemClock } from '@hyphae/core';
import { publishedSchema } from '../config/check-shape.js';
import { problemsOf } from '../config/problem.js';
import { locate } from '../daemon/locate.js';
import { readConfig } from '../daemon/read-config.js';
import type { CommandContext } from './main.js';
import { discoveryProblems } from './plugin-lines.js';
import { errorJson } from './terminal.js';
import type { Candidate } from '../discovery/plugin-set.js';

/** Options of `hyphae check`. */
export interface CheckOptions {
  readonly configFile: string | undefined;
  readonly json: boolean;
  readonly schema: boolean;
}

/** Checks a configuration and says what is in it. Throws HYP_CONFIG_INVALID where the result is not JSON. */
export async function check({ terminal, env, cwd }: CommandContext, options: CheckOptions): Promise<void> {
  if (options.schema) return terminal.raw(publishedSchema());
  const { configFile, dataDir } = locate({ configFile: options.configFile, env, cwd });
  let candidates: readonly Candidate[] = [];
  try {
    const parts = { configFile, dataDir, env, clock: new SystemClock(), log: silentLogger };
    const { config } = await readConfig(parts, (discovery) => (candidates = discovery.candidates));
    const { boards, services = {}, sensors = {}, outputs = {}, functions = {} } = config.plan;
    const counts = Object.entries({ boards, services, sensors, outputs, functions }).map(
      ([section, entries]) => [section, Object.keys(entries).length] as const,
    );
    if (options.json) {
      terminal.out(
        JSON.stringify({ ok: true, file: configFile, node: config.name, counts: Object.fromEntries(counts) }),
      );
      return;
    }
    const found = counts.filter(([, count]) => count > 0).map(([section, count]) => `${count} ${section}`);
    terminal.out(
      `${terminal.paint('green', 'ok')} ${configFile}: ${found.length > 0 ? found.join(', ') : 'nothing configured'}`,
    );
    for (const line of discoveryProblems(candidates, terminal.paint)) terminal.note(line);
  } catch (error) {
    if (!options.json) {
      for (const line of discoveryProblems(candidates, terminal.paint)) terminal.note(line);
      throw error;
    }
    const problems = isHyphaeError(error) ? problemsOf(error) : [];
    terminal.out(JSON.stringify({ ok: false, file: configFile, error: errorJson(error), problems }));
    process.exitCode = 1;
  }
}
