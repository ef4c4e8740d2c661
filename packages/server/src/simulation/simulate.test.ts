import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { hyphae } from '../cli/command.test.helper.js';
import { pluginPackage, sensorModule } from './plugin-package.test.helper.js';

// One after the other: each is a process.

interface Result {
  readonly notRunning: readonly { readonly id: string; readonly why: string }[];
  readonly notRepeatable: readonly object[];
  readonly channels: readonly { readonly path: string; readonly readings: number }[];
}

/** Runs a simulation of a package with one sensor that behaves like this. */
async function run(sample: string, args: readonly string[] = [], top = '') {
  await using fixture = await pluginPackage('stray', { 'index.js': sensorModule('stray', sample, top) });
  const { data } = fixture;
  const all = ['simulate', '--for', '10 s', '--json', '--log', 'run.jsonl', ...args];
  const ended = await hyphae(all, { cwd: data, env: { HYPHAE_DATA: data } });
  const log = await readFile(join(data, 'run.jsonl'), 'utf8');
  return { ...ended, log, result: JSON.parse(ended.out) as Result }; // the command's own output
}

test.serial(
  'a plugin that uses the real time is named at the end of a simulation, and fails a strict one',
  async (t) => {
    const sample = 'Date.now();';
    const plain = await run(sample, [], 'const born = new Date();');
    t.is(plain.status, 0, plain.err);
    t.regex(
      plain.err,
      /^not repeatable: package stray calls new Date\(\) at index\.js:1 \(once\); use clock\.now\(\)/m,
    );
    t.regex(
      plain.err,
      /^not repeatable: package stray calls Date\.now at index\.js:4 \(20 times\); use clock\.now\(\)/m,
    );
    t.like(plain.result.notRepeatable, [
      { what: 'new Date()', package: 'stray', line: 1, count: 1 },
      { what: 'Date.now', package: 'stray', file: 'index.js', line: 4, count: 20 },
    ]);
    t.is((await run(sample, ['--strict'])).status, 1);
    const clean = await run('clock.now();', ['--strict']);
    t.is(clean.status, 0, clean.err);
    t.deepEqual(clean.result.notRepeatable, []);
  },
);

test.serial('a plugin that re-arms timers of no delay ends the simulation, which names its line', async (t) => {
  const { status, out, log } = await run('if (clock.monotonic() > 3000) for (;;) await clock.sleep(0);');
  t.is(status, 1);
  t.regex(out, /HYP_VIRTUAL_TIME.*timer sleep of package stray at index\.js:4 keeps coming back/);
  t.regex(log, /"path":"good\//, 'what there was until then is in the log');
});

test.serial('a plugin whose sample never settles is a fault of its instance, and the simulation goes on', async (t) => {
  const { status, err, result } = await run('await new Promise(() => {});');
  t.is(status, 0, err);
  t.like(result.notRunning, [{ id: 'bad' }]);
  t.regex(result.notRunning[0]?.why ?? '', /sample bad did not end within 500 ms/);
  t.true(result.channels.some(({ path, readings }) => path.startsWith('good/') && readings >= 9));
});

test.serial(
  'real I/O that was not declared is overtaken by virtual time, and is a fault of its instance',
  async (t) => {
    const top = "import { createServer, connect } from 'node:net';\nimport { once } from 'node:events';";
    const sample = `const server = createServer((socket) => setTimeout(() => socket.end('late'), 300)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await once(connect(server.address().port, '127.0.0.1'), 'data');`;
    const { status, err, result } = await run(sample, [], top);
    t.is(status, 0, err);
    t.like(result.notRunning, [{ id: 'bad' }]);
    t.regex(result.notRunning[0]?.why ?? '', /sample bad did not end within 500 ms/);
  },
);

test.serial('declared I/O that never ends does not stop a simulation for ever: its line is named', async (t) => {
  const sample = 'if (clock.monotonic() > 3000) await clock.io(new Promise(() => {}), "a letter");';
  const { status, out, log } = await run(sample, ['--with-real', '--patience', '400 ms']);
  t.is(status, 1);
  t.regex(
    out,
    /HYP_VIRTUAL_TIME.*declared I\/O has not ended in 400 ms of real time: a letter of package stray at index\.js:4\. Waiting: /,
  );
  t.regex(log, /"path":"good\//, 'what there was until then is in the log');
});

test.serial('a sensor whose declared I/O never ends is left out like any that reads the real world', async (t) => {
  const { status, err } = await run('await clock.io(new Promise(() => {}));');
  t.is(status, 0, err);
  t.regex(err, /left out: bad: it reads the real world/);
});
