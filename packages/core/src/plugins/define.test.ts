/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-member-access -- what must not compile has no type */
import test from 'ava';
import type { Need } from '../resources/need.js';
import { optional } from '../resources/need.js';
import { defineFunction } from './function.js';
import type { JsonSchema, StandardSchema } from './options.js';
import { defineOutput } from './output.js';
import { isPlugin, PLUGIN } from './plugin.js';
import { defineProvider } from './provider.js';
import { defineSensor } from './sensor.js';
import { defineService, service } from './service.js';

interface Chip {
  read(register: number): Promise<number>;
}
const chip: Need<Chip> = { kind: 'i2c', choices: ['i2c-1/0x76'] };
/** A schema the way TypeBox makes them: JSON Schema that carries its type. */
const typed = { type: 'object' } as unknown as JsonSchema & { readonly static: { readonly offset: number } };
/** A schema the way Zod, Valibot and ArkType give them. */
const standard: StandardSchema<{ readonly gain: number }> = {
  '~standard': { version: 1, vendor: 'test', validate: () => ({ value: { gain: 1 } }) },
};

/** Compiled and never run: what must not compile is the test. */
const compiled = (check: () => unknown) => typeof check === 'function';

test('a plugin is a frozen value with a mark that any copy of the package knows', (t) => {
  const sensor = defineSensor({
    id: 'one',
    channels: { value: '1' },
    needs: {},
    start: () => ({ sample: () => ({ value: 0 }) }),
  });
  t.true(isPlugin(sensor));
  t.true(Object.isFrozen(sensor));
  t.deepEqual(sensor[PLUGIN], { kind: 'sensor', api: 1 });
  t.is<symbol, symbol>(PLUGIN, Symbol.for('hyphae.plugin'));
  t.true(isPlugin({ id: 'x', [Symbol.for('hyphae.plugin')]: { kind: 'sensor', api: 1 } }));
  for (const other of [null, undefined, 'sensor', { id: 'x' }, () => {}]) t.false(isPlugin(other));
});

test('each kind of definition carries its kind', (t) => {
  const output = defineOutput({
    id: 'o',
    mode: 'switch',
    safe: 0,
    needs: {},
    start: () => ({ apply: (value) => value }),
  });
  const fn = defineFunction({ id: 'f', inputs: { air: { unit: 'Cel' } }, initial: 0, step: (state) => ({ state }) });
  const shared = defineService({ id: 's', needs: {}, start: () => ({ count: 1 }) });
  const provider = defineProvider({
    id: 'p',
    create: () => ({
      name: 'p',
      probe: async () => ({ present: false, why: 'a test' }),
      open: () => Promise.reject(new Error('absent')),
    }),
  });
  t.deepEqual(
    [output, fn, shared, provider].map((plugin) => plugin[PLUGIN].kind),
    ['output', 'function', 'service', 'provider'],
  );
});

test('defining a plugin runs none of its code', (t) => {
  const start = () => t.fail('started');
  defineSensor({
    id: 'lazy',
    channels: { value: '1' },
    needs: {},
    start: () => (start(), { sample: () => ({ value: 0 }) }),
  });
  defineService({ id: 'lazy', needs: {}, start });
  t.pass();
});

test('a sample holds every declared channel and no other', (t) => {
  t.true(
    compiled(() => [
      defineSensor({
        id: 'good',
        channels: { temperature: 'Cel', humidity: '%' },
        needs: { chip },
        start: ({ chip }) => ({ sample: async () => ({ temperature: await chip.read(1), humidity: null }) }),
      }),
      defineSensor({
        id: 'bad',
        channels: { temperature: 'Cel', humidity: '%' },
        needs: {},
        // @ts-expect-error a declared channel is left out
        start: () => ({ sample: () => ({ temperature: 1 }) }),
      }),
      defineSensor({
        id: 'bad',
        channels: { temperature: 'Cel' },
        needs: {},
        // @ts-expect-error a channel holds a number or null, never text
        start: () => ({ sample: () => ({ temperature: '21.5' }) }),
      }),
      defineSensor({
        id: 'bad',
        channels: { temperature: 'Cel' },
        needs: {},
        // @ts-expect-error a started sensor can be sampled
        start: () => ({}),
      }),
    ]),
  );
});

test('a unit is one of the table', (t) => {
  t.true(
    compiled(() => [
      defineSensor({
        id: 'bad',
        // @ts-expect-error a unit that does not exist
        channels: { temperature: 'degrees' },
        needs: {},
        start: () => ({ sample: () => ({ temperature: 1 }) }),
      }),
      defineFunction({
        id: 'bad',
        // @ts-expect-error likewise
        inputs: { air: { unit: '°C' } },
        initial: 0,
        step: (state) => ({ state }),
      }),
      defineOutput({
        id: 'bad',
        mode: 'level',
        // @ts-expect-error likewise
        unit: 'percent',
        safe: 0,
        needs: {},
        start: () => ({ apply: (value) => value }),
      }),
    ]),
  );
});

test('a plugin receives the handles it asked for and no other', (t) => {
  t.true(
    compiled(() => [
      defineSensor({
        id: 'bad',
        channels: { value: '1' },
        needs: { chip },
        // @ts-expect-error a handle that was not asked for
        start: ({ chop }) => ({ sample: () => ({ value: chop ? 1 : 0 }) }),
      }),
      defineSensor({
        id: 'bad',
        channels: { value: '1' },
        needs: { chip },
        // @ts-expect-error a method that this kind of handle does not have
        start: ({ chip }) => ({ sample: async () => ({ value: await chip.write(1) }) }),
      }),
      defineOutput({
        id: 'bad',
        mode: 'switch',
        safe: 0,
        needs: { chip: optional(chip) },
        // @ts-expect-error an optional handle may be absent
        start: ({ chip }) => ({ apply: (value) => chip.read(value) }),
      }),
      defineOutput({
        id: 'good',
        mode: 'switch',
        safe: 0,
        needs: { chip: optional(chip) },
        start: ({ chip }) => ({ apply: async (value) => (await chip?.read(value)) ?? value }),
      }),
    ]),
  );
});

test('options have the type that a TypeBox schema carries', (t) => {
  t.true(
    compiled(() => [
      defineSensor({
        id: 'good',
        channels: { value: '1' },
        needs: {},
        options: typed,
        start: (_, { options }) => {
          const offset: number = options.offset;
          // @ts-expect-error a misspelt option
          void options.ofset;
          return { sample: () => ({ value: offset }) };
        },
      }),
      defineOutput({
        id: 'bad',
        mode: 'switch',
        safe: 0,
        needs: {},
        options: typed,
        start: (_, { options }) => {
          // @ts-expect-error an option of another type
          const text: string = options.offset;
          return { apply: () => text.length };
        },
      }),
    ]),
  );
});

test('options have the type that a Standard Schema states', (t) => {
  t.true(
    compiled(() => [
      defineSensor({
        id: 'good',
        channels: { value: '1' },
        needs: {},
        options: standard,
        start: (_, { options }) => {
          const gain: number = options.gain;
          // @ts-expect-error a misspelt option
          void options.gian;
          return { sample: () => ({ value: gain }) };
        },
      }),
      defineService({
        id: 'bad',
        needs: {},
        options: standard,
        // @ts-expect-error a misspelt option
        start: (_, { options }) => options.gian,
      }),
      defineProvider({
        id: 'bad',
        options: standard,
        create: ({ options }) => {
          // @ts-expect-error a misspelt option
          void options.gian;
          throw new Error('never called');
        },
      }),
    ]),
  );
});

test('a function sees its own inputs and moves its own outputs', (t) => {
  t.true(
    compiled(() => [
      defineFunction({
        id: 'good',
        inputs: { air: { unit: 'Cel' } },
        outputs: { heater: { mode: 'switch' } },
        channels: { error: 'K' },
        options: typed,
        initial: { on: false },
        step: (state, { inputs, options }) => ({
          state: { on: !state.on },
          outputs: { heater: inputs.air.value < options.offset ? 1 : 0 },
          values: { error: 0 },
        }),
      }),
      defineFunction({
        id: 'bad',
        inputs: { air: { unit: 'Cel' } },
        initial: 0,
        // @ts-expect-error an input that was not declared
        step: (state, { inputs }) => ({ state: state + inputs.soil.value }),
      }),
      defineFunction({
        id: 'bad',
        inputs: { air: { unit: 'Cel' } },
        outputs: { heater: { mode: 'switch' } },
        initial: 0,
        // @ts-expect-error an output moves by a number
        step: (state) => ({ state, outputs: { heater: true } }),
      }),
    ]),
  );
});

test('a service is asked for by id, and has the type one says', (t) => {
  const counter = service<{ next(): number }>('counter');
  t.deepEqual(counter, { kind: 'service', choices: ['counter'] });
  t.true(
    compiled(() => [
      defineSensor({
        id: 'good',
        channels: { value: '1' },
        needs: { counter },
        start: ({ counter }) => ({ sample: () => ({ value: counter.next() }) }),
      }),
      defineSensor({
        id: 'bad',
        channels: { value: '1' },
        needs: { counter },
        // @ts-expect-error a method that the service does not have
        start: ({ counter }) => ({ sample: () => ({ value: counter.previous() }) }),
      }),
    ]),
  );
});
