import { bench } from '@hyphae/core/testing';
import { simBoard } from '@hyphae/hal/sim';
import test from 'ava';
import { sht3x } from './index.js';
import { Sht3xSim } from './sim.js';

const air = { temperature: 21.5, humidity: 48 };
const board = (chip: Sht3xSim) => simBoard({ i2c: { 0x45: chip } });

test('reads temperature and humidity', async (t) => {
  await using rig = await bench(sht3x, { period: '1 min', board: board(new Sht3xSim(air)) });
  await rig.periods(1);
  t.deepEqual(rig.latest(), air);
});

test('waits long enough at each repeatability', async (t) => {
  for (const repeatability of ['high', 'medium', 'low']) {
    const options = { repeatability };
    await using rig = await bench(sht3x, { period: '1 min', board: board(new Sht3xSim(air)), options });
    await rig.periods(1);
    t.is(rig.fault, undefined, repeatability);
    t.deepEqual(rig.latest(), air, repeatability);
  }
});

test('a chip that was left measuring by itself, and heating, is brought to order', async (t) => {
  const chip = new Sht3xSim(air);
  const sim = board(chip);
  const opened = sim.open.bind(sim);
  const found = {
    ...sim,
    async open(context: Parameters<typeof opened>[0]) {
      const it = await opened(context);
      chip.measurePeriodically(); // after power came on, before the driver starts
      chip.heat();
      return it;
    },
  };
  await using rig = await bench(sht3x, { period: '1 min', board: found });
  t.is(rig.fault, undefined);
  t.false(chip.heating);
  await rig.periods(1);
  t.deepEqual(rig.latest(), air);
});

test('a start is break, reset, heater off, a look at the status, and clearing it', async (t) => {
  const commands: number[] = [];
  class Listening extends Sht3xSim {
    protected override onCommand(command: number): void {
      commands.push(command);
      super.onCommand(command);
    }
  }
  await using rig = await bench(sht3x, { board: board(new Listening(air)) });
  t.is(rig.fault, undefined);
  t.deepEqual(commands, [0x3093, 0x30a2, 0x3066, 0xf32d, 0x3041]);
});

test('a heater that stays on is refused, for it falsifies both readings', async (t) => {
  class Stubborn extends Sht3xSim {
    protected override onCommand(command: number): void {
      super.onCommand(command);
      if (command !== 0xf32d) this.heat();
    }
  }
  await using rig = await bench(sht3x, { board: board(new Stubborn(air)) });
  t.is(rig.fault?.code, 'HYP_DEVICE_NOT_READY');
  t.regex(rig.fault?.message ?? '', /heater/);
});

test('a damaged answer is a checksum error, and no value', async (t) => {
  const sim = board(new Sht3xSim(air));
  await using rig = await bench(sht3x, { period: '1 min', board: sim });
  sim.busFaults().bitErrors(0.05);
  await rig.periods(20);
  sim.busFaults().clear();
  t.false(
    rig.readings.some(({ channel, value }) => {
      const truth = channel === 'temperature' ? air.temperature : air.humidity;
      return value !== null && Math.abs(value - truth) > 0.01;
    }),
  );
});

test('a single flipped bit in an answer is named for what it is', async (t) => {
  class Noisy extends Sht3xSim {
    noisy = false;
    override transfer(segments: Parameters<Sht3xSim['transfer']>[0]) {
      const reads = super.transfer(segments);
      const [answer] = reads ?? [];
      if (this.noisy && answer) answer[4] = (answer[4] ?? 0) ^ 0x10;
      return reads;
    }
  }
  const chip = new Noisy(air);
  await using rig = await bench(sht3x, { period: '1 min', board: board(chip) });
  await rig.periods(1);
  chip.noisy = true;
  await rig.periods(1);
  t.is(rig.fault?.code, 'HYP_CHECKSUM');
  t.deepEqual(rig.latest(), { temperature: null, humidity: null });
  chip.noisy = false;
  await rig.periods(2);
  t.is(rig.fault, undefined);
  t.deepEqual(rig.latest(), air);
});

test('a chip that is still measuring is not ready, which is something else than absent', async (t) => {
  class Slow extends Sht3xSim {
    protected override work(duration: number, finish?: () => void): void {
      super.work(duration === 15.5 ? '1 h' : duration, finish);
    }
    protected override acknowledges(direction: 'read' | 'write'): boolean {
      return direction === 'write' || super.acknowledges(direction);
    }
  }
  await using rig = await bench(sht3x, { period: '1 min', board: board(new Slow(air)) });
  await rig.periods(1);
  t.is(rig.fault?.code, 'HYP_DEVICE_NOT_READY');
  t.false(rig.readings.some(({ value }) => value !== null));
});

test('says that nothing answers when the chip is gone, and recovers when it is back', async (t) => {
  const chip = new Sht3xSim(air);
  await using rig = await bench(sht3x, { period: '1 min', board: board(chip) });
  await rig.periods(1);
  chip.unplug();
  await rig.periods(1);
  t.is(rig.fault?.code, 'HYP_I2C_NO_ACK');
  t.deepEqual(rig.latest(), { temperature: null, humidity: null });
  chip.brownOut();
  chip.plugIn();
  await rig.periods(3);
  t.is(rig.fault, undefined);
  t.deepEqual(rig.latest(), air);
});
