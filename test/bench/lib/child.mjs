// Runs one contender alone in a process of its own, so that none warms up or litters the heap for another.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const MARK = '@result ';

/** Called by the child: hands its result to the parent. */
export function report(result) {
  process.stdout.write(`${MARK}${JSON.stringify(result)}\n`);
}

/**
 * Starts `file` with Node and resolves with what it reports.
 *
 * @param {string | URL} file
 * @param {readonly string[]} args
 * @param {{ nodeArgs?: readonly string[], env?: Record<string, string> }} [options]
 */
export async function runChild(file, args, { nodeArgs = ['--expose-gc'], env = {} } = {}) {
  const path = file instanceof URL ? file.pathname : file;
  const child = spawn(process.execPath, [...nodeArgs, path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  const [code, signal] = await once(child, 'close');
  const line = output.split('\n').find((text) => text.startsWith(MARK));
  if (code !== 0 || line === undefined)
    throw new Error(`${path} ${args.join(' ')} ended with ${signal ?? code}\n${output}`);
  return JSON.parse(line.slice(MARK.length));
}
