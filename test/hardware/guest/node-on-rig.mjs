/*
 * The whole node on a real kernel: `hyphae start` reads a BME280 through /dev/i2c-N, switches a relay on a line of gpio-sim, and
 * simulates a second sensor beside them. Rig modules i2c-dev, i2c-usersim, gpio-sim.
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { dataDirectory, rest as restOnce, startNode, until } from '../../system/lib/node-process.mjs';
import { ProtocolClient } from '../../system/lib/protocol-client.mjs';
import { check, run } from './check.mjs';
import { makeGpioChip } from './gpio-sim.mjs';

const LONG = 240_000; // a guest of one slow CPU
const SIMULATED = 4; // added to a quality on the wire
const lines = await makeGpioChip('pi', { names: { 17: 'GPIO17', 27: 'GPIO27' } });
const responder = fork(new URL('./bme280-responder.mjs', import.meta.url));
const [{ bus }] = await once(responder, 'message');
const tell = async (message) => {
  responder.send(message);
  await once(responder, 'message');
};

const config = `
hyphae: 1
node: on-the-rig
boards:
  - provider: linux
  - provider: sim
    plant: greenhouse
    i2c: { i2c-90/0x44: { chip: sht3x, feels: air } }
    gpio: { gpiochip90/1: { drives: heater } }
sensors:
  real/air: { plugin: bme280, period: 1 s, use: { chip: i2c-${bus}/0x76 } }
  sim/air: { plugin: sht3x, period: 1 s, use: { chip: i2c-90/0x44 } }
outputs:
  real/heater: { plugin: relay, use: { line: pinctrl-bcm2711/17 } }
  real/fan: { plugin: relay, use: { line: pinctrl-bcm2711/27 }, options: { activeLow: true } }
  sim/heater: { plugin: relay, use: { line: gpiochip90/1 } }
store: { client: sqlite3, file: hyphae.db }
`;

let node;
let client;
let directory;
/** A call of the REST API; a connection kept too long between two calls may be closed just as it is used again. */
const rest = (path) => until(path, () => restOnce(node, path).catch(() => undefined), LONG);
const nothing = { teardown() {} }; // the guest ends with its processes and files

const values = (path) => client.records.filter(([, each]) => each === path);
const latest = (path) => values(path).at(-1);
const arrives = (path, condition) =>
  until(
    `${path} with ${condition}`,
    () => values(path).findLast(([, , value, , quality]) => condition(value, quality)),
    LONG,
  );
let keys = 0;
/** Commands an output, and says what the server says instead of a result. Ids go on above those of the subscriptions. */
async function set(to, on) {
  const id = 1000 + ++keys;
  const refused = client.next('err', LONG).then((error) => {
    throw new Error(`${to}: ${JSON.stringify(error)}`);
  });
  refused.catch(() => {});
  client.send({ t: 'cmd', id, key: `command-${id}`, to, op: 'set', args: { on }, ttlMs: 60_000 });
  const result = await Promise.race([client.next('cres', LONG), refused]);
  assert.equal(result.id, id);
  return result;
}

const long = { limit: '280 s' };

check(
  'hyphae starts on the machine with a real and a simulated board side by side',
  async () => {
    directory = dataDirectory(nothing, config);
    node = await startNode(nothing, directory, { timeoutMs: LONG });
    client = await new ProtocolClient(node).connect();
    assert.equal(client.ready.durable, true);
    await client.subscribe({ from: 'now', snap: true });
    const { body } = await rest('/api/v1/sensors');
    console.log(
      `# node ${client.ready.node} at ${node.url}, kernel ${(await readFile('/proc/version', 'utf8')).slice(0, 24)}`,
    );
    await until(
      'running sensors',
      async () => {
        const { body: sensors } = await rest('/api/v1/sensors');
        return JSON.stringify(sensors).match(/"running"/g)?.length === 2;
      },
      LONG,
    );
    assert.ok(JSON.stringify(body).includes('real/air'));
  },
  long,
);

check(
  'readings of the chip behind the kernel are streamed as real, those of the simulated one as simulated',
  async () => {
    const [, , temperature, , quality] = await arrives('real/air/temperature', (value) => value !== null);
    assert.ok(Math.abs(temperature - 21.5) < 0.05, String(temperature));
    assert.equal(quality, 0);
    const [, , humidity] = await arrives('real/air/humidity', (value) => value !== null);
    assert.ok(Math.abs(humidity - 48) < 0.5, String(humidity));
    const [, , pressure] = await arrives('real/air/pressure', (value) => value !== null);
    assert.ok(Math.abs(pressure - 1013.2) < 0.5, String(pressure));
    assert.equal((await arrives('sim/air/temperature', (value) => value !== null))[4], SIMULATED);
  },
  long,
);

check(
  'the air around the chip changes, and so does what is streamed',
  async () => {
    await tell({ air: { temperature: -12.25, humidity: 80, pressure: 990 } });
    const [, , temperature] = await arrives('real/air/temperature', (value) => value !== null && value < 0);
    assert.ok(Math.abs(temperature + 12.25) < 0.05, String(temperature));
  },
  long,
);

check(
  'a command switches the real line, as somebody outside measures it, and the transition is streamed',
  async () => {
    assert.equal(await lines.level(17), 0);
    assert.equal(await lines.level(27), 1, 'an active-low relay is off while its line is high');
    assert.equal((await set('real/heater', true)).st, 'done');
    assert.equal(await lines.level(17), 1);
    // Quality 0: the line is a real one. The simulated board has lines of the same number.
    await arrives('real/heater/state', (value, quality) => value === 1 && quality === 0);
    assert.equal((await set('real/fan', true)).st, 'done');
    assert.equal(await lines.level(27), 0);
    assert.equal((await set('real/heater', false)).st, 'done');
    assert.equal(await lines.level(17), 0);
    await arrives('real/heater/state', (value) => value === 0);
    assert.equal((await set('sim/heater', true)).st, 'done');
    assert.equal(await lines.level(17), 0);
  },
  long,
);

check(
  'what was streamed is what was stored',
  async () => {
    const position = client.position;
    const { body } = await rest(`/api/v1/log?after=${client.records[0][0] - 1}&limit=1000`);
    const stored = body.records.filter(({ q }) => q <= position);
    assert.ok(stored.length > 10 && stored.length < 1000);
    assert.deepEqual(
      client.records.filter(([q]) => q <= position),
      stored.map(({ q, channel, value, at, quality }) => [q, channel, value, at, quality]),
    );
    assert.deepEqual(client.errors, []);
    for (const path of ['real/air/temperature', 'sim/air/temperature', 'real/heater/state']) {
      assert.ok(
        stored.some(({ channel }) => channel === path),
        path,
      );
    }
  },
  long,
);

check(
  'a chip that is unplugged is said to be gone, the rest goes on, and it is read again when it is back',
  async () => {
    await tell({ plugged: false });
    const sensor = async () => JSON.stringify((await rest('/api/v1/sensors')).body);
    await until('the fault', async () => (await sensor()).includes('HYP_I2C_NO_ACK'), LONG);
    const before = latest('sim/air/temperature')[0];
    await until('simulated readings', () => latest('sim/air/temperature')[0] > before, LONG);
    assert.equal((await set('real/heater', true)).st, 'done');
    assert.equal(await lines.level(17), 1);
    await tell({ plugged: true, air: { temperature: 30, humidity: 40, pressure: 1000 } });
    await arrives('real/air/temperature', (value) => value !== null && value > 29);
  },
  long,
);

check(
  'a node that is told to stop puts its lines to safe and ends with success',
  async () => {
    assert.equal(await lines.level(17), 1);
    const { code } = await node.stop('SIGTERM');
    assert.equal(code, 0, node.text());
    assert.equal(await lines.level(17), 0);
  },
  long,
);

check(
  'a node that is killed leaves its line to the pull, and starts again with everything it had stored',
  async () => {
    const told = client.position;
    const epoch = client.epoch;
    node = await startNode(nothing, directory, { timeoutMs: LONG });
    client.node = node;
    await client.connect();
    assert.equal((await client.subscribe({ from: { e: epoch, q: told }, snap: false })).resumed, true);
    assert.equal((await set('real/heater', true)).st, 'done');
    assert.equal(await lines.level(17), 1);
    await node.stop('SIGKILL');
    assert.equal(await lines.level(17), 0);
    assert.deepEqual(client.errors, []);
  },
  long,
);

await run();
