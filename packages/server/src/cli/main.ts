import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { readFileSync } from 'node:fs';
import { holdHangUps } from '../daemon/early-hang-up.js';
import { isSelector } from './selector.js';
import { errorJson, explain, processTerminal, type Terminal } from './terminal.js';
import { toMs } from '@hyphae/core';

/** What every command gets. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

const PACKAGE = new URL('../../package.json', import.meta.url);

/** The program's version. */
export function version(): string {
  return String((JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: unknown }).version); // our own package.json
}

function duration(text: string): number {
  try {
    return toMs(text.trim());
  } catch {
    throw new InvalidArgumentError('Write a number and ms, s, min, h or d, such as 7d or "10 s".');
  }
}

function whole(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('Write a whole number.');
  return value;
}

function selectors(text: string, before: readonly string[] = []): readonly string[] {
  if (!isSelector(text))
    throw new InvalidArgumentError("Write a path such as gh1/air/temperature, gh1/+/temperature or 'gh1/#'.");
  return [...before, text];
}

/** Builds the command line. Each command's code is imported when it runs: `hyphae start` should not pay for the others. */
export function program(context: CommandContext): Command {
  const hyphae = new Command('hyphae')
    .description('Sensing and control at the edge: reads sensors, drives outputs, stores and streams what happens')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      `
Environment:
  HYPHAE_CONFIG     the configuration file
  HYPHAE_DATA       the data directory: database, token, plugins
  HYPHAE_LISTEN     host:port to listen on
  HYPHAE_LOG_LEVEL  debug, info, warn, error or silent
  HYPHAE_TOKEN      the token for the node of watch --url

Begin with: hyphae start (a simulated greenhouse), then hyphae watch '#' in a second terminal.`,
    )
    .showHelpAfterError('(hyphae --help lists what is possible)')
    .enablePositionalOptions()
    .exitOverride();

  hyphae
    .command('init')
    .argument('[dir]', 'where to write; it is made if needed', '.')
    .option('--sim', 'a simulated greenhouse instead of the hardware of this board')
    .description('write a configuration to start from; existing files are kept')
    .action(async (dir: string, options: { sim?: boolean }) => {
      const { init } = await import('./init.js');
      await init(context, { dir, simulated: options.sim === true });
    });

  hyphae
    .command('start')
    .option('-c, --config <file>', 'the configuration file')
    .option('-q, --quiet', 'only the log, no values')
    .option('--values <every>', 'print values this often where standard output is no terminal', duration)
    .description('run the node until it is told to stop')
    .action(async (options: { config?: string; quiet?: boolean; values?: number }) => {
      const early = holdHangUps(); // before the rest is even loaded
      const { start } = await import('./start.js');
      await start(context, {
        configFile: options.config,
        quiet: options.quiet === true,
        valuesMs: options.values,
        early,
      });
    });

  hyphae
    .command('check')
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print the result as JSON')
    .option('--schema', 'print the JSON Schema of configuration files instead, for editors')
    .description('check a configuration without starting anything')
    .action(async (options: { config?: string; json?: boolean; schema?: boolean }) => {
      const { check } = await import('./check.js');
      await check(context, {
        configFile: options.config,
        json: options.json === true,
        schema: options.schema === true,
      });
    });

  hyphae
    .command('watch')
    .argument(
      '<selector...>',
      "channels to watch: a path, with + for one level and # for the rest, such as 'gh1/#'",
      selectors,
    )
    .option('-c, --config <file>', 'the configuration file of the node, to find its data directory')
    .option('--json', 'print one JSON object per update')
    .option('--for <time>', 'stop after this time', duration)
    .option('--count <n>', 'stop after this many updates', whole)
    .option('--url <url>', 'where the node is, instead of the one of the data directory')
    .description('show what happens in the running node')
    .action(
      async (
        selected: readonly string[],
        options: { config?: string; json?: boolean; for?: number; count?: number; url?: string },
      ) => {
        const { watch } = await import('./watch.js');
        await watch(context, {
          selectors: selected,
          configFile: options.config,
          json: options.json === true,
          forMs: options.for,
          count: options.count,
          url: options.url,
        });
      },
    );

  hyphae
    .command('simulate')
    .option('--for <time>', 'how long to simulate, such as 7d; default: what the scenario says', duration)
    .option('-c, --config <file>', 'the configuration file')
    .option('--scenario <file>', 'events and faults of the run, and what is expected of it')
    .option('--seed <n>', 'decides everything random; the same seed gives the same run (default: 1)', whole)
    .option('--from <date>', 'when the run begins, such as 2030-06-01 (default: 2030-01-01)')
    .option('--log <file>', 'write every reading, output change and event to this file, one JSON object per line')
    .option('--junit <file>', 'write what came of the expectations to this file, as JUnit XML')
    .option('--with-real', 'include sensors that read the real world; two runs are then not the same')
    .option('--strict', 'fail when a plugin uses the real time or real randomness, which two runs do not share')
    .option(
      '--patience <time>',
      'give up on declared input or output that does not end in this real time',
      duration,
      30_000,
    )
    .option('--json', 'print the summary as JSON')
    .description('run the configuration on a virtual clock, as fast as it goes')
    .action(
      async (options: {
        for?: number;
        config?: string;
        scenario?: string;
        seed?: number;
        from?: string;
        log?: string;
        junit?: string;
        withReal?: boolean;
        strict?: boolean;
        patience: number;
        json?: boolean;
      }) => {
        const { simulate } = await import('./simulate.js');
        await simulate(context, {
          forMs: options.for,
          configFile: options.config,
          scenarioFile: options.scenario,
          seed: options.seed,
          from: options.from,
          logFile: options.log,
          junitFile: options.junit,
          withReal: options.withReal === true,
          strict: options.strict === true,
          patienceMs: options.patience,
          json: options.json === true,
        });
      },
    );

  const plugins = hyphae.command('plugins').description('list, add, remove and check plugin packages');
  plugins
    .command('list', { isDefault: true })
    .option('-c, --config <file>', 'the configuration file, to find the data directory')
    .option('--json', 'print the list as JSON')
    .description('list every package that was considered, and what became of it')
    .action(async (options: { config?: string; json?: boolean }) => {
      const { listPlugins } = await import('./plugins.js');
      await listPlugins(context, { configFile: options.config, json: options.json === true });
    });
  for (const [name, description] of [
    ['add', 'install packages into the data directory, without running their scripts'],
    ['remove', 'remove packages from the data directory'],
  ] as const) {
    plugins
      .command(name)
      .argument('<package...>', 'names as npm takes them')
      .option('-c, --config <file>', 'the configuration file, to find the data directory')
      .description(description)
      .action(async (packages: string[], options: { config?: string }) => {
        const { changePlugins } = await import('./plugins.js');
        await changePlugins(context, name, { packages, configFile: options.config });
      });
  }
  plugins
    .command('check')
    .argument('<path>', 'the folder of a package')
    .option('--json', 'print the result as JSON')
    .description('check a plugin package: manifest, exports, definitions')
    .action(async (path: string, options: { json?: boolean }) => {
      const { checkPlugin } = await import('./plugins.js');
      await checkPlugin(context, { path, json: options.json === true });
    });
  return hyphae;
}

/** Runs the command line and ends the process. The exit status is 0 only on success. */
export async function main(argv: readonly string[]): Promise<void> {
  const terminal = processTerminal();
  try {
    await program({ terminal, env: process.env, cwd: process.cwd() }).parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed what is to be said; help and version are successes.
      process.exitCode = error.exitCode;
    } else {
      process.exitCode = 1;
      if (argv.includes('--json')) terminal.out(JSON.stringify({ ok: false, error: errorJson(error) }));
      for (const line of explain(error, terminal.paint)) terminal.note(line);
    }
  }
  // Whatever a plugin left open must not keep a command alive that has done its work.
  process.exit();
}
