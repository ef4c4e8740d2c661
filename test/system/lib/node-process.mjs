// Runs the hyphae command as a user would: a process of its own, a data directory of its own, a free port.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export const HYPHAE = resolve('packages/server/bin/hyphae.js');

/** A data directory that is removed at the end of the test. */
export function dataDirectory(t, config) {
  const dir = mkdtempSync(join(tmpdir(), 'hyphae-system-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  if (config !== undefined) writeFileSync(join(dir, 'hyphae.yaml'), config);
  return dir;
}

/** Runs a command to its end. */
export async function hyphae(args, { env = {}, cwd, timeoutMs = 60_000 } = {}) {
  const child = spawn(process.execPath, [HYPHAE, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const [code, signal] = await new Promise((done) => child.on('close', (...end) => done(end)));
  clearTimeout(timer);
  return { code, signal, out, err };
}

/** Starts a node and resolves once it is listening and says so. */
export async function startNode(t, dir, { env = {}, timeoutMs = 60_000 } = {}) {
  const file = join(dir, 'hyphae.yaml');
  const child = spawn(process.execPath, [HYPHAE, 'start', ...(existsSync(file) ? ['-c', file] : [])], {
    env: { ...process.env, HYPHAE_DATA: dir, HYPHAE_LISTEN: '127.0.0.1:0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (text += chunk));
  const exited = new Promise((done) => child.on('close', (code, signal) => done({ code, signal })));
  const stop = async (signal = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return exited;
  };
  t.teardown(() => stop('SIGKILL'));
  const began = Date.now();
  for (;;) {
    const found = serverOf(dir);
    if (found?.pid === child.pid && (await isReady(found.url))) {
      return { child, url: found.url, token: readFileSync(join(dir, 'token'), 'utf8').trim(), stop, text: () => text };
    }
    if (child.exitCode !== null) throw new Error(`the node ended with ${child.exitCode}:\n${text}`);
    if (Date.now() - began > timeoutMs) throw new Error(`the node does not listen:\n${text}`);
    await pause(50);
  }
}

/** True once the node has started; it listens a little earlier. */
async function isReady(url) {
  const response = await fetch(`${url}/readyz`).catch(() => undefined);
  return response?.status === 200;
}

function serverOf(dir) {
  try {
    return JSON.parse(readFileSync(join(dir, 'server.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Waits until a condition holds; fails with the last value where it never does. */
export async function until(what, condition, timeoutMs = 30_000) {
  const began = Date.now();
  let last;
  while (!(last = await condition())) {
    if (Date.now() - began > timeoutMs) throw new Error(`${what} did not come within ${timeoutMs} ms`);
    await pause(50);
  }
  return last;
}

/** A call of the REST API. */
export async function rest(node, path, init = {}) {
  const response = await fetch(`${node.url}${path}`, {
    ...init,
    headers: {
      authorization: `Bearer ${node.token}`,
      ...(init.body && { 'content-type': 'application/json' }),
      ...init.headers,
    },
  });
  return { status: response.status, body: await response.json() };
}
