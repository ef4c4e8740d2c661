import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import WebSocket from 'ws';
import { ProtocolClient } from './lib/protocol-client.mjs';
import { dataDirectory, hyphae, rest, startNode, until } from './lib/node-process.mjs';

// A package of a third party whose plugins misbehave in every hook there is. It is written without the SDK, as hostile code may be.
const BAD_PACKAGE = `
const mark = (kind, plugin) => ({ needs: {}, ...plugin, [Symbol.for('hyphae.plugin')]: { kind, api: 1 } });
const sensor = (id, start) => mark('sensor', { id, channels: { x: '1' }, start });
const boom = () => { throw new Error('boom'); };
const never = () => new Promise(() => {});
export const startThrows = sensor('start-throws', boom);
export const startRejects = sensor('start-rejects', async () => boom());
export const startHangs = sensor('start-hangs', never);
export const startNothing = sensor('start-nothing', () => undefined);
export const sampleThrows = sensor('sample-throws', () => ({ sample: boom }));
export const sampleRejects = sensor('sample-rejects', () => ({ sample: async () => boom() }));
export const sampleHangs = sensor('sample-hangs', () => ({ sample: never }));
export const sampleNaN = sensor('sample-nan', () => ({ sample: () => ({ x: NaN }) }));
export const sampleNothing = sensor('sample-nothing', () => ({ sample: () => undefined }));
export const stopHangs = sensor('stop-hangs', () => ({ sample: () => ({ x: 1 }), stop: never }));
export const stopThrows = sensor('stop-throws', () => ({ sample: () => ({ x: 1 }), stop: boom }));
export const later = sensor('rejects-later', () => ({ sample: () => { void Promise.reject(new Error('later')); return { x: 1 }; } }));
export const applyThrows = mark('output', { id: 'apply-throws', mode: 'switch', safe: 0, start: () => ({ apply: boom }) });
export const applyHangs = mark('output', { id: 'apply-hangs', mode: 'switch', safe: 0, start: () => ({ apply: never }) });
export const stepThrows = mark('function', { id: 'step-throws', inputs: { in: { unit: '1' } }, initial: null, step: boom });
`;

/** Installs a package in a data directory, as npm would have. */
function install(dir, name, files, manifest = {}) {
  const folder = join(dir, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  const provided = {
    name,
    version: '1.0.0',
    type: 'module',
    keywords: ['hyphae-plugin'],
    peerDependencies: { '@hyphae/core': '^0.1.0' },
    hyphae: { api: 1, plugins: './index.js', provides: [] },
    ...manifest,
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(provided));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ private: true, dependencies: { [name]: '1.0.0' } }));
}

const BAD_SENSORS = [
  'start-throws',
  'start-rejects',
  'start-hangs',
  'start-nothing',
  'sample-throws',
  'sample-rejects',
  'sample-hangs',
  'sample-nan',
  'sample-nothing',
  'stop-hangs',
  'stop-throws',
  'rejects-later',
];

test('plugins that throw, reject, hang, or return nothing or NaN in any hook: the rest of the node goes on, and it stops in time', async (t) => {
  const dir = dataDirectory(
    t,
    `
hyphae: 1
boards: []
sensors:
  good: { plugin: dummy-sensor, period: 100 ms }
${BAD_SENSORS.map((id) => `  ${id}: { plugin: ${id}, period: 200 ms, deadline: 1 s }`).join('\n')}
outputs:
  good-output: { plugin: dummy-output }
  apply-throws: { plugin: apply-throws }
  apply-hangs: { plugin: apply-hangs }
functions:
  step-throws: { plugin: step-throws, inputs: { in: stop-throws/x } }
`,
  );
  const provides = [...BAD_SENSORS, 'apply-throws', 'apply-hangs', 'step-throws'];
  install(
    dir,
    'hyphae-plugin-bad',
    { 'index.js': BAD_PACKAGE },
    { hyphae: { api: 1, plugins: './index.js', provides } },
  );
  const node = await startNode(t, dir);
  const states = async () =>
    Object.fromEntries((await (await fetch(`${node.url}/readyz`)).json()).instances.map((each) => [each.id, each]));
  const found = await until('all faults found', async () => {
    const all = await states();
    const done = [
      'start-throws',
      'start-hangs',
      'sample-throws',
      'sample-hangs',
      'sample-nan',
      'apply-throws',
      'apply-hangs',
      'step-throws',
    ].every((id) => all[id]?.state === 'faulty');
    return done && all;
  });
  t.is(found['good'].state, 'running');
  t.is(found['good-output'].state, 'running');
  for (const id of [
    'start-throws',
    'start-rejects',
    'sample-throws',
    'sample-rejects',
    'step-throws',
    'apply-throws',
  ]) {
    t.is(found[id].error.code, 'HYP_PLUGIN_FAILURE', id);
    t.regex(found[id].error.message, /boom/);
  }
  t.is(found['start-hangs'].error.code, 'HYP_DEADLINE');
  t.is(found['sample-hangs'].error.code, 'HYP_DEADLINE');
  t.is(found['start-nothing'].error.code, 'HYP_PLUGIN_INVALID');
  t.is(found['sample-nan'].error.code, 'HYP_READING_INVALID');
  t.is(found['sample-nothing'].error.code, 'HYP_READING_INVALID');

  // The good one keeps its grid in spite of all that.
  const client = await new ProtocolClient(node).connect();
  await client.subscribe({ from: 'now', snap: false, sel: ['good/#'], kinds: ['m'] });
  await until('20 readings', () => client.records.length >= 20, 20_000);
  await client.cut();
  const began = Date.now();
  const { code } = await node.stop();
  t.is(code, 1, 'two of them did not stop cleanly');
  t.true(Date.now() - began < 12_000, `it took ${Date.now() - began} ms to stop`);
});

test('two instances on one address, an absent chip and a missing board line: each says what is wrong, the rest runs', async (t) => {
  const dir = dataDirectory(
    t,
    `
hyphae: 1
boards: [{ provider: sim, plant: greenhouse, i2c: { i2c-1/0x76: { chip: bme280, feels: air } } }]
sensors:
  air: { plugin: bme280, period: 1 s, use: { chip: i2c-1/0x76 } }
  absent: { plugin: sht3x, period: 1 s, use: { chip: i2c-1/0x44 } }
outputs:
  lamp: { plugin: relay, use: { line: gpiochip7/3 } }
`,
  );
  const node = await startNode(t, dir);
  const by = await until('the good one to run beside the others', async () => {
    const { instances } = await (await fetch(`${node.url}/readyz`)).json();
    const found = Object.fromEntries(instances.map((each) => [each.id, each]));
    return found['air'].state === 'running' && found['absent'].error && found['lamp'].error && found;
  });
  t.regex(by['absent'].error.code, /HYP_I2C_NO_ACK|HYP_RESOURCE_MISSING/);
  t.is(by['lamp'].error.code, 'HYP_RESOURCE_MISSING');
  await node.stop();

  const twins = dataDirectory(
    t,
    `
hyphae: 1
boards: [{ provider: sim, plant: greenhouse, i2c: { i2c-1/0x76: { chip: bme280, feels: air } } }]
sensors:
  air: { plugin: bme280, use: { chip: i2c-1/0x76 } }
  twin: { plugin: bme280, use: { chip: i2c-1/0x76 } }
`,
  );
  const check = await hyphae(['check', '-c', join(twins, 'hyphae.yaml')]);
  t.not(check.code, 0);
  t.regex(check.out + check.err, /i2c-1\/0x76/);
  t.regex(check.out + check.err, /air[\s\S]*twin|twin[\s\S]*air/);
});

test('broken YAML, an unknown plugin and a wrong value are told all at once, with line and column, and nothing starts', async (t) => {
  const dir = dataDirectory(
    t,
    'hyphae: 1\nsensors:\n  a: { plugin: bme28 }\n  b: { plugin: dummy-sensor, period: -3 s }\n  c: { plugin: dummy-sensor, perod: 3 s }\n',
  );
  const { code, out, err } = await hyphae(['start', '-c', join(dir, 'hyphae.yaml')], { env: { HYPHAE_DATA: dir } });
  t.not(code, 0);
  const text = out + err;
  t.regex(text, /HYP_CONFIG_INVALID/);
  for (const line of [':3:', ':4:', ':5:']) t.true(text.includes(line), `${line} in ${text}`);
  const broken = dataDirectory(t, 'hyphae: 1\nsensors: {a: [\n');
  const yaml = await hyphae(['check', '-c', join(broken, 'hyphae.yaml')]);
  t.not(yaml.code, 0);
  t.regex(yaml.out + yaml.err, /:\d+:\d+/);
});

test('a port in use is said with its code, and the exit status is not 0', async (t) => {
  const other = createServer();
  await new Promise((done) => other.listen(0, '127.0.0.1', done));
  t.teardown(() => other.close());
  const dir = dataDirectory(t, 'hyphae: 1\n');
  const { code, out, err } = await hyphae(['start', '-c', join(dir, 'hyphae.yaml')], {
    env: { HYPHAE_DATA: dir, HYPHAE_LISTEN: `127.0.0.1:${other.address().port}` },
  });
  t.not(code, 0);
  t.regex(out + err, /HYP_LISTEN/);
});

test('a second node on one data directory is refused, and the first goes on', async (t) => {
  const dir = dataDirectory(t, 'hyphae: 1\nsensors: { s: { plugin: dummy-sensor, period: 100 ms } }\n');
  const node = await startNode(t, dir);
  const second = await hyphae(['start', '-c', join(dir, 'hyphae.yaml')], {
    env: { HYPHAE_DATA: dir, HYPHAE_LISTEN: '127.0.0.1:0' },
  });
  t.not(second.code, 0);
  t.regex(second.out + second.err, /HYP_DATA_IN_USE/);
  t.is((await rest(node, '/api/v1/node')).status, 200);
  await node.stop();
});

test('a data directory that cannot be written to is said with its code', async (t) => {
  const dir = dataDirectory(t, 'hyphae: 1\n');
  // Root may write anywhere; a file where the directory should be stops root as well.
  const file = join(dir, 'file');
  writeFileSync(file, '');
  const blocked = await hyphae(['start', '-c', join(dir, 'hyphae.yaml')], {
    env: { HYPHAE_DATA: join(file, 'data'), HYPHAE_LISTEN: '127.0.0.1:0' },
  });
  t.not(blocked.code, 0);
  t.regex(blocked.out + blocked.err, /HYP_DATA_DIRECTORY/);
  if (process.getuid?.() === 0) return;
  chmodSync(dir, 0o500);
  const readOnly = await hyphae(['start', '-c', join(dir, 'hyphae.yaml')], {
    env: { HYPHAE_DATA: dir, HYPHAE_LISTEN: '127.0.0.1:0' },
  });
  chmodSync(dir, 0o700);
  t.not(readOnly.code, 0);
  t.regex(readOnly.out + readOnly.err, /HYP_/);
});

test('clients that send garbage, too much, or nothing are cut with a code, and others notice nothing', async (t) => {
  const dir = dataDirectory(t, 'hyphae: 1\nsensors: { s: { plugin: dummy-sensor, period: 100 ms } }\n');
  const node = await startNode(t, dir);
  const url = `${node.url.replace('http', 'ws')}/api/v1/stream`;
  const good = await new ProtocolClient(node).connect();
  await good.subscribe({ from: 'now' });
  const closeCode = async (talk) => {
    const socket = new WebSocket(url, 'hyphae.v1.json');
    socket.on('error', () => {});
    const closed = new Promise((done) => socket.on('close', (code) => done(code)));
    await new Promise((done) => socket.on('open', done));
    talk?.(socket);
    return closed;
  };
  t.is(await closeCode((socket) => socket.send('{{{')), 4000);
  t.is(await closeCode((socket) => socket.send(JSON.stringify({ t: 'auth', token: 'wrong' }))), 4001);
  t.is(await closeCode((socket) => socket.send('x'.repeat(70_000))), 1009);
  t.is(await closeCode((socket) => socket.send(Buffer.from([0xff, 0xfe, 1, 2]))), 4000);
  t.is(await closeCode(), 4005);
  const before = good.records.length;
  await until('the good client goes on', () => good.records.length > before + 10);
  t.deepEqual(good.errors, []);
  await good.cut();
  await node.stop();
});
