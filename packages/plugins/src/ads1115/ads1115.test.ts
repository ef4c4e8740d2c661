import { bench } from '@hyphae/core/testing';
import { RegisterChip, simBoard } from '@hyphae/hal/sim';
import test from 'ava';
import { ads1015, ads1115 } from './index.js';
import { Ads1015Sim, Ads1115Sim } from './sim.js';

const board = (chip: RegisterChip) => simBoard({ i2c: { 0x4b: chip } });

test('reads all four inputs', async (t) => {
  const chip = new Ads1115Sim({ a0: 0.5, a1: 1.25, a2: 3.3, a3: 0 });
  await using rig = await bench(ads1115, { period: '1 min', board: board(chip) });
  await rig.periods(1);
  t.deepEqual(rig.latest(3), { a0: 0.5, a1: 1.25, a2: 3.3, a3: 0 });
});

test('publishes nothing for an input that is not configured', async (t) => {
  const chip = new Ads1115Sim({ a0: 0.5, a1: 1.25, a2: 3.3, a3: 0.1 });
  await using rig = await bench(ads1115, { period: '1 min', board: board(chip), options: { inputs: ['a1', 'a3'] } });
  await rig.periods(2);
  t.deepEqual(rig.latest(3), { a1: 1.25, a3: 0.1 });
  t.deepEqual([...new Set(rig.readings.map(({ channel }) => channel))].sort(), ['a1', 'a3']);
});

test('waits long enough at every rate of both parts', async (t) => {
  for (const rate of [8, 16, 32, 64, 128, 250, 475, 860]) {
    const options = { inputs: ['a0'], rate };
    await using rig = await bench(ads1115, { period: '1 min', board: board(new Ads1115Sim({ a0: 1.5 })), options });
    await rig.periods(1);
    t.is(rig.fault, undefined, `${rate}`);
    t.is(rig.latest(3)['a0'], 1.5, `${rate}`);
  }
  for (const rate of [128, 250, 490, 920, 1600, 2400, 3300]) {
    const options = { inputs: ['a0'], rate };
    await using rig = await bench(ads1015, { period: '1 min', board: board(new Ads1015Sim({ a0: 1.5 })), options });
    await rig.periods(1);
    t.is(rig.latest(3)['a0'], 1.5, `${rate}`);
  }
});

test('an input can have a range of its own, which resolves it better', async (t) => {
  const chip = new Ads1115Sim({ a0: 0.1234567, a1: 0.1234567 });
  const options = { inputs: ['a0', 'a1'], ranges: { a1: 0.256 } };
  await using rig = await bench(ads1115, { period: '1 min', board: board(chip), options });
  await rig.periods(1);
  const { a0, a1 } = rig.latest(7);
  t.true(Math.abs((a0 ?? NaN) - 0.1234567) > 1e-5);
  t.true(Math.abs((a1 ?? NaN) - 0.1234567) < 4e-6);
});

test('measures the difference of two inputs, negative too', async (t) => {
  const chip = new Ads1115Sim({ a0: 1, a1: 1.2, a2: 3, a3: 0.5 });
  const options = { inputs: ['a0', 'a2'], minus: { a0: 'a1', a2: 'a3' } };
  await using rig = await bench(ads1115, { period: '1 min', board: board(chip), options });
  await rig.periods(1);
  t.deepEqual(rig.latest(3), { a0: -0.2, a2: 2.5 });
});

test('an input beyond its range has no value, and does not touch the others', async (t) => {
  const chip = new Ads1115Sim({ a0: 5, a1: 1 });
  await using rig = await bench(ads1115, { period: '1 min', board: board(chip), options: { inputs: ['a0', 'a1'] } });
  await rig.periods(1);
  t.deepEqual(rig.latest(3), { a0: null, a1: 1 });
  t.is(rig.readings.find(({ channel }) => channel === 'a0')?.quality, 'bad');
  t.is(rig.fault, undefined);
});

test('options it cannot fulfil are refused', async (t) => {
  const refused = [
    { inputs: [] },
    { inputs: ['a4'] },
    { rate: 100 },
    { range: 5 },
    { minus: { a1: 'a0' } },
    { gain: 2 },
  ];
  for (const options of refused) {
    await using rig = await bench(ads1115, { board: board(new Ads1115Sim({})), options });
    t.is(rig.fault?.code, 'HYP_OPTIONS_INVALID', JSON.stringify(options));
  }
});

test('a chip that does not keep its settings is not taken for one', async (t) => {
  class Other extends RegisterChip {
    protected override write(): void {} // registers that cannot be written
  }
  await using rig = await bench(ads1115, { board: board(new Other()) });
  t.is(rig.fault?.code, 'HYP_DEVICE_IDENTITY');
});

test('a chip that restarts during a conversion gives no value of the wrong input', async (t) => {
  const chip = new Ads1115Sim({ a0: 1, a1: 2, a2: 3, a3: 3.5 });
  await using rig = await bench(ads1115, { period: '1 min', board: board(chip), options: { inputs: ['a3'] } });
  for (let ms = 0; ms < 60_000 && !chip.busy; ms += 4) await rig.advance(4);
  t.true(chip.busy);
  chip.brownOut();
  await rig.advance('1 s');
  t.is(rig.fault, undefined, 'the host has tried again');
  t.deepEqual(
    rig.readings.map(({ value }) => value?.toFixed(3)),
    ['3.500'],
  );
});

test('a conversion that never ends is an error, not a wait without end', async (t) => {
  class Dead extends Ads1115Sim {
    protected override convert(_duration: number, finish: () => void): void {
      super.convert('1 h', finish);
    }
  }
  await using rig = await bench(ads1115, { period: '1 min', board: board(new Dead({ a0: 1 })) });
  await rig.periods(1);
  t.is(rig.fault?.code, 'HYP_DEVICE_NOT_READY');
  t.false(rig.readings.some(({ value }) => value !== null));
});

test('a slow conversion is waited for', async (t) => {
  class Slow extends Ads1115Sim {
    protected override convert(duration: number, finish: () => void): void {
      super.convert(duration * 1.5, finish);
    }
  }
  await using rig = await bench(ads1115, {
    period: '1 min',
    board: board(new Slow({ a0: 1 })),
    options: { inputs: ['a0'] },
  });
  await rig.periods(1);
  t.deepEqual(rig.latest(3), { a0: 1 });
});
