import { bench } from '@hyphae/core/testing';
import { simBoard } from '@hyphae/hal/sim';
import test from 'ava';
import { bme280, bmp280 } from './index.js';
import { Bme280Sim, Bmp280Sim, TYPICAL_TRIMMING } from './sim.js';

const air = { temperature: 21.5, humidity: 48, pressure: 1013.2 };
const board = (chip: Bme280Sim) => simBoard({ i2c: { 0x76: chip } });

test('reads temperature, humidity and pressure', async (t) => {
  await using rig = await bench(bme280, { period: '1 min', board: board(new Bme280Sim(air)) });
  await rig.periods(1);
  t.is(rig.fault, undefined);
  t.deepEqual(rig.latest(), air);
});

test('a BMP280 reads temperature and pressure, its samples of silicon too', async (t) => {
  for (const id of [0x58, 0x57, 0x56]) {
    await using rig = await bench(bmp280, { period: '1 min', board: board(new Bmp280Sim(air, { id })) });
    await rig.periods(1);
    t.deepEqual(rig.latest(), { temperature: 21.5, pressure: 1013.2 });
  }
});

test('follows surroundings that are getters, as a plant gives them', async (t) => {
  let temperature = 10;
  const moving = {
    get temperature() {
      return temperature;
    },
    humidity: 50,
    pressure: 1000,
  };
  await using rig = await bench(bme280, { period: '1 min', board: board(new Bme280Sim(moving)) });
  await rig.periods(1);
  t.is(rig.latest()['temperature'], 10);
  temperature = 30;
  await rig.periods(1);
  t.is(rig.latest()['temperature'], 30);
});

test('is right at every oversampling and filter, and waits long enough for each', async (t) => {
  for (const times of [1, 2, 4, 8, 16]) {
    for (const filter of [0, 2, 4, 8, 16]) {
      const options = { oversampling: { temperature: times, humidity: times, pressure: times }, filter };
      await using rig = await bench(bme280, { period: '1 min', board: board(new Bme280Sim(air)), options });
      await rig.periods(1);
      t.is(rig.fault, undefined, `×${times}, filter ${filter}`);
      t.deepEqual(rig.latest(), air, `×${times}, filter ${filter}`);
    }
  }
});

test('the filter smooths temperature and pressure, and leaves humidity alone', async (t) => {
  const chip = new Bme280Sim({ temperature: 20, humidity: 40, pressure: 1000 });
  await using rig = await bench(bme280, { period: '1 min', board: board(chip), options: { filter: 4 } });
  await rig.periods(1);
  chip.air = { temperature: 24, humidity: 60, pressure: 1008 };
  await rig.periods(1);
  const { temperature, humidity, pressure } = rig.latest();
  t.is(temperature, 21);
  t.true(pressure !== null && pressure !== undefined && pressure > 1001 && pressure < 1004);
  t.true(humidity !== null && humidity !== undefined && humidity > 58);
});

test('another oversampling than the chip has is refused before it is touched', async (t) => {
  const options = { oversampling: { temperature: 3 } };
  await using rig = await bench(bme280, { board: board(new Bme280Sim(air)), options });
  t.is(rig.fault?.code, 'HYP_OPTIONS_INVALID');
});

test('tells a BMP280 sold as a BME280 from the chip it wants, and names the plugin to use', async (t) => {
  await using rig = await bench(bme280, { board: board(new Bmp280Sim(air)) });
  t.is(rig.fault?.code, 'HYP_DEVICE_IDENTITY');
  t.regex(rig.fault?.message ?? '', /0x58, a BMP280: use plugin bmp280/);
});

test('a chip of another make is not taken for one', async (t) => {
  await using rig = await bench(bme280, { board: board(new Bme280Sim(air, { id: 0x61 })) });
  t.is(rig.fault?.code, 'HYP_DEVICE_IDENTITY');
});

test('a chip whose calibration makes no sense is not read', async (t) => {
  const trimming = { ...TYPICAL_TRIMMING, p1: 0 };
  await using rig = await bench(bme280, { board: board(new Bme280Sim(air, { trimming })) });
  t.is(rig.fault?.code, 'HYP_DEVICE_NOT_READY');
  t.regex(rig.fault?.message ?? '', /P1 = 0/);
});

test('a chip that lost its supply for a moment gets its settings back, and no wrong value meanwhile', async (t) => {
  const chip = new Bme280Sim(air);
  await using rig = await bench(bme280, { period: '1 min', board: board(chip), options: { filter: 16 } });
  await rig.periods(1);
  chip.brownOut();
  chip.air = { temperature: 25, humidity: 50, pressure: 1000 };
  await rig.periods(1);
  t.is(rig.fault, undefined);
  t.deepEqual(rig.latest(), { temperature: 25, humidity: 50, pressure: 1000 });
  chip.air = { temperature: 41, humidity: 50, pressure: 1000 };
  await rig.periods(1);
  t.is(rig.latest()['temperature'], 26, 'the filter of 16 is on again');
});

test('a chip that restarts in the middle of a measurement gives no value of it', async (t) => {
  const chip = new Bme280Sim(air);
  await using rig = await bench(bme280, { period: '1 min', board: board(chip) });
  const before = rig.readings.length;
  for (let ms = 0; ms < 60_000 && !chip.measuring; ms += 4) await rig.advance(4);
  t.true(chip.measuring);
  chip.brownOut();
  await rig.advance('1 s');
  t.is(rig.fault, undefined, 'the host has tried again');
  t.deepEqual(rig.latest(), air);
  t.is(rig.readings.length, before + 3);
});

test('a restart between two writes costs no humidity either', async (t) => {
  class Restarting extends Bme280Sim {
    restarts = false;
    protected override onWrite(register: number, value: number): void {
      super.onWrite(register, value);
      if (register !== 0xf2 || !this.restarts) return;
      this.restarts = false;
      this.brownOut(); // forgets the humidity oversampling that was written just now
    }
  }
  const chip = new Restarting(air);
  await using rig = await bench(bme280, { period: '1 min', board: board(chip) });
  chip.restarts = true;
  await rig.periods(1);
  t.false(chip.restarts);
  t.deepEqual(rig.latest(), air);
  t.true(rig.readings.every(({ value }) => value !== null));
});

test('a measurement that takes longer is waited for, one that never ends is an error', async (t) => {
  class Slow extends Bme280Sim {
    constructor(readonly times: number) {
      super(air);
    }
    protected override convert(duration: number, finish: () => void): void {
      super.convert(duration > 2 ? duration * this.times : duration, finish); // 2 ms is the start-up
    }
  }
  await using slow = await bench(bme280, { period: '1 min', board: board(new Slow(1.6)) });
  await slow.periods(1);
  t.deepEqual(slow.latest(), air);
  await using dead = await bench(bme280, { period: '1 min', board: board(new Slow(1e6)) });
  await dead.periods(1);
  t.is(dead.fault?.code, 'HYP_DEVICE_NOT_READY');
  t.regex(dead.fault?.message ?? '', /still measuring after 20 ms/);
});

test('a chip that never comes out of its reset is not read', async (t) => {
  class Stuck extends Bme280Sim {
    protected override convert(): void {
      super.convert('1 h', () => {});
    }
  }
  await using rig = await bench(bme280, { board: board(new Stuck(air)) });
  t.is(rig.fault?.code, 'HYP_DEVICE_NOT_READY');
  t.regex(rig.fault?.message ?? '', /after a reset/);
});

test('a start begins with a reset, which empties the filter', async (t) => {
  const chip = new Bme280Sim({ ...air, temperature: 20 });
  await using rig = await bench(bme280, { period: '1 min', board: board(chip), options: { filter: 16 } });
  await rig.periods(1);
  await rig.clock.run(rig.node.restart('bench'));
  chip.air = { ...air, temperature: 36 };
  await rig.periods(1);
  t.is(rig.latest()['temperature'], 36);
});

test('air beyond what the chip can measure is no reading', async (t) => {
  const chip = new Bme280Sim({ temperature: 150, humidity: 50, pressure: 1000 });
  await using rig = await bench(bme280, { period: '1 min', board: board(chip) });
  await rig.periods(1);
  t.is(rig.fault?.code, 'HYP_DEVICE_NOT_READY');
  t.false(rig.readings.some(({ value }) => value !== null));
});

test('leaves the bus free during the conversion', async (t) => {
  const chip = new Bme280Sim(air);
  const sim = board(chip);
  await using rig = await bench(bme280, { period: '1 min', board: sim, options: { oversampling: { pressure: 16 } } });
  for (let ms = 0; ms < 60_000 && !chip.measuring; ms += 10) await rig.advance(10);
  const transfers = sim.busFaults().transfers;
  await rig.advance(30); // of 43.8 ms at ×16 pressure
  t.true(chip.measuring);
  t.is(sim.busFaults().transfers, transfers);
});
