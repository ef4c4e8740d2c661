import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'ava';
import { dataDirectory, rest, startNode } from './lib/node-process.mjs';

// What an output was really set to is written to a file, so that it is known after the process has ended.
const WRITTEN = `
import { appendFileSync } from 'node:fs';
export const written = {
  id: 'written', mode: 'switch', safe: 0, needs: {},
  start: () => ({ apply: (value) => (appendFileSync(process.env.HYPHAE_DATA + '/applied', value + '\\n'), value) }),
  [Symbol.for('hyphae.plugin')]: { kind: 'output', api: 1 },
};
`;

function withWrittenOutput(dir) {
  const folder = join(dir, 'node_modules', 'hyphae-written');
  mkdirSync(folder, { recursive: true });
  const manifest = {
    name: 'hyphae-written',
    version: '1.0.0',
    type: 'module',
    keywords: ['hyphae-plugin'],
    peerDependencies: { '@hyphae/core': '^0.1.0' },
    hyphae: { api: 1, plugins: './index.js', provides: ['written'] },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'index.js'), WRITTEN);
  writeFileSync(
    join(dir, 'package.json'),
    JSON.stringify({ private: true, dependencies: { 'hyphae-written': '1.0.0' } }),
  );
}

const CONFIG = `
hyphae: 1
sensors: { wave: { plugin: dummy-sensor, period: 100 ms } }
outputs: { heater: { plugin: written } }
`;

for (const [what, streams] of [
  ['standard output, as in `| head -1`,', ['stdout']],
  ['whole output, as on a terminal that is closed,', ['stdout', 'stderr']],
]) {
  test(`a node whose ${what} nobody reads any more stops in order`, async (t) => {
    const dir = dataDirectory(t, CONFIG);
    withWrittenOutput(dir);
    const node = await startNode(t, dir);
    const command = { key: 'on', op: 'set', args: { on: true } };
    const { status } = await rest(node, '/api/v1/outputs/heater/commands', {
      method: 'POST',
      body: JSON.stringify(command),
    });
    t.is(status, 200, node.text());
    const applied = () => readFileSync(join(dir, 'applied'), 'utf8').trim().split('\n').map(Number);
    t.is(applied().at(-1), 1);
    t.true(existsSync(join(dir, 'node.lock')));
    // The read end of the pipe is gone; values are printed every few seconds.
    for (const stream of streams) node.child[stream].destroy();
    const exited = await Promise.race([
      new Promise((done) => node.child.once('exit', (code, signal) => done({ code, signal }))),
      pause(20_000, 'it still runs', { ref: false }),
    ]);
    t.deepEqual(exited, { code: 0, signal: null });
    t.is(applied().at(-1), 0, 'the output is safe');
    t.false(existsSync(join(dir, 'node.lock')), 'the lock is gone');
    t.false(existsSync(join(dir, 'server.json')));
  });
}

test('a terminal that answers every write with an error stops the node once, and throws nothing', (t) => {
  // EIO is what a terminal gives that was closed; an exception of it would be reported to the same terminal, again and again.
  const script = `
    import { processTerminal } from './packages/server/dist/cli/terminal.js';
    processTerminal();
    let told = 0;
    process.on('SIGTERM', () => told++);
    for (let i = 0; i < 3; i++)
      for (const stream of [process.stdout, process.stderr])
        stream.emit('error', Object.assign(new Error('write EIO'), { code: 'EIO' }));
    process.exitCode = told === 1 ? 0 : 9;
  `;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  t.is(status, 0, stderr);
});
