import {
  type AnyPlugin,
  type HalProvider,
  Lifetime,
  type Need,
  ResourceRegistry,
  SeededRandom,
  silentLogger,
} from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import test from 'ava';
import { gpioInput, gpioOutput } from '../gpio/gpio.js';
import { i2cDevice } from '../i2c/i2c-device.js';
import { oneWireThermometer } from '../onewire/thermometer.js';
import { pwmChannel } from '../pwm/pwm-channel.js';
import { fixedLength } from '../serial/framing.js';
import { serialPort } from '../serial/serial-port.js';
import { codeOf } from '../testing/fixture.js';
import { defineChip, type Surroundings } from './chip.js';
import { definePlant } from './plant.js';
import { RegisterChip } from './register-chip.js';
import type { SimOptions } from './sim-options.js';
import { SimProvider, simProvider } from './sim-provider.js';

/** Shows the temperature in whole degrees in register 0, the offset of its options added. */
class ThermoSim extends RegisterChip {
  constructor(
    readonly surroundings: Surroundings<'temperature'>,
    readonly offset: number,
  ) {
    super();
  }

  protected override onRead(register: number): number {
    return register === 0 ? Math.round(this.surroundings.temperature + this.offset) : 0;
  }
}

const thermo = defineChip({
  id: 'thermo',
  bus: 'i2c',
  feels: { temperature: 'Cel' },
  options: { type: 'object', properties: { offset: { type: 'number', default: 0, maximum: 50 } } },
  create: ({ surroundings, options }) => new ThermoSim(surroundings, Number(options['offset'])),
});

const probe = defineChip({
  id: 'probe',
  bus: 'onewire',
  feels: { temperature: 'K' },
  create: ({ surroundings }) => ({
    convert: () => {},
    scratchpad: () => new Uint8Array(9).fill(surroundings.temperature - 273.15),
  }),
});

const meter = defineChip({
  id: 'meter',
  bus: 'serial',
  feels: {},
  create: () => {
    let answer: (bytes: Uint8Array) => void = () => {};
    return { powerOn: (_clock, send) => (answer = send), receive: (bytes) => answer(bytes) };
  },
});

/** A room that a heater warms by one degree a second. */
const room = definePlant({
  id: 'room',
  variables: { 'air/temperature': 'Cel', 'air/light': 'lx', 'out/temperature': 'Cel' },
  actuators: ['heater', 'lamp'],
  options: { type: 'object', properties: { from: { type: 'number', default: 20 } }, additionalProperties: false },
  create: ({ options }) => {
    const state: Record<string, number> = { 'air/temperature': Number(options['from']), 'air/light': 0 };
    const driven: Record<string, number> = { heater: 0, lamp: 0 };
    return {
      advance: (dtMs) =>
        (state['air/temperature'] = (state['air/temperature'] ?? 0) + ((driven['heater'] ?? 0) * dtMs) / 1000),
      read: (variable) => (variable === 'air/light' ? 100 * (driven['lamp'] ?? 0) : (state[variable] ?? NaN)),
      drive: (actuator, value) => (driven[actuator] = value),
    };
  },
});

const PLUGINS: Readonly<Record<string, readonly AnyPlugin[]>> = { chip: [thermo, probe, meter], plant: [room] };

function create(options: SimOptions): SimProvider {
  const provider: HalProvider = simProvider.create({
    options,
    log: silentLogger,
    random: new SeededRandom(1),
    find: (kind, id) => PLUGINS[kind]?.find((plugin) => plugin.id === id),
    ids: (kind) => (PLUGINS[kind] ?? []).map(({ id }) => id),
  });
  if (!(provider instanceof SimProvider)) throw new Error('another provider');
  return provider;
}

async function opened(options: SimOptions) {
  const clock = new VirtualClock();
  const provider = create(options);
  const board = await provider.open({ clock });
  const life = new Lifetime('test');
  const registry = new ResourceRegistry([board]);
  const claim = async <H>(need: Need<H>, use?: string, lifetime = life) =>
    (await registry.claim(need, { owner: 'test', lifetime, use })).handle;
  return { clock, provider, board, life, claim };
}

const need = i2cDevice({ addresses: [0x48] });

test('the loop closes: a line heats the plant, and the chip feels it', async (t) => {
  const { clock, provider, claim } = await opened({
    plant: 'room',
    i2c: { 'i2c-1/0x48': { chip: 'thermo', feels: 'air' } },
    gpio: { 'gpiochip0/17': { drives: 'heater' } },
  });
  const [chip, heater] = [await claim(need), await claim(gpioOutput({ initial: 0 }), '17')];
  await clock.advance('5 s');
  t.deepEqual([...(await chip.read(1))], [20]);
  await heater.write(1);
  await clock.advance('5 s');
  await heater.write(0);
  await clock.advance('5 s');
  t.deepEqual([...(await chip.readRegister(0))], [25]);
  t.is(provider.plant?.read('air/temperature'), 25);
});

test('a relay that is on at low does nothing while nobody drives it, and stops when its claim ends', async (t) => {
  const { clock, provider, life, claim } = await opened({
    plant: 'room',
    gpio: { 'gpiochip0/17': { drives: 'heater', activeLow: true } },
  });
  await clock.advance('3 s');
  t.is(provider.plant?.read('air/temperature'), 20);
  const own = life.child('relay');
  const relay = await claim(gpioOutput({ initial: 0, activeLow: true }), '17', own);
  await relay.write(1);
  await clock.advance('3 s');
  await own[Symbol.asyncDispose]();
  await clock.advance('5 s');
  t.is(provider.plant?.read('air/temperature'), 23);
});

test('a PWM channel drives by its duty cycle, and a line may read the plant', async (t) => {
  const { clock, claim } = await opened({
    plant: 'room',
    pwm: { 'pwmchip0/0': { drives: 'lamp' } },
    gpio: { 'gpiochip0/5': { reads: 'air/light', above: 40 }, 'gpiochip0/6': { reads: 'air/light', below: 40 } },
  });
  const [lamp, bright, dark] = [
    await claim(pwmChannel(), '0'),
    await claim(gpioInput(), '5'),
    await claim(gpioInput(), '6'),
  ];
  const changes = bright.changes()[Symbol.asyncIterator]();
  t.deepEqual([await bright.read(), await dark.read()], [0, 1]);
  await lamp.set(1000, 0.5);
  await clock.advance(7);
  t.deepEqual([await bright.read(), await dark.read()], [1, 0]);
  t.deepEqual((await changes.next()).value, { level: 1, atMs: 7 });
});

test('chips feel by prefix, by map and by constants, in their own unit', async (t) => {
  const { clock, claim } = await opened({
    plant: { model: 'room', options: { from: 30 } },
    i2c: {
      'i2c-1/0x48': { chip: 'thermo', feels: { temperature: 'air/temperature' }, options: { offset: 5 } },
      'i2c-3/0x48': { chip: 'thermo', feels: { temperature: 7 } },
    },
    onewire: { '28-0000075b3c1a': { chip: 'probe', feels: 'air' } },
    serial: { '/dev/ttyS0': { chip: 'meter' } },
  });
  t.deepEqual([...(await (await claim(need, 'i2c-1')).read(1))], [35]);
  t.deepEqual([...(await (await claim(need, 'i2c-3')).read(1))], [7]);
  const thermometer = await claim(oneWireThermometer({ families: [0x28] }));
  t.is((await clock.run(thermometer.measure()))[0], 30, 'kelvin from degrees');
  const port = await claim(serialPort({ baudRate: 9600 }), '/dev/ttyS0');
  t.deepEqual([...(await clock.run(port.exchange(Uint8Array.of(1), fixedLength(1), { timeout: 10 })))], [1]);
});

test('an unknown chip or plant is named with those that are known', (t) => {
  t.like(
    t.throws(() => create({ i2c: { '0x48': { chip: 'bme999' } } })),
    {
      code: 'HYP_PLUGIN_UNKNOWN',
      context: { plugin: 'bme999', kind: 'chip', known: ['thermo', 'probe', 'meter'] },
    },
  );
  t.like(
    t.throws(() => create({ plant: 'jungle' })),
    { code: 'HYP_PLUGIN_UNKNOWN', context: { known: ['room'] } },
  );
});

test('all problems of a board are told at once, each with its place', (t) => {
  const error = t.throws(() =>
    create({
      plant: { model: 'room', options: { from: 'warm', size: 3 } },
      i2c: {
        'i2c-1/0x48': { chip: 'thermo' },
        'i2c-1/0x49': { chip: 'thermo', feels: 'soil' },
        'i2c-1/0x4a': { chip: 'thermo', feels: { temperature: 'air/light', humidity: 50 } },
        'i2c-1/0x4b': { chip: 'meter', feels: {} },
        'i2c-1/0x4c': { chip: 'thermo', feels: { temperature: 1 }, options: { offset: 60 } },
        'i2c-1/0x90': { chip: 'thermo', feels: { temperature: 1 } },
      },
      gpio: {
        'gpiochip0/1': { drives: 'boiler' },
        'gpiochip0/2': { drives: 'heater' },
        'gpiochip0/3': { drives: 'heater' },
        'gpiochip0/4': { reads: 'air/co2', above: 1 },
        'gpiochip0/5': { reads: 'air/light' },
      },
    }),
  );
  t.is(codeOf(error), 'HYP_OPTIONS_INVALID');
  t.deepEqual((error as unknown as { context: { problems: string[] } }).context.problems, [
    'plant room: from has to be number, not "warm"',
    'plant room: size is not known; known are: from',
    'i2c i2c-1/0x48: thermo says nothing of what it feels (temperature): add feels',
    'i2c i2c-1/0x49: thermo feels soil/temperature, but plant room has only air/temperature, air/light, out/temperature',
    'i2c i2c-1/0x4a: thermo does not feel humidity; it feels temperature',
    'i2c i2c-1/0x4a: thermo feels air/light in Cel, but plant room has it in lx',
    'i2c i2c-1/0x4b: meter is connected by serial, not by i2c',
    'i2c i2c-1/0x4c: offset has to be at most 50, not 60',
    'The call for i2c-1/0x90 is not possible: 7-bit addresses of devices go from 0x03 to 0x77; an 8-bit 0x90 is written 0x48, and 10-bit ones are not supported',
    'gpio gpiochip0/1: drives boiler, but plant room has only heater, lamp',
    'gpio gpiochip0/3: drives heater, which gpio gpiochip0/2 drives already',
    'gpio gpiochip0/4: reads air/co2, but plant room has only air/temperature, air/light, out/temperature',
    'gpio gpiochip0/5: reads air/light, and needs either above or below',
  ]);
});

test('without a plant nothing can be felt by name or driven', (t) => {
  const error = t.throws(() =>
    create({ i2c: { '0x48': { chip: 'thermo', feels: 'air' } }, gpio: { '17': { drives: 'heater' } } }),
  );
  t.regex(
    String(error?.message),
    /feels air\/temperature, but the board has no plant.*drives heater, but the board has no plant/,
  );
});

test('listings name chips by id and lines by what they do', async (t) => {
  const { board } = await opened({
    plant: 'room',
    i2c: { 'i2c-1/0x48': { chip: 'thermo', feels: 'air' } },
    gpio: { '17': { drives: 'heater' }, 'gpiochip0/5': { reads: 'air/light', above: 40 } },
    pwm: { 'pwmchip0/0': { drives: 'lamp' } },
  });
  const labels = new Map((await board.list()).map(({ address, label }) => [address, label]));
  t.is(labels.get('i2c-1/0x48'), 'thermo');
  t.is(labels.get('gpiochip0/17'), 'drives heater');
  t.is(labels.get('gpiochip0/5'), 'reads air/light');
  t.is(labels.get('pwmchip0/0'), 'drives lamp');
  t.true(board.simulated);
});

test('plant and chips live on when the board is closed and opened again; another clock is another world', async (t) => {
  const { clock, provider, board } = await opened({ plant: 'room', gpio: { '17': { drives: 'heater' } } });
  provider.plant?.drive('heater', 1);
  await clock.advance('5 s');
  await board[Symbol.asyncDispose]();
  await provider.open({ clock });
  t.is(provider.plant?.read('air/temperature'), 25);
  await provider.open({ clock: new VirtualClock() });
  t.is(provider.plant?.read('air/temperature'), 20);
});

test('before it is opened a board has neither plant nor far ends', (t) => {
  const provider = create({ plant: 'room' });
  t.is(codeOf(t.throws(() => provider.plant)), 'HYP_NOT_READY');
  t.is(codeOf(t.throws(() => provider.board)), 'HYP_NOT_READY');
});

test('an empty board is a board', async (t) => {
  const { board, provider } = await opened({});
  t.is(provider.plant, undefined);
  t.deepEqual(await provider.probe(), { present: true });
  t.true((await board.list()).length > 50);
});

test('a chip whose element is wrong shows it in its registers, and is right again afterwards', async (t) => {
  t.throws(() => create({}).senses, { code: 'HYP_NOT_READY' });
  const { provider, claim } = await opened({ plant: 'room', i2c: { '0x48': { chip: 'thermo', feels: 'air' } } });
  const chip = await claim(need);
  const reads = async () => (await chip.readRegister(0))[0];
  t.is(await reads(), 20);
  const offset = provider.senses.distort('i2c-1/0x48', 'temperature', (value) => value + 5);
  const doubled = provider.senses.distort('i2c-1/0x48', 'temperature', (value) => 2 * value);
  t.is(await reads(), 50, 'one after the other');
  offset[Symbol.dispose]();
  t.is(await reads(), 40);
  doubled[Symbol.dispose]();
  t.is(await reads(), 20);
  t.throws(() => provider.senses.distort('i2c-1/0x48', 'humidity', Number), { code: 'HYP_RESOURCE_MISSING' });
  t.throws(() => provider.senses.distort('i2c-1/0x49', 'temperature', Number), { code: 'HYP_RESOURCE_MISSING' });
});
