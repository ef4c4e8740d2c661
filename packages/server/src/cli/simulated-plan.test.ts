import test from 'ava';
import { defineSensor, type HalProvider, type SensorDefinition } from '@hyphae/core';
import { i2cDevice } from '@hyphae/hal';
import { simBoard } from '@hyphae/hal/sim';
import { simulatedPlan } from './simulated-plan.js';

const never = (): never => {
  throw new Error('a board that is not simulated must not be touched');
};
const real: HalProvider = { name: 'linux', probe: never, open: never };

const chip = defineSensor({
  id: 'chip',
  channels: { a: '1' },
  needs: { chip: i2cDevice({ addresses: [0x10, 0x11] }) },
  start: never,
});
const calm = defineSensor({ id: 'calm', channels: { a: '1' }, needs: {}, start: () => ({ sample: () => ({ a: 1 }) }) });
const worldly = defineSensor({
  id: 'worldly',
  channels: { a: '1' },
  needs: {},
  start: (_handles, { clock }) => ({ sample: async () => ({ a: await clock.io(Promise.resolve(1)) }) }),
});

const sensor = (plugin: unknown, use?: string) => ({
  plugin: plugin as SensorDefinition, // defineSensor() made it
  period: '1 s' as const,
  ...(use === undefined ? {} : { use: { chip: use } }),
});

test('what is on simulated boards stays, also where the board is named', async (t) => {
  const sim = simBoard({ i2c: { 0x10: { transfer: () => undefined }, 0x11: { transfer: () => undefined } } });
  const { plan, left } = await simulatedPlan({
    boards: { sim: { provider: sim }, linux: { provider: real } },
    sensors: {
      plain: sensor(chip, 'i2c-1/0x10'),
      named: sensor(chip, 'sim:i2c-1/0x11'),
      elsewhere: sensor(chip, 'linux:i2c-1/0x10'),
      absent: sensor(chip, 'i2c-9/0x10'),
    },
  });
  t.deepEqual(Object.keys(plan.boards), ['sim']);
  t.deepEqual(Object.keys(plan.sensors ?? {}), ['plain', 'named']);
  t.deepEqual(
    left.map(({ name }) => name),
    ['linux', 'elsewhere', 'absent'],
  );
});

test('a sensor that declares real input or output is left out, and what listens to it', async (t) => {
  const plugin = { id: 'f', inputs: { a: { unit: '1' } }, initial: 0, step: never } as const;
  const { plan, left } = await simulatedPlan({
    boards: {},
    sensors: { calm: sensor(calm), worldly: sensor(worldly) },
    functions: { good: { plugin, inputs: { a: 'calm/a' } }, lost: { plugin, inputs: { a: 'worldly/a' } } },
  });
  t.deepEqual(Object.keys(plan.sensors ?? {}), ['calm']);
  t.deepEqual(Object.keys(plan.functions ?? {}), ['good']);
  t.like(left, [
    { name: 'worldly', why: 'it reads the real world (--with-real includes it)' },
    { name: 'lost', why: 'worldly is left out' },
  ]);
});
