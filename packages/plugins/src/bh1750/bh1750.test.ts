import { bench } from '@hyphae/core/testing';
import { simBoard } from '@hyphae/hal/sim';
import test from 'ava';
import { bh1750 } from './index.js';
import { Bh1750Sim } from './sim.js';

const board = (chip: Bh1750Sim) => simBoard({ i2c: { 0x5c: chip } });

test('reads the light', async (t) => {
  await using rig = await bench(bh1750, { period: '1 min', board: board(new Bh1750Sim({ light: 600 })) });
  await rig.periods(1);
  t.is(rig.latest(0)['light'], 600);
});

test('waits long enough and scales right at every measurement time', async (t) => {
  for (const mtreg of [31, 69, 70, 138, 254]) {
    const chip = new Bh1750Sim({ light: 600 });
    await using rig = await bench(bh1750, { period: '1 min', board: board(chip), options: { mtreg } });
    await rig.periods(1);
    t.is(rig.fault, undefined, `${mtreg}`);
    t.true(Math.abs((rig.latest(3)['light'] ?? NaN) - 600) < 1.9, `${mtreg}: ${rig.latest(3)['light']}`);
  }
});

test('light beyond the range is no value, and full sun is within the shortest time’s', async (t) => {
  const chip = new Bh1750Sim({ light: 100_000 });
  await using rig = await bench(bh1750, { period: '1 min', board: board(chip) });
  await rig.periods(1);
  t.deepEqual(rig.latest(), { light: null });
  t.is(rig.fault, undefined);
  await using sunny = await bench(bh1750, { period: '1 min', board: board(chip), options: { mtreg: 31 } });
  await sunny.periods(1);
  t.true(Math.abs((sunny.latest()['light'] ?? NaN) - 100_000) < 2);
});

test('a measurement time the chip has not is refused', async (t) => {
  for (const mtreg of [30, 255, 69.5]) {
    await using rig = await bench(bh1750, { board: board(new Bh1750Sim({ light: 1 })), options: { mtreg } });
    t.is(rig.fault?.code, 'HYP_OPTIONS_INVALID', `${mtreg}`);
  }
});

test('a chip that lost its supply between two readings is not read at the wrong scale', async (t) => {
  const chip = new Bh1750Sim({ light: 600 });
  await using rig = await bench(bh1750, { period: '1 min', board: board(chip), options: { mtreg: 254 } });
  await rig.periods(1);
  chip.brownOut();
  await rig.periods(1);
  t.is(rig.latest(0)['light'], 600);
});

test('leaves the bus free during the measurement', async (t) => {
  const chip = new Bh1750Sim({ light: 600 });
  const sim = board(chip);
  await using rig = await bench(bh1750, { period: '1 min', board: sim });
  for (let ms = 0; ms < 60_000 && !chip.measuring; ms += 40) await rig.advance(40);
  const transfers = sim.busFaults().transfers;
  await rig.advance(130);
  t.true(chip.measuring);
  t.is(sim.busFaults().transfers, transfers);
});
