import { bench, sensorConformance, type SensorWorld } from '@hyphae/core/testing';
import { simBoard, type SimOneWireDevice } from '@hyphae/hal/sim';
import test from 'ava';
import { ds18b20 } from './index.js';
import { Ds18b20Sim, type Ds18b20SimOptions } from './sim.js';

const ROM = '28-0000075b3c1a';

/** A chip that falls silent at its nth operation: conversions and scratchpads count. */
function world(failsFrom: number, rom: string, options?: Ds18b20SimOptions): SensorWorld {
  const chip = new Ds18b20Sim({ temperature: 20 }, options);
  let operations = 0;
  const alive = () => operations++ < failsFrom;
  const wired: SimOneWireDevice = {
    convert: () => (alive() ? chip.convert() : undefined),
    scratchpad: () => (alive() ? chip.scratchpad() : undefined),
    powerOn: (clock) => chip.powerOn(clock),
    powerOff: () => chip.powerOff(),
  };
  return {
    board: simBoard({ onewire: { [rom]: wired } }),
    show: ({ temperature = 20 }) => (chip.surroundings = { temperature }),
    operations: () => operations,
  };
}

const truths = [-55, -0.5, 0, 21.3, 85, 125].map((temperature) => ({ temperature }));

sensorConformance(test, ds18b20, {
  world: (failsFrom) => world(failsFrom, ROM),
  truths,
  accuracy: { temperature: 1 / 32 + 1e-6 },
});

sensorConformance((title, body) => test(`as DS18S20: ${title}`, body), ds18b20, {
  world: (failsFrom) => world(failsFrom, '10-0008031516b0', { part: 'ds18s20' }),
  truths: truths.filter(({ temperature }) => temperature !== 85),
  accuracy: { temperature: 1 / 32 + 1e-6 },
});

test('a spoilt scratchpad is read again, and a lasting disturbance is a checksum error', async (t) => {
  const chip = new Ds18b20Sim({ temperature: 20 });
  await using rig = await bench(ds18b20, { period: '1 min', board: simBoard({ onewire: { [ROM]: chip } }) });
  chip.corrupt = 2;
  t.deepEqual(await rig.periods(1), [{ temperature: 20 }]);
  t.is(rig.fault, undefined);
  chip.corrupt = 1000;
  await rig.periods(1);
  t.is(rig.fault?.code, 'HYP_CHECKSUM');
  t.is(rig.latest()['temperature'], null);
  chip.corrupt = 0;
  await rig.periods(2);
  t.is(rig.fault, undefined);
  t.is(rig.latest()['temperature'], 20);
});

test('a chip too weakly supplied to convert never reports 85 °C', async (t) => {
  const chip = new Ds18b20Sim({ temperature: 20 });
  await using rig = await bench(ds18b20, { period: '1 min', board: simBoard({ onewire: { [ROM]: chip } }) });
  chip.weakSupply = true;
  await rig.periods(2);
  t.is(rig.fault?.code, 'HYP_DEVICE_NOT_READY');
  t.false(rig.readings.some(({ value }) => value === 85));
});

test('says when it is pulled out, and works again when it is back', async (t) => {
  const chip = new Ds18b20Sim({ temperature: 20 });
  await using rig = await bench(ds18b20, { period: '1 min', board: simBoard({ onewire: { [ROM]: chip } }) });
  chip.unplug();
  await rig.periods(1);
  t.is(rig.fault?.code, 'HYP_DEVICE_GONE');
  chip.plug();
  await rig.periods(2);
  t.is(rig.fault, undefined);
  t.is(rig.latest()['temperature'], 20);
});

test('a device of another family is refused by its code', async (t) => {
  const board = simBoard({ onewire: { '26-000000abcdef': new Ds18b20Sim({ temperature: 20 }) } });
  await using rig = await bench(ds18b20, { period: '1 min', board, use: { thermometer: '26-000000abcdef' } });
  t.is(rig.fault?.code, 'HYP_DEVICE_IDENTITY');
  t.regex(rig.fault?.message ?? '', /26/);
});
