import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import test from 'ava';
import { hyphae, startNode, temporary } from './command.test.helper.js';

// One after the other: each is a process or several, and all at once they would only measure each other's load.

const SMALL = `hyphae: 1
node: small
sensors:
  a: { plugin: dummy-sensor, period: 200 ms }
store: { client: memory }
`;

test.serial('help is there for the program and for each command, and costs nothing else', async (t) => {
  await using temp = await temporary();
  for (const args of [
    ['--help'],
    ['init', '--help'],
    ['start', '--help'],
    ['check', '--help'],
    ['watch', '--help'],
    ['simulate', '--help'],
    ['plugins', 'add', '--help'],
  ]) {
    const { status, out } = await hyphae(args, { cwd: temp.folder });
    t.is(status, 0, args.join(' '));
    t.regex(out, /^Usage: hyphae/);
  }
  t.regex((await hyphae(['--version'], { cwd: temp.folder })).out, /^\d+\.\d+\.\d+\n$/);
  t.deepEqual(await readdir(temp.folder), []);
});

test.serial('what cannot be understood ends with a status that is not 0 and says what is possible', async (t) => {
  await using temp = await temporary();
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /Usage: hyphae/],
    [['strat'], /unknown command 'strat'/],
    [['start', '--confg', 'x'], /unknown option '--confg'/],
    [['watch'], /missing required argument/],
    [['watch', 'a//b'], /Write a path such as/],
    [['simulate'], /say how long/],
    [['simulate', '--for', 'ages'], /Write a number and ms, s, min, h or d/],
    [['simulate', '--for', '1h', '--seed', '-1'], /Write a whole number/],
  ];
  for (const [args, expected] of cases) {
    const { status, out, err } = await hyphae(args, { cwd: temp.folder });
    t.not(status, 0, args.join(' '));
    t.regex(out + err, expected);
  }
});

test.serial('from init to a node that is watched, changed, and stopped', async (t) => {
  await using temp = await temporary();
  const folder = join(temp.folder, 'house');
  const init = await hyphae(['init', '--sim', 'house'], { cwd: temp.folder });
  t.is(init.status, 0, init.err);
  t.regex(init.out, /cd house/);
  t.deepEqual((await readdir(folder)).sort(), ['.gitignore', 'hyphae.yaml', 'package.json']);
  t.is((await stat(folder)).mode & 0o777, 0o700);

  const again = await hyphae(['init'], { cwd: folder });
  t.is(again.status, 0);
  t.is(again.out.match(/kept/g)?.length, 3);

  const checked = await hyphae(['check', '--json'], { cwd: folder });
  t.is(checked.status, 0, checked.out + checked.err);
  t.like(JSON.parse(checked.out), { ok: true, node: 'greenhouse', counts: { boards: 1, outputs: 3 } });

  await using node = await startNode({ cwd: folder });
  await node.line(/^ {2}running {8}1 board/);
  t.regex(node.text(), new RegExp(`address +${node.url}`));
  t.regex(node.text(), /token +in .*house\/token/);
  t.false(node.text().includes(node.token), 'the token itself is never printed');
  t.is((await stat(join(folder, 'token'))).mode & 0o777, 0o600);
  t.like(JSON.parse(await readFile(join(folder, 'server.json'), 'utf8')), { url: node.url, pid: node.pid });

  const watched = await hyphae(['watch', 'gh1/air/+', '--count', '5', '--for', '60 s'], { cwd: folder });
  t.is(watched.status, 0, watched.err);
  t.is(watched.out.trim().split('\n').length, 5);
  t.regex(watched.out, /^\S+Z gh1\/air\/temperature \d+(\.\d+)? Cel good sim$/m);
  const asJson = await hyphae(['watch', 'gh1/heater/state', '--count', '1', '--for', '60 s', '--json'], {
    cwd: folder,
  });
  t.like(JSON.parse(asJson.out), { path: 'gh1/heater/state', unit: '1', simulated: true });
  const nothing = await hyphae(['watch', 'no/such/channel', '--count', '1', '--for', '300 ms'], { cwd: folder });
  t.is(nothing.status, 1, 'fewer updates than asked for are a failure');

  const second = await hyphae(['start'], { cwd: folder, env: { HYPHAE_LISTEN: '127.0.0.1:0' } });
  t.is(second.status, 1);
  t.regex(second.err, /HYP_DATA_IN_USE: .*process \d+/);

  node.signal('SIGTERM');
  t.is(await node.ended, 0);
  const left = await readdir(folder);
  t.true(left.includes('hyphae.db'));
  t.false(left.includes('server.json'));
  t.false(left.includes('node.lock'));

  const absent = await hyphae(['watch', '#'], { cwd: folder });
  t.is(absent.status, 1);
  t.regex(absent.err, /HYP_NODE_ABSENT/);
});

test.serial('a configuration with problems is refused with all of them, by check and by start', async (t) => {
  await using temp = await temporary();
  await writeFile(
    join(temp.folder, 'hyphae.yaml'),
    'hyphae: 1\nsensors:\n  a: { plugin: bme28O }\n  b: { plgin: bme280 }\n',
  );
  for (const command of ['check', 'start']) {
    const { status, err } = await hyphae([command], { cwd: temp.folder });
    t.is(status, 1);
    t.regex(err, /^HYP_CONFIG_INVALID: 3 problems in the configuration$/m);
    t.regex(err, /^ {2}hyphae\.yaml:4:8 sensors\.b\.plgin: unknown key "plgin"; did you mean "plugin"\?$/m);
    t.regex(err, /^ {2}→ /m);
  }
  const { status, out } = await hyphae(['check', '--json'], { cwd: temp.folder });
  t.is(status, 1);
  t.like(JSON.parse(out), {
    ok: false,
    error: { code: 'HYP_CONFIG_INVALID' },
    problems: [{ line: 3 }, { line: 4 }, { line: 4 }],
  });
  const missing = await hyphae(['check', '-c', 'nope.yaml'], { cwd: temp.folder });
  t.is(missing.status, 1);
  t.regex(missing.err, /HYP_CONFIG_FILE: .*nope\.yaml/);
});

test.serial('a port in use is said with its code, and nothing is left behind', async (t) => {
  await using temp = await temporary();
  await writeFile(join(temp.folder, 'hyphae.yaml'), SMALL);
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  try {
    const { port } = other.address() as { port: number }; // a TCP server has one
    const env = { HYPHAE_LISTEN: `127.0.0.1:${port}` };
    const { status, err } = await hyphae(['start'], { cwd: temp.folder, env });
    t.is(status, 1);
    t.regex(err, /HYP_LISTEN: /);
    t.false((await readdir(temp.folder)).some((file) => file.startsWith('node.lock') || file === 'server.json'));
    const bad = await hyphae(['start'], { cwd: temp.folder, env: { HYPHAE_LISTEN: 'nonsense' } });
    t.is(bad.status, 1);
    t.regex(bad.err, /HYP_LISTEN: .*host:port/);
  } finally {
    other.close();
  }
});

test.serial(
  'with a data directory that cannot be written the node runs, says so, and keeps readings in memory',
  async (t) => {
    await using temp = await temporary();
    await writeFile(join(temp.folder, 'hyphae.yaml'), SMALL.replace('memory', 'sqlite3'));
    await using node = await startNode({
      cwd: temp.folder,
      args: ['-c', join(temp.folder, 'hyphae.yaml')],
      env: { HYPHAE_DATA: '/sys' },
    });
    await node.line(/HYP_DATA_DIRECTORY: The data directory \/sys cannot be used/);
    await node.line(/^ {2}running {8}1 sensor/);
    t.is((await fetch(`${node.url}/healthz`)).status, 200);
  },
);

test.serial('a data directory that cannot be made is an error', async (t) => {
  await using temp = await temporary();
  await writeFile(join(temp.folder, 'file'), '');
  const { status, err } = await hyphae(['start'], {
    cwd: temp.folder,
    env: { HYPHAE_DATA: join(temp.folder, 'file') },
  });
  t.is(status, 1);
  t.regex(err, /HYP_DATA_DIRECTORY/);
});

test.serial('a changed file is applied to the running node, an invalid one changes nothing', async (t) => {
  await using temp = await temporary();
  const file = join(temp.folder, 'hyphae.yaml');
  const save = async (text: string) => {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  };
  await save(SMALL);
  await using node = await startNode({ cwd: temp.folder });
  await node.line(/^ {2}running/);

  await save(SMALL.replace('dummy-sensor', 'dumy-sensor'));
  const refused = JSON.parse(await node.line(/was not applied/)) as { problems: string[] }; // the program's own line
  t.regex(refused.problems.join(), /hyphae\.yaml:4:16 .*did you mean "dummy-sensor"/);

  await save(`${SMALL.replace('store:', '  b: { plugin: dummy-sensor, period: 1 s }\nstore:')}`);
  const applied = JSON.parse(await node.line(/"message":"configuration applied"/)) as Record<string, unknown>; // likewise
  t.like(applied, { started: ['b'], stopped: [], rebuilt: [], kept: 1 });

  await save(SMALL);
  node.signal('SIGHUP');
  t.like(JSON.parse(await node.line(/"stopped":\["b"\]/)), { started: [], kept: 1 });

  node.signal('SIGINT');
  t.is(await node.ended, 0);
});

/** A plugin package in a data directory that does what a plugin must not. */
async function misbehaving(folder: string, id: string, sample: string, onImport = ''): Promise<void> {
  const home = join(folder, 'node_modules', id);
  await mkdir(home, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ dependencies: { [id]: '*' } }));
  const manifest = {
    name: id,
    version: '1.0.0',
    type: 'module',
    keywords: ['hyphae-plugin'],
    peerDependencies: { '@hyphae/core': '*' },
    hyphae: { api: 1, plugins: './index.js', provides: [id] },
  };
  await writeFile(join(home, 'package.json'), JSON.stringify(manifest));
  await writeFile(
    join(home, 'index.js'),
    `${onImport}
export default { id: '${id}', channels: { x: '1' }, needs: {}, [Symbol.for('hyphae.plugin')]: { kind: 'sensor', api: 1 },
      start() { return { sample() { ${sample}; return { x: 1 }; } }; } };`,
  );
  await writeFile(
    join(folder, 'hyphae.yaml'),
    `${SMALL.replace('store:', `  bad: { plugin: ${id}, period: 500 ms }\noutputs:\n  out: { plugin: dummy-output }\nstore:`)}`,
  );
}

test.serial('an exception nobody caught: the process ends with status 1, in order', async (t) => {
  await using temp = await temporary();
  await misbehaving(temp.folder, 'bomb', 'setImmediate(() => { throw new Error("boom"); })');
  await using node = await startNode({ cwd: temp.folder });
  const line = JSON.parse(await node.line(/uncaught exception/)) as Record<string, unknown>; // the program's own line
  t.like(line, { error: 'boom', package: 'bomb', level: 'error' });
  t.is(await node.ended, 1);
  t.false((await readdir(temp.folder)).includes('node.lock'), 'it stopped in order');
});

test.serial('a promise nobody handled is attributed, and the node goes on', async (t) => {
  await using temp = await temporary();
  await misbehaving(temp.folder, 'leaky', 'void Promise.reject(new Error("lost"))');
  await using node = await startNode({ cwd: temp.folder });
  const line = JSON.parse(await node.line(/unhandled rejection/)) as Record<string, unknown>; // the program's own line
  t.like(line, { error: 'lost', package: 'leaky' });
  t.is((await fetch(`${node.url}/healthz`)).status, 200);
  node.signal('SIGTERM');
  t.is(await node.ended, 0);
});

test.serial('plugins are listed with what became of their packages, and a package can be checked', async (t) => {
  await using temp = await temporary();
  await misbehaving(temp.folder, 'mine', '');
  const { status, out } = await hyphae(['plugins', '--json'], { cwd: temp.folder });
  t.is(status, 0);
  const list = JSON.parse(out) as {
    packages: { package: string; state: string }[];
    plugins: { kind: string; id: string }[];
  }; // own output
  t.true(list.packages.some((candidate) => candidate.package === 'mine' && candidate.state === 'loaded'));
  t.true(list.plugins.some(({ kind, id }) => kind === 'sensor' && id === 'mine'));
  t.true(list.plugins.some(({ kind, id }) => kind === 'provider' && id === 'linux'));
  t.regex((await hyphae(['plugins'], { cwd: temp.folder })).out, /^sensors\n[\s\S]*^ {2}mine$/m);

  const home = join('node_modules', 'mine');
  t.is((await hyphae(['plugins', 'check', home], { cwd: temp.folder })).status, 0);
  await writeFile(join(temp.folder, home, 'package.json'), '{}');
  const unfit = await hyphae(['plugins', 'check', home], { cwd: temp.folder });
  t.is(unfit.status, 1);
  t.regex(unfit.err, /HYP_PACKAGE_UNFIT: .*keyword/);
});

test.serial(
  'two simulations with one seed are the same to the last byte, and another seed is another run',
  async (t) => {
    await using temp = await temporary();
    const run = async (seed: string, log: string) => {
      const args = ['simulate', '--for', '20 min', '--seed', seed, '--log', log, '--json'];
      const { status, out, err } = await hyphae(args, { cwd: temp.folder });
      t.is(status, 0, err);
      const { tookMs: _, ...result } = JSON.parse(out) as Record<string, unknown>; // own output
      return { result, log: await readFile(join(temp.folder, log), 'utf8') };
    };
    const [a, b, c] = [await run('7', 'a.jsonl'), await run('7', 'b.jsonl'), await run('8', 'c.jsonl')];
    t.true(a.log === b.log, 'the logs of one seed differ');
    t.deepEqual(a.result, b.result);
    t.false(a.log === c.log);
    t.like(a.result, { simulatedMs: 1_200_000, seed: 7, left: [{ name: 'host' }], notRunning: [] });
    t.regex(
      a.log,
      /^\{"at":\d+,"kind":"m","path":"gh1\/air\/temperature","value":[\d.]+,"unit":"Cel","quality":"good","simulated":true\}$/m,
    );
  },
);

test.serial('a simulation that cannot write its log says so', async (t) => {
  await using temp = await temporary();
  const { status, err } = await hyphae(['simulate', '--for', '1s', '--log', 'no/such/folder.jsonl'], {
    cwd: temp.folder,
  });
  t.is(status, 1);
  t.regex(err, /HYP_RUN_LOG/);
});

test.serial('a SIGHUP while the node still loads is made up for instead of ending it', async (t) => {
  await using temp = await temporary();
  await misbehaving(temp.folder, 'early', '', "process.kill(process.pid, 'SIGHUP');");
  await using node = await startNode({ cwd: temp.folder });
  await node.line(/"message":"reloading the configuration"/);
  await node.line(/"message":"configuration applied"/);
  node.signal('SIGTERM');
  t.is(await node.ended, 0);
});

test.serial('a database that cannot be had is said where one looks, and memory stands in', async (t) => {
  await using temp = await temporary();
  await mkdir(join(temp.folder, 'a.db'));
  await writeFile(join(temp.folder, 'hyphae.yaml'), SMALL.replace('client: memory', 'file: a.db'));
  await using node = await startNode({ cwd: temp.folder });
  await node.line(/HYP_STORE_UNUSABLE: The database .*a\.db cannot be used/);
  t.like(await (await fetch(`${node.url}/readyz`)).json(), { storage: 'memory' });
  t.true((await (await fetch(`${node.url}/metrics`)).text()).includes('\nhyphae_store_degraded 1\n'));
});

test.serial('a package’s own words do not reach the terminal as commands', async (t) => {
  await using temp = await temporary();
  await misbehaving(temp.folder, 'rude', '');
  const file = join(temp.folder, 'node_modules', 'rude', 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { hyphae: object }; // written above
  const section = { ...manifest.hyphae, provides: ['x\u001b[2J'] };
  await writeFile(file, JSON.stringify({ ...manifest, version: '1.0.0\u001b[5A', hyphae: section }));
  await writeFile(join(temp.folder, 'bad.yaml'), 'hyphae: 1\n"se\\ensors": {}\n');
  for (const args of [['plugins'], ['plugins', 'check', 'node_modules/rude'], ['check', '-c', 'bad.yaml']]) {
    const { out, err } = await hyphae(args, { cwd: temp.folder });
    t.regex(out + err, /\\u001b/, args.join(' '));
    t.false((out + err).includes('\u001b'), args.join(' '));
  }
});

test.serial('what cannot be done ends with a reason and a status, not in silence or for ever', async (t) => {
  await using temp = await temporary();
  const mute = createServer().listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const { port } = mute.address() as { port: number }; // a TCP server has one
  const env = { HYPHAE_DATA: join(temp.folder, 'none') };
  const withToken = { ...env, HYPHAE_TOKEN: 'a-token-of-another-node' };
  const cases: readonly (readonly [string, Record<string, string>, RegExp])[] = [
    ['init /proc/x', env, /HYP_DATA_DIRECTORY/],
    ['start', { HYPHAE_DATA: '/proc/nope' }, /HYP_DATA_DIRECTORY/],
    ['plugins add x', { HYPHAE_DATA: '/proc/nope' }, /HYP_DATA_DIRECTORY/],
    ['plugins remove nope', env, /HYP_NPM: .*nope is not installed/],
    ['watch # --url notaurl', withToken, /HYP_NODE_ABSENT: .*notaurl/],
    ['watch # --url http://192.0.2.1:8080', env, /HYP_TOKEN_MISSING/],
    [`watch # --for 1s --url http://127.0.0.1:${port}`, withToken, /HYP_NODE_ABSENT: .*did not answer/],
    ['simulate --for 1ms -c nope.yaml', { ...env, HYPHAE_LOG_LEVEL: 'bogus' }, /HYPHAE_LOG_LEVEL is "bogus"/],
  ];
  try {
    for (const [line, variables, expected] of cases) {
      const { status, err } = await hyphae(line.split(' '), { cwd: temp.folder, env: variables });
      t.is(status, 1, line);
      t.regex(err, expected);
      t.notRegex(err, /unexpected error/);
    }
    t.false((await readdir(temp.folder)).includes('none'));
  } finally {
    mute.close();
  }
});

test.serial('a simulation that is interrupted shows what there is by then', async (t) => {
  await using temp = await temporary();
  const args = ['simulate', '--for', '3650 d', '--json'];
  const { status, out, err } = await hyphae(args, { cwd: temp.folder, interruptOn: /left out/ });
  t.is(status, 130, err);
  const result = JSON.parse(out) as { simulatedMs: number; interrupted: boolean }; // own output
  t.true(result.interrupted);
  t.true(result.simulatedMs < 3650 * 86_400_000);
  t.notRegex(err, /unexpected error/);
});
