import test from 'ava';
import fc from 'fast-check';
import {
  type AnyPlugin,
  defineFunction,
  defineOutput,
  defineProvider,
  defineSensor,
  defineService,
  type HalProvider,
  hasCode,
  optional,
  PluginUnknownError,
  SeededRandom,
  service,
  silentLogger,
  SystemClock,
} from '@hyphae/core';
import { gpioOutput, i2cDevice } from '@hyphae/hal';
import { PluginSet } from '../discovery/plugin-set.js';
import { markOf } from '../discovery/plugin-shape.js';
import { publishedSchema } from './check-shape.js';
import { loadConfig, type NodeConfig } from './load-config.js';
import { type ConfigProblem, problemsOf } from './problem.js';
import { ConfigSchema } from './schema.js';
import { MAX_BYTES, type SecretSources, YamlSource } from './yaml-source.js';

const never = (): never => {
  throw new Error('checking must not start anything');
};

const definitions: readonly AnyPlugin[] = [
  defineProvider({
    id: 'bench',
    options: { type: 'object', properties: { chips: { type: 'number' } }, additionalProperties: false },
    create({ options }): HalProvider {
      if ((options as { chips?: number }).chips === 13) {
        throw new PluginUnknownError({ plugin: 'x1', kind: 'chip', known: ['x2'] });
      }
      return { name: 'bench', probe: never, open: never };
    },
  }),
  defineService({ id: 'modbus', needs: {}, start: never }),
  defineSensor({
    id: 'bme280',
    channels: { temperature: 'Cel', humidity: '%' },
    needs: { chip: i2cDevice({ addresses: [0x76, 0x77] }) },
    start: never,
  }),
  defineSensor({
    id: 'meter',
    channels: { power: 'W' },
    needs: { bus: service('modbus') },
    options: {
      type: 'object',
      required: ['unit'],
      properties: { unit: { type: 'integer', minimum: 1 }, mode: { enum: ['fast', 'slow'] } },
      additionalProperties: false,
    },
    start: never,
  }),
  defineOutput({ id: 'relay', mode: 'switch', safe: 0, needs: { line: gpioOutput({ initial: 0 }) }, start: never }),
  defineOutput({
    id: 'dimmer',
    mode: 'level',
    safe: 0,
    needs: { line: optional(gpioOutput({ initial: 0 })) },
    start: never,
  }),
  defineFunction({
    id: 'thermostat',
    inputs: { air: { unit: 'Cel' } },
    outputs: { heater: { mode: 'switch' } },
    options: { type: 'object', properties: { setpoint: { type: 'number' } }, additionalProperties: false },
    initial: 0,
    step: never,
  }),
  defineFunction({
    id: 'mean',
    inputs: { a: { unit: 'Cel' } },
    channels: { mean: 'Cel' },
    initial: 0,
    step: never,
  }),
  defineFunction({
    id: 'ramp',
    inputs: { a: { unit: 'Cel' } },
    outputs: { out: { mode: 'level' } },
    initial: 0,
    step: never,
  }),
];

function lookup(): PluginSet {
  const plugins = new PluginSet();
  for (const plugin of definitions) plugins.add({ plugin, kind: markOf(plugin).kind, package: 'test' });
  return plugins;
}

const secrets: SecretSources = {
  env: (name) => (name === 'TOKEN' ? { value: 'hunter2' } : { why: `the environment variable ${name} is not set` }),
  file: (path) => (path === 'secret.txt' ? { value: 'hunter3' } : { why: `${path} cannot be read` }),
};

function load(text: string): Promise<NodeConfig> {
  return loadConfig(new YamlSource(text, secrets), {
    plugins: lookup(),
    log: silentLogger,
    random: new SeededRandom(1),
    file: 'hyphae.yaml',
    name: 'test-node',
  });
}

/** The problems of a text, as `line:column path: message`. */
async function problems(text: string): Promise<readonly string[]> {
  try {
    await load(text);
    return [];
  } catch (error) {
    if (!hasCode(error, 'HYP_CONFIG_INVALID')) throw error;
    return problemsOf(error).map(
      ({ line, column, path, message }: ConfigProblem) => `${line}:${column} ${path}: ${message}`,
    );
  }
}

const VALID = `hyphae: 1
node: n1
boards:
  - provider: bench
services:
  rtu: { plugin: modbus }
sensors:
  gh1/air: { plugin: bme280, period: 10 s, use: { chip: i2c-1/0x76 }, plausible: { temperature: [-40, 60] } }
  power: { plugin: meter, options: { unit: 3 }, use: { bus: rtu } }
outputs:
  gh1/heater: { plugin: relay, use: { line: gpiochip0/17 }, safe: 0, startup: last, limits: { maxOn: 30 min, minOff: 2 min } }
functions:
  gh1/warm: { plugin: thermostat, inputs: { air: gh1/air/temperature }, outputs: { heater: gh1/heater }, options: { setpoint: 21 } }
server: { listen: '[::1]:0', hosts: [greenhouse.local], origins: ['https://panel.example'] }
store: { client: memory, keep: 30d }
`;

test('a valid file becomes a plan with the plugins in place of their ids', async (t) => {
  const config = await load(VALID);
  t.is(config.name, 'n1');
  t.deepEqual(Object.keys(config.plan.boards), ['bench']);
  t.is<unknown, unknown>(config.plan.sensors?.['gh1/air']?.plugin, definitions[2]);
  t.deepEqual(config.plan.sensors?.['gh1/air']?.use, { chip: 'i2c-1/0x76' });
  t.deepEqual(config.plan.outputs?.['gh1/heater']?.limits, { maxOn: '30 min', minOff: '2 min' });
  t.deepEqual(config.plan.functions?.['gh1/warm']?.inputs, { air: 'gh1/air/temperature' });
  t.deepEqual(config.server, {
    listen: { host: '::1', port: 0 },
    hosts: ['greenhouse.local'],
    origins: ['https://panel.example'],
  });
  t.deepEqual(config.store, { client: 'memory', file: 'hyphae.db', keep: '30d' } as unknown);
});

test('the smallest file runs a node with nothing, named after the machine', async (t) => {
  const config = await load('hyphae: 1');
  t.is(config.name, 'test-node');
  t.deepEqual(config.server.listen, { host: '127.0.0.1', port: 8080 });
  t.is(config.store.client, 'sqlite3');
});

test('a byte order mark and Windows line ends change nothing', async (t) => {
  t.is((await load(`\uFEFF${VALID.replaceAll('\n', '\r\n')}`)).name, 'n1');
});

test('the published schema is the one that is defined', (t) => {
  t.deepEqual(JSON.parse(publishedSchema()), JSON.parse(JSON.stringify(ConfigSchema)));
});

/** Each class of problem: a text, and what has to be reported where. */
const BAD: Readonly<Record<string, readonly [text: string, ...expected: RegExp[]]>> = {
  'an empty file': ['', /^1:1 : the file is empty/],
  'a file with only comments': ['# nothing\n', /the file is empty/],
  'a list instead of keys': ['- a\n', /^1:1 : a list must be a set of keys and values/],
  'a missing version': ['node: n1\n', /"hyphae" is missing\. The version of the format: 1/],
  'a newer version': ['hyphae: 2\nother: 1\n', /^1:9 hyphae: this file has format 2, which is newer/],
  'a version of a wrong kind': ['hyphae: one\n', /^1:9 hyphae: "one" must be a whole number/],
  'broken YAML': ['hyphae: 1\nsensors: {a: b\n', /^(2|3):\d+ : .*(flow|map)/i],
  'a tab as indentation': ['hyphae: 1\nsensors:\n\ta: 1\n', /^3:1 : .*tab/i],
  'a second document': ['hyphae: 1\n---\nhyphae: 1\n', /documents/],
  'a duplicate key': ['hyphae: 1\nnode: a\nnode: b\n', /^3:1 node: "node" is here twice, first on line 2/],
  'a duplicate name': [
    'hyphae: 1\nsensors:\n  a: { plugin: bme280 }\n  a: { plugin: bme280 }\n',
    /^4:3 sensors\.a: "a" is here twice, first on line 3/,
  ],
  'an unknown key': ['hyphae: 1\nsensrs: {}\n', /^2:1 sensrs: unknown key "sensrs"; did you mean "sensors"\?/],
  'an unknown key of a sensor': [
    'hyphae: 1\nsensors:\n  a:\n    plugin: bme280\n    perod: 1 s\n',
    /^5:5 sensors\.a\.perod: unknown key "perod"; did you mean "period"\?/,
  ],
  'a forbidden key': ['hyphae: 1\n__proto__: { a: 1 }\n', /^2:1 __proto__: "__proto__" cannot be used as a key/],
  'a forbidden key below': [
    'hyphae: 1\nsensors:\n  constructor: { plugin: bme280 }\n',
    /^3:3 .*cannot be used as a key/,
  ],
  'a key that is no text': ['hyphae: 1\n? [a]\n: 1\n', /a key must be plain text/],
  'an unknown tag': ['hyphae: 1\nnode: !!js/function "x"\n', /^2:7 : .*tag/i],
  'a merge key': [
    'hyphae: 1\nsensors:\n  a: &a { plugin: bme280 }\n  b:\n    <<: *a\n',
    /^5:5 sensors\.b\.<<: unknown key "<<"/,
  ],
  'an alias that refers to itself': ['hyphae: 1\nsensors: &a\n  a: *a\n', /^3:6 .*\*a does not refer to an earlier/],
  'a bad name': ['hyphae: 1\nsensors:\n  "a b": { plugin: bme280 }\n', /^3:3 sensors\.a b: "a b" is not a usable name/],
  'a name that climbs': ['hyphae: 1\nsensors:\n  a/../b: { plugin: bme280 }\n', /is not a usable name/],
  'an unknown plugin': [
    'hyphae: 1\nsensors:\n  a: { plugin: bme28O }\n',
    /^3:16 sensors\.a\.plugin: no sensor plugin is called "bme28O"; did you mean "bme280"\?/,
  ],
  'a plugin of another kind': [
    'hyphae: 1\nsensors:\n  a: { plugin: relay }\n',
    /^3:16 sensors\.a\.plugin: "relay" is a plugin for outputs, not for sensors/,
  ],
  'an unknown provider': [
    'hyphae: 1\nboards:\n  - provider: bensch\n',
    /^3:15 boards\[0\]\.provider: .*did you mean "bench"/,
  ],
  'options a provider does not have': [
    'hyphae: 1\nboards:\n  - provider: bench\n    chps: 3\n',
    /^4:5 boards\[0\]\.chps: unknown key "chps"; did you mean "chips"/,
  ],
  'options a provider cannot use': [
    'hyphae: 1\nboards:\n  - provider: bench\n    chips: 13\n',
    /^3:5 boards\[0\]: No chip plugin is called x1/,
  ],
  'a bare number as a period': [
    'hyphae: 1\nsensors:\n  a: { plugin: bme280, period: 10 }\n',
    /^3:32 sensors\.a\.period: 10 must be text\. How often to read it: a number and ms, s/,
  ],
  'a period that is no time': [
    'hyphae: 1\nsensors:\n  a: { plugin: bme280, period: 10 sec }\n',
    /"10 sec" is not written as it should be/,
  ],
  'a period too short': [
    'hyphae: 1\nsensors:\n  a: { plugin: bme280, period: 1 ms }\n',
    /^3:32 .*"1 ms" is too short: from 10 ms to 366 d/,
  ],
  'a period too long': ['hyphae: 1\nsensors:\n  a: { plugin: bme280, period: 1000000000000 ms }\n', /is too long/],
  'limits that contradict each other': [
    'hyphae: 1\noutputs:\n  a: { plugin: dimmer, limits: { minOn: 1 h, maxOn: 1 min } }\n',
    /^3:41 outputs\.a\.limits\.minOn: minOn \(1 h\) is longer than maxOn/,
  ],
  'a name used by two kinds': [
    'hyphae: 1\nsensors:\n  a: { plugin: bme280 }\noutputs:\n  A: { plugin: dimmer }\n',
    /^5:3 outputs\.A: "A" is also the name of one of the sensors \(line 3, as "a"\)/,
  ],
  'two instances on one address': [
    'hyphae: 1\nsensors:\n  a: { plugin: bme280, use: { chip: i2c-1/0x76 } }\n  b: { plugin: bme280, use: { chip: I2C-1/0X76 } }\n',
    /^4:37 sensors\.b\.use\.chip: "a" uses I2C-1\/0X76 already \(line 3\)/,
  ],
  'an address the chip cannot have': [
    'hyphae: 1\nsensors:\n  a: { plugin: bme280, use: { chip: i2c-1/0x40 } }\n',
    /bme280 answers at 0x76 or 0x77, not at 0x40/,
  ],
  'a need that is not there': [
    'hyphae: 1\nsensors:\n  a: { plugin: bme280, use: { chp: i2c-1/0x76 } }\n',
    /^3:31 sensors\.a\.use\.chp: bme280 does not need "chp"; did you mean "chip"/,
  ],
  'a need left open': [
    'hyphae: 1\noutputs:\n  a: { plugin: relay }\n',
    /^3:3 outputs\.a: relay needs to know its gpio resource; add use: \{ line: gpiochip0\/17/,
  ],
  'a service that is not there': [
    'hyphae: 1\nservices:\n  rtu: { plugin: modbus }\nsensors:\n  a: { plugin: meter, options: { unit: 1 }, use: { bus: rtv } }\n',
    /there is no service called "rtv"; did you mean "rtu"/,
  ],
  'a service nobody configured': [
    'hyphae: 1\nsensors:\n  a: { plugin: meter, options: { unit: 1 } }\n',
    /^3:3 sensors\.a: needs a service of the plugin modbus; add one under services/,
  ],
  'options that are missing': [
    'hyphae: 1\nservices: { rtu: { plugin: modbus } }\nsensors:\n  a: { plugin: meter }\n',
    /^4:\d+ sensors\.a\.options: "unit" is missing/,
  ],
  'options of a wrong kind': [
    'hyphae: 1\nservices: { rtu: { plugin: modbus } }\nsensors:\n  a: { plugin: meter, options: { unit: 0, mode: fats } }\n',
    /^4:40 sensors\.a\.options\.unit: 0 must be >= 1/,
    /^4:49 sensors\.a\.options\.mode: "fats" is not one of the choices; did you mean "fast"/,
  ],
  'options for a plugin without any': [
    'hyphae: 1\noutputs:\n  a: { plugin: dimmer, options: { speed: 1 } }\n',
    /^3:35 outputs\.a\.options\.speed: dimmer has no options; remove "speed"/,
  ],
  'numbers that are none': ['hyphae: 1\noutputs:\n  a: { plugin: dimmer, safe: .nan }\n', /must be a number/],
  'a safe value out of range': [
    'hyphae: 1\noutputs:\n  a: { plugin: dimmer, safe: 2 }\n',
    /^3:30 outputs\.a\.safe: 2 is outside of what dimmer takes: from 0 to 1/,
  ],
  'a switch half on': [
    'hyphae: 1\noutputs:\n  a: { plugin: relay, use: { line: g/1 }, startup: 0.5 }\n',
    /relay is a switch/,
  ],
  'plausible values upside down': [
    'hyphae: 1\nsensors:\n  a: { plugin: bme280, plausible: { temperature: [60, -40] } }\n',
    /the first value must be smaller/,
  ],
  'plausible values of no channel': [
    'hyphae: 1\nsensors:\n  a: { plugin: bme280, plausible: { temprature: [0, 1] } }\n',
    /bme280 has no channel "temprature"; did you mean "temperature"/,
  ],
  'a channel that is not there': [
    'hyphae: 1\nsensors:\n  a: { plugin: bme280 }\noutputs:\n  h: { plugin: dimmer }\nfunctions:\n  f: { plugin: thermostat, inputs: { air: a/temp }, outputs: { heater: h } }\n',
    /^7:43 functions\.f\.inputs\.air: no channel is called "a\/temp"/,
  ],
  'a channel of another quantity': [
    'hyphae: 1\nsensors:\n  a: { plugin: bme280 }\noutputs:\n  h: { plugin: dimmer }\nfunctions:\n  f: { plugin: thermostat, inputs: { air: a/humidity }, outputs: { heater: h } }\n',
    /^7:43 .*a\/humidity is a ratio \(%\), but the input wants a temperature \(Cel\)/,
  ],
  'an input that is not there': [
    'hyphae: 1\nsensors:\n  a: { plugin: bme280 }\nfunctions:\n  f: { plugin: mean, inputs: { b: a/temperature } }\n',
    /^5:32 functions\.f\.inputs\.b: mean has no input "b"/,
    /mean needs the input "a"/,
  ],
  'an output that is not there': [
    'hyphae: 1\nsensors:\n  a: { plugin: bme280 }\noutputs:\n  heat: { plugin: dimmer }\nfunctions:\n  f: { plugin: thermostat, inputs: { air: a/temperature }, outputs: { heater: haet } }\n',
    /no output is called "haet"; did you mean "heat"/,
  ],
  'an output nobody connected': [
    'hyphae: 1\nsensors:\n  a: { plugin: bme280 }\nfunctions:\n  f: { plugin: thermostat, inputs: { air: a/temperature } }\n',
    /^5:3 functions\.f: thermostat needs the output "heater"/,
  ],
  'an output of another mode': [
    'hyphae: 1\nsensors:\n  a: { plugin: bme280 }\noutputs:\n  r: { plugin: relay, use: { line: g/1 } }\nfunctions:\n  f: { plugin: ramp, inputs: { a: a/temperature }, outputs: { out: r } }\n',
    /r is a switch, but ramp moves a level/,
  ],
  'an output in two functions': [
    'hyphae: 1\nsensors:\n  a: { plugin: bme280 }\noutputs:\n  h: { plugin: dimmer }\nfunctions:\n  f: { plugin: thermostat, inputs: { air: a/temperature }, outputs: { heater: h } }\n  g: { plugin: thermostat, inputs: { air: a/temperature }, outputs: { heater: h } }\n',
    /^8:\d+ functions\.g\.outputs\.heater: "f" moves h already \(line 7\)/,
  ],
  'functions in a circle': [
    'hyphae: 1\nfunctions:\n  f: { plugin: mean, inputs: { a: g/mean } }\n  g: { plugin: mean, inputs: { a: f/mean } }\n',
    /these functions feed each other in a circle: f → g → f/,
  ],
  'an address that is none': [
    'hyphae: 1\nserver: { listen: localhost }\n',
    /^2:19 server\.listen: "localhost" is not written as it should be/,
  ],
  'a port beyond the last': ['hyphae: 1\nserver: { listen: 127.0.0.1:99999 }\n', /ports end at 65535/],
  'an unknown store': [
    'hyphae: 1\nstore: { client: sqlite }\n',
    /"sqlite" is not one of the choices; did you mean "sqlite3"/,
  ],
  'a database outside': [
    'hyphae: 1\nstore: { file: ../../etc/x.db }\n',
    /^2:16 store\.file: it leads out of the data directory/,
  ],
  'the configuration as the database': [
    'hyphae: 1\nstore: { file: ./x/../hyphae.yaml }\n',
    /^2:16 store\.file: hyphae\.yaml is a file of another purpose/,
  ],
  'the token as the database': ['hyphae: 1\nstore: { file: token }\n', /^2:16 store\.file: token is a file of/],
  'a secret as the name of a plugin': [
    'hyphae: 1\nsensors: { a: { plugin: !env TOKEN } }\n',
    /^2:30 sensors\.a\.plugin: no sensor plugin is called "\(secret\)"/,
  ],
  'a secret that is not there': [
    'hyphae: 1\nnode: !env NOPE\n',
    /^2:12 node: the environment variable NOPE is not set/,
  ],
  'a secret file that is not there': ['hyphae: 1\nnode: !file nope\n', /^2:13 node: nope cannot be read/],
};

for (const [what, [text, ...expected]] of Object.entries(BAD)) {
  test(`${what} is reported with its place`, async (t) => {
    const found = await problems(text);
    for (const pattern of expected)
      t.true(
        found.some((problem) => pattern.test(problem)),
        `${pattern} in ${found.join('\n')}`,
      );
  });
}

test('all problems are reported at once, in the order of the file', async (t) => {
  const found = await problems(
    'hyphae: 1\nboards:\n  - provider: nope\nsensors:\n  a: { plugin: nope }\n  b: { plugin: bme280, period: 1 ms }\noutputs:\n  c: { plugin: relay }\nstore: { file: ../x }\n',
  );
  t.deepEqual(
    found.map((problem) => problem.split(':')[0]),
    ['3', '5', '6', '8', '9'],
  );
});

test('a problem of shape in one place does not hide what is wrong in others, and causes no complaint about them', async (t) => {
  const found = await problems(
    'hyphae: 1\nservices:\n  rtu: { plgin: modbus }\nsensors:\n  a: { plugin: nope }\n  b: { plugin: meter, options: { unit: 1 }, use: { bus: rtu } }\n',
  );
  t.deepEqual(
    found.map((problem) => problem.split(' ')[0]),
    ['3:3', '3:10', '5:16'],
  );
  t.is((await problems('hyphae: 2\nsensors:\n  a: { plugin: nope }\n')).length, 1);
});

test('the error carries one line of text and one structured problem each', async (t) => {
  const error = await t.throwsAsync(load('hyphae: 1\nnode: "a b"\n'));
  t.true(hasCode(error, 'HYP_CONFIG_INVALID'));
  const { problems: texts, file } = (error as unknown as { context: { problems: string[]; file: string } }).context;
  t.is(file, 'hyphae.yaml');
  t.is(texts.length, 1);
  t.regex(String(texts[0]), /^hyphae\.yaml:2:7 node: "a b" is not written as it should be/);
});

test('a secret never appears in a message', async (t) => {
  const found = await problems('hyphae: 1\nserver: { listen: !env TOKEN }\nstore: { client: !file secret.txt }\n');
  t.is(found.length, 2);
  for (const problem of found) t.notRegex(problem, /hunter/);
});

test('a secret stands where it is referred to', async (t) => {
  t.is((await load('hyphae: 1\nnode: !env TOKEN\n')).name, 'hunter2');
  t.is((await load('hyphae: 1\nnode: !file secret.txt\n')).name, 'hunter3');
});

test('what other YAML versions take for booleans and times is text', async (t) => {
  t.is((await load('hyphae: 1\nnode: yes\n')).name, 'yes');
  t.is((await load('hyphae: 1\nnode: on\n')).name, 'on');
});

test('instances may be called like members of every object', async (t) => {
  const config = await load(
    'hyphae: 1\nsensors:\n  hasOwnProperty: { plugin: bme280 }\n  toString: { plugin: bme280 }\n',
  );
  t.deepEqual(Object.keys(config.plan.sensors ?? {}), ['hasOwnProperty', 'toString']);
});

test('a function may read the state of an output', async (t) => {
  const found = await problems(
    'hyphae: 1\noutputs:\n  h: { plugin: dimmer }\nfunctions:\n  f: { plugin: mean, inputs: { a: h/state } }\n',
  );
  t.regex(found.join(), /h\/state is a number/);
});

test('boards without a name get one that nobody else has', async (t) => {
  const config = await load(
    'hyphae: 1\nboards: [{ provider: bench }, { provider: bench }]\nsensors:\n  bench: { plugin: bme280 }\n',
  );
  t.deepEqual(Object.keys(config.plan.boards), ['bench-2', 'bench-3']);
});

test('an equal board has an equal key, so that it is kept', async (t) => {
  const key = async (text: string) => (await load(`hyphae: 1\nboards:\n${text}`)).plan.boards['bench']?.key;
  t.is(await key('  - { provider: bench, chips: 1 }\n'), await key('  - provider: bench\n    chips: 1\n'));
  t.not(await key('  - { provider: bench, chips: 1 }\n'), await key('  - { provider: bench, chips: 2 }\n'));
});

test('an alias bomb is refused quickly', async (t) => {
  const levels = Array.from({ length: 9 }, (_, index) => {
    const items = Array.from({ length: 10 }, () => `*l${index}`).join(', ');
    return `l${index + 1}: &l${index + 1} [${items}]`;
  });
  const found = await problems(`hyphae: 1\nl0: &l0 [x, x, x, x, x, x, x, x, x, x]\n${levels.join('\n')}\n`);
  t.regex(found.join(), /more than 200000 values once its aliases are followed/);
});

test('nesting is bounded', async (t) => {
  t.regex((await problems(`hyphae: 1\na: ${'['.repeat(50)}${']'.repeat(50)}\n`)).join(), /nested more than 32 levels/);
  t.regex((await problems(`hyphae: 1\na: ${'['.repeat(50_000)}`)).join(), /nested too deeply|flow/i);
});

test('a file that is too large is refused unread', async (t) => {
  t.regex((await problems(`hyphae: 1\n#${'x'.repeat(MAX_BYTES)}`)).join(), /larger than 1048576 bytes/);
});

test('the number of problems is bounded, and further ones are counted', async (t) => {
  const lines = Array.from({ length: 500 }, (_, index) => `  s${index}: { plugin: nope }`);
  const found = await problems(`hyphae: 1\nsensors:\n${lines.join('\n')}\n`);
  t.is(found.length, 101);
  t.regex(String(found.at(-1)), /and 400 more problems/);
});

test('many duplicate keys are found in a moment', async (t) => {
  const lines = Array.from({ length: 40_000 }, (_, index) => `k${index}: 1`);
  t.regex(
    (await problems(`hyphae: 1\n${lines.join('\n')}\nk0: 2\n`)).join('\n'),
    /"k0" is here twice, first on line 2/,
  );
});

const KNOWN = /^(?:$|\d+:\d+ )/;

test('a file cut off anywhere is either valid or refused with a place', async (t) => {
  for (let length = 0; length < VALID.length; length++) {
    for (const problem of await problems(VALID.slice(0, length))) t.regex(problem, KNOWN);
  }
});

test('no text makes the parser throw anything but its catalogued error', async (t) => {
  const snippet = fc.constantFrom(
    ...[
      'hyphae: 1\n',
      'sensors:\n',
      '  a: ',
      '{',
      '}',
      '[',
      ']',
      '&x ',
      '*x',
      '!env A',
      '!file b',
      '!!set ',
      '? ',
      ': ',
      '- ',
    ],
    ...[
      '|\n',
      '>\n',
      '"',
      "'",
      '#',
      '\n',
      '\t',
      '%YAML 1.1\n',
      '---\n',
      '...\n',
      '<<',
      '__proto__: 1\n',
      '\u0000',
      '\ud800',
    ],
    ...['0x10', '.nan', '1e999', 'null', '~', 'plugin: bme280', 'provider: bench', 'boards:\n  - '],
  );
  const text = fc.oneof(
    fc.array(snippet, { maxLength: 30 }).map((parts) => parts.join('')),
    fc.string({ maxLength: 200, unit: 'binary' }),
    fc
      .tuple(fc.nat(VALID.length), fc.string({ maxLength: 5 }))
      .map(([at, text]) => VALID.slice(0, at) + text + VALID.slice(at)),
  );
  await fc.assert(
    fc.asyncProperty(text, async (text) => {
      for (const problem of await problems(text)) if (!KNOWN.test(problem)) return false;
      return true;
    }),
    { numRuns: 1_500 },
  );
  t.pass();
});

test('any value in the place of any other is refused with a place, or accepted', async (t) => {
  const paths = [
    ['node'],
    ['boards'],
    ['sensors'],
    ['sensors', 'a'],
    ['sensors', 'a', 'use'],
    ['sensors', 'a', 'options'],
    ['server'],
    ['store'],
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 4 }), async (path, value) => {
      const root: Record<string, unknown> = { hyphae: 1, sensors: { a: { plugin: 'bme280' } } };
      let place = root;
      for (const step of path.slice(0, -1)) place = (place[step] ??= {}) as Record<string, unknown>;
      place[String(path.at(-1))] = value;
      for (const problem of await problems(JSON.stringify(root))) if (!KNOWN.test(problem)) return false;
      return true;
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('finding where things stand does not get slower with every other key of a map', (t) => {
  const clock = new SystemClock();
  const located = (count: number): number => {
    const names = Array.from({ length: count }, (_, i) => `s${i}`);
    const source = new YamlSource(`hyphae: 1\nsensors:\n${names.map((name) => `  ${name}: 1\n`).join('')}`, secrets);
    const began = clock.monotonic();
    for (const name of names) source.locate(['sensors', name]);
    t.deepEqual(source.locate(['sensors', `s${count - 1}`]), { line: count + 2, column: 6 + String(count - 1).length });
    return clock.monotonic() - began;
  };
  const fastest = (count: number) => Math.min(...[1, 2, 3].map(() => located(count)));
  const [few, many] = [fastest(2_000), fastest(32_000)];
  t.true(many < 64 * Math.max(few, 0.5), `${few} ms for 2,000 and ${many} ms for 32,000`);
});
