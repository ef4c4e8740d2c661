import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type Logger, silentLogger } from '@hyphae/core';
import type { Node } from '@hyphae/core/kernel';
import { VirtualClock } from '@hyphae/core/testing';
import type { NodeConfig } from '../config/load-config.js';
import { ConfigWatch, stampOf } from './config-watch.js';

const CONFIG: NodeConfig = {
  name: 'n',
  plan: { boards: {} },
  server: { listen: { host: '127.0.0.1', port: 0 }, origins: [], hosts: [] },
  store: { client: 'memory', file: 'x.db' },
};

function watching(read: () => Promise<NodeConfig>, log: Logger = silentLogger) {
  const applied: object[] = [];
  const node = {
    apply: async (plan: object) => {
      applied.push(plan);
      return { started: [], stopped: [], rebuilt: [], kept: [] };
    },
  } as unknown as Node; // apply is all that is used
  return { applied, watch: new ConfigWatch(node, CONFIG, log, read) };
}

test('a file saved while the instances start is applied once they have started', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'hyphae-watch-'));
  const file = join(folder, 'hyphae.yaml');
  await writeFile(file, 'hyphae: 1\n');
  const stamp = await stampOf(file);
  await writeFile(file, 'hyphae: 1\nsensors: {}\n');
  const { watch, applied } = watching(async () => CONFIG);
  const clock = new VirtualClock();
  const abort = new AbortController();
  const following = watch.follow(file, stamp, clock, abort.signal);
  await clock.advance('5 s');
  t.is(applied.length, 1);
  await clock.advance('5 s');
  t.is(applied.length, 1, 'once');
  abort.abort();
  await clock.run(following);
  await rm(folder, { recursive: true });
});

test('a reload that fails in an unexpected way is logged, and the next one works', async (t) => {
  const lines: string[] = [];
  const log: Logger = {
    ...silentLogger,
    error: (message, context) => void lines.push(message + JSON.stringify(context)),
  };
  let calls = 0;
  const { watch, applied } = watching(async () => {
    if (calls++ === 0) throw new TypeError('x is not a function');
    return CONFIG;
  }, log);
  t.false(await watch.reload());
  t.regex(lines.join(), /not applied.*x is not a function/);
  t.true(await watch.reload());
  t.is(applied.length, 1);
});
