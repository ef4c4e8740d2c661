import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../bin/hyphae.js', import.meta.url));

/** A folder that goes away with the test. */
export async function temporary(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'hyphae-command-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** How a command is run. */
export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** SIGINT is sent once standard error matches. */
  readonly interruptOn?: RegExp;
}

/** The variables a command gets: nothing of the tester's own settings. */
function environment({ cwd, env }: RunOptions): Record<string, string> {
  const own = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('HYPHAE_'),
  );
  return { ...Object.fromEntries(own), HOME: cwd, XDG_DATA_HOME: join(cwd, 'xdg'), NO_COLOR: '1', ...env };
}

/** Runs a command to its end. */
export async function hyphae(
  args: readonly string[],
  options: RunOptions,
): Promise<{ readonly status: number | null; readonly out: string; readonly err: string }> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: options.cwd,
    env: environment(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  let interrupted = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    if (interrupted || options.interruptOn?.test(err) !== true) return;
    interrupted = child.kill('SIGINT');
  });
  const [status] = (await once(child, 'close')) as [number | null]; // node:child_process: code, signal
  return { status, out, err };
}

/** A node that runs until it is stopped. */
export interface RunningNode extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  /** Everything it has printed. */
  text(): string;
  /** Resolves once a line of the log or of standard output matches. */
  line(pattern: RegExp): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves to its exit status. */
  readonly ended: Promise<number | null>;
}

/** Starts a node on a free port and waits until it listens. */
export async function startNode(options: RunOptions & { readonly args?: readonly string[] }): Promise<RunningNode> {
  const child = spawn(process.execPath, [COMMAND, 'start', ...(options.args ?? [])], {
    cwd: options.cwd,
    env: { ...environment(options), HYPHAE_LISTEN: '127.0.0.1:0', HYPHAE_DATA: options.cwd, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const waiting: { pattern: RegExp; resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      for (const wait of [...waiting]) {
        if (!wait.pattern.test(line)) continue;
        waiting.splice(waiting.indexOf(wait), 1);
        wait.resolve(line);
      }
    });
  }
  const ended = once(child, 'close').then(([status]) => {
    for (const { pattern, reject } of waiting.splice(0)) {
      reject(new Error(`the node ended with ${String(status)} before ${String(pattern)}:\n${lines.join('\n')}`));
    }
    return status as number | null; // node:child_process: code, signal
  });
  const line = (pattern: RegExp) => {
    const found = lines.find((each) => pattern.test(each));
    if (found !== undefined) return Promise.resolve(found);
    return new Promise<string>((resolve, reject) => waiting.push({ pattern, resolve, reject }));
  };
  const listening = await line(/"message":"listening"/);
  const { url } = JSON.parse(listening) as { url: string }; // the line is the program's own
  const token = (
    await readFile(join(options.env?.['HYPHAE_DATA'] ?? options.cwd, 'token'), 'utf8').catch(() => '')
  ).trim();
  return {
    url,
    token,
    pid: child.pid ?? 0,
    text: () => lines.join('\n'),
    line,
    signal: (signal) => void child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
