import { SeededRandom } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import test from 'ava';
import { fineTemperature, humidityAt, pressureAt } from './integer-compensation.js';
import { bme280Chip, bmp280Chip, Bme280Sim, Bmp280Sim, TYPICAL_TRIMMING } from './sim.js';

const air = { temperature: 21.5, humidity: 48, pressure: 1013.2 };

function powered(chip = new Bme280Sim(air)) {
  const clock = new VirtualClock();
  chip.powerOn(clock);
  const read = (register: number, length = 1) => {
    const [bytes = new Uint8Array()] = chip.transfer([{ write: Uint8Array.of(register) }, { read: length }]) ?? [];
    return [...bytes];
  };
  const write = (...bytes: number[]) => chip.transfer([{ write: Uint8Array.from(bytes) }]);
  return { chip, clock, read, write };
}

test('has the identity and the power-on values of the datasheet', (t) => {
  const { read } = powered();
  t.deepEqual(read(0xd0), [0x60]);
  t.deepEqual(read(0xf2, 4), [0, 0, 0, 0]);
  t.deepEqual(read(0xf7, 8), [0x80, 0, 0, 0x80, 0, 0, 0x80, 0]);
  t.deepEqual(powered(new Bmp280Sim(air)).read(0xd0), [0x58]);
});

test('writes are pairs of register and value, reads go on to the next register', (t) => {
  const { read, write } = powered();
  write(0xf5, 0x0c, 0xf2, 0x01);
  t.deepEqual(read(0xf2, 4), [0x01, 0x00, 0x00, 0x0c]);
});

test('registers that cannot be written keep their values', (t) => {
  const { read, write } = powered();
  const before = read(0x88, 26);
  for (const register of [0x88, 0xd0, 0xf3, 0xf7]) write(register, 0x55);
  t.deepEqual(read(0x88, 26), before);
  t.deepEqual([...read(0xd0), ...read(0xf3), ...read(0xf7)], [0x60, 0, 0x80]);
});

test('a forced measurement takes its time, shows that it is under way, and ends in sleep', async (t) => {
  const { clock, read, write } = powered();
  write(0xf2, 0b001);
  write(0xf4, 0b001_001_01);
  await clock.advance(9.2);
  t.deepEqual(read(0xf3), [0b1000]);
  t.deepEqual(read(0xf7, 3), [0x80, 0, 0]);
  await clock.advance(0.2); // 9.3 ms in all
  t.deepEqual(read(0xf3), [0]);
  t.notDeepEqual(read(0xf7, 3), [0x80, 0, 0]);
  t.deepEqual(read(0xf4), [0b001_001_00]);
});

test('what is not asked for is skipped, and ctrl_hum counts only once ctrl_meas is written', async (t) => {
  const { clock, read, write } = powered();
  write(0xf4, 0b001_000_01);
  write(0xf2, 0b001); // too late
  await clock.advance(20);
  const data = read(0xf7, 8);
  t.deepEqual(data.slice(0, 3), [0x80, 0, 0]);
  t.notDeepEqual(data.slice(3, 6), [0x80, 0, 0]);
  t.deepEqual(data.slice(6), [0x80, 0]);
});

test('at ×1 without a filter the last four bits of a reading are zero, with a filter they are not', async (t) => {
  const { clock, chip, read, write } = powered();
  const lowBits = async (config: number) => {
    write(0xf5, config);
    write(0xf4, 0b001_001_01);
    await clock.advance(20);
    const data = read(0xf7, 6);
    return [data[2], data[5]];
  };
  t.deepEqual(await lowBits(0), [0, 0]);
  chip.air = { temperature: 21.5123, humidity: 48, pressure: 1013.217 };
  const [p = 0, temperature = 0] = await lowBits(0b000_001_00);
  t.true(p !== 0 || temperature !== 0);
});

test('a reset copies the calibration for 2 ms and forgets settings and data', async (t) => {
  const { clock, read, write } = powered();
  write(0xf5, 0x0c);
  write(0xe0, 0xb6);
  t.deepEqual(read(0xf3), [0b0001]);
  t.deepEqual(read(0xf5), [0]);
  await clock.advance(2);
  t.deepEqual(read(0xf3), [0]);
  write(0xf5, 0x0c);
  write(0xe0, 0x00); // any other word is ignored
  t.deepEqual(read(0xf5), [0x0c]);
});

test('what also means "skipped" does not come up by chance, as it would not twice with a real chip’s noise', async (t) => {
  const fine = fineTemperature(0x80000, TYPICAL_TRIMMING);
  const worst = {
    temperature: fine / 5120,
    humidity: humidityAt(fine, TYPICAL_TRIMMING.humidity)(0x8000) / 2 ** 22,
    pressure: pressureAt(fine, TYPICAL_TRIMMING)(0x80000) / 25600,
  };
  const { clock, read, write } = powered(new Bme280Sim(worst));
  write(0xf2, 0b001);
  write(0xf4, 0b001_001_01);
  await clock.advance(20);
  t.deepEqual(read(0xf7, 8), [0x80, 0x01, 0, 0x80, 0x01, 0, 0x80, 0x01]);
});

test('power-off leaves no timer behind', (t) => {
  const { chip, clock, write } = powered();
  write(0xf4, 0b001_001_01);
  t.is(clock.waiting.length, 1);
  chip.powerOff();
  t.deepEqual(clock.waiting, []);
});

test('a configuration can name both chips', (t) => {
  const context = { surroundings: air, options: {}, random: new SeededRandom(1) };
  t.true(bme280Chip.create(context) instanceof Bme280Sim);
  t.true(bmp280Chip.create(context) instanceof Bmp280Sim);
});
