import { bench, sensorConformance, type SensorWorld } from '@hyphae/core/testing';
import { simBoard, type SimSerialDevice } from '@hyphae/hal/sim';
import test, { type ExecutionContext } from 'ava';
import { mhz19 } from './index.js';
import { Mhz19Sim } from './sim.js';

const PORT = '/dev/ttyS0';
const use = { port: PORT };
const board = (sensor: Mhz19Sim) => simBoard({ serial: { [PORT]: sensor } });

/** A sensor that falls silent at its nth request. */
function world(failsFrom: number): SensorWorld {
  const sensor = new Mhz19Sim({ co2: 600 });
  let operations = 0;
  const wired: SimSerialDevice = {
    receive: (bytes) => (operations++ < failsFrom ? sensor.receive(bytes) : undefined),
    powerOn: (clock, send) => sensor.powerOn(clock, send),
    powerOff: () => sensor.powerOff(),
  };
  return {
    board: simBoard({ serial: { [PORT]: wired } }),
    show: ({ co2 = 600 }) => (sensor.surroundings = { co2 }),
    operations: () => operations,
  };
}

sensorConformance(test, mhz19, {
  world,
  truths: [400, 412.4, 1200, 5000].map((co2) => ({ co2 })),
  accuracy: { co2: 0.5 },
  bench: { use, options: { warmUp: '0 s' } },
});

test('gives no value while the sensor may still be warming up', async (t) => {
  const sensor = new Mhz19Sim({ co2: 800 }, { preheat: '3 min' });
  await using rig = await bench(mhz19, { period: '1 min', board: board(sensor), use });
  await rig.periods(2);
  t.is(rig.fault, undefined);
  t.is(rig.latest()['co2'], null);
  await rig.periods(2);
  t.is(rig.latest()['co2'], 800);
  t.false(rig.readings.some(({ value }) => value === 410));
});

/** A sensor of 800 ppm that has been warm for long, read every 10 s. The next `deaf` requests do not reach it. */
async function warm(t: ExecutionContext) {
  const sensor = new Mhz19Sim({ co2: 800 });
  const line = { deaf: 0 };
  const wired: SimSerialDevice = {
    receive: (bytes) => (line.deaf > 0 ? void line.deaf-- : sensor.receive(bytes)),
    powerOn: (clock, send) => sensor.powerOn(clock, send),
    powerOff: () => sensor.powerOff(),
  };
  const rig = await bench(mhz19, { period: '10 s', board: simBoard({ serial: { [PORT]: wired } }), use });
  await rig.periods(30);
  t.is(rig.latest()['co2'], 800);
  return { sensor, line, rig };
}

test('a reading lost on the line is no reason to warm up again', async (t) => {
  const { line, rig } = await warm(t);
  await using _ = rig;
  line.deaf = 3; // a reading and its retries
  await rig.periods(1);
  t.is(rig.fault?.code, 'HYP_SERIAL_TIMEOUT');
  await rig.periods(3);
  t.is(rig.latest()['co2'], 800);
});

test('spoilt answers, however many, are no reason to warm up again: the sensor has power', async (t) => {
  const { sensor, rig } = await warm(t);
  await using _ = rig;
  sensor.corrupt = 1000;
  await rig.advance('5 min');
  t.is(rig.fault?.code, 'HYP_CHECKSUM');
  sensor.corrupt = 0;
  await rig.advance('2 min'); // the host asks less often after many failures
  t.is(rig.latest()['co2'], 800);
});

test('a sensor that was silent for longer may have been without power, and warms up again', async (t) => {
  const { sensor, rig } = await warm(t);
  await using _ = rig;
  sensor.unplug();
  await rig.periods(6);
  t.is(rig.fault?.code, 'HYP_SERIAL_TIMEOUT');
  sensor.plug();
  await rig.advance('2 min');
  t.is(rig.fault, undefined);
  t.is(rig.latest()['co2'], null);
  await rig.advance('3 min');
  t.is(rig.latest()['co2'], 800);
});

test('finds the answer behind noise on the line, sample after sample', async (t) => {
  const sensor = new Mhz19Sim({ co2: 800 });
  await using rig = await bench(mhz19, { period: '1 min', board: board(sensor), use, options: { warmUp: 0 } });
  for (const noise of [[0x00], [0xff, 0xff], [0x12, 0x34, 0x56, 0x78, 0x9a]]) {
    sensor.noise = noise;
    await rig.periods(1);
    t.is(rig.fault, undefined);
    t.is(rig.latest()['co2'], 800);
  }
});

test('a spoilt answer is asked for again, and a lasting disturbance is a checksum error', async (t) => {
  const sensor = new Mhz19Sim({ co2: 800 });
  await using rig = await bench(mhz19, { period: '1 min', board: board(sensor), use, options: { warmUp: 0 } });
  sensor.corrupt = 2;
  await rig.periods(1);
  t.is(rig.latest()['co2'], 800);
  sensor.corrupt = 1000;
  await rig.periods(1);
  t.is(rig.fault?.code, 'HYP_CHECKSUM');
  t.is(rig.latest()['co2'], null);
});

test('a sensor that is unplugged is a timeout, and works again afterwards', async (t) => {
  const sensor = new Mhz19Sim({ co2: 800 });
  await using rig = await bench(mhz19, { period: '1 min', board: board(sensor), use, options: { warmUp: 0 } });
  sensor.unplug();
  await rig.periods(1);
  t.is(rig.fault?.code, 'HYP_SERIAL_TIMEOUT');
  sensor.plug();
  await rig.periods(2);
  t.is(rig.fault, undefined);
  t.is(rig.latest()['co2'], 800);
});

test('settings are left alone unless asked for', async (t) => {
  const sensor = new Mhz19Sim({ co2: 800 });
  await using rig = await bench(mhz19, { period: '1 min', board: board(sensor), use, options: { warmUp: 0 } });
  await rig.periods(1);
  t.is(sensor.settingsWritten, 0);
});

test('settings are written once, not at each start', async (t) => {
  const sensor = new Mhz19Sim({ co2: 800 });
  const options = { warmUp: 0, selfCalibration: 'off', range: 2000 };
  for (let start = 0; start < 3; start++) {
    await using rig = await bench(mhz19, { period: '1 min', board: board(sensor), use, options });
    await rig.periods(1);
    t.is(rig.latest()['co2'], 800);
  }
  t.is(sensor.settingsWritten, 2);
  t.is(sensor.selfCalibration, 'off');
  t.is(sensor.range, 2000);
});

test('a sensor that cannot say how it is set is set', async (t) => {
  const sensor = new Mhz19Sim({ co2: 800 }, { model: 'mhz19' });
  const options = { warmUp: 0, selfCalibration: 'off' };
  await using rig = await bench(mhz19, { period: '1 min', board: board(sensor), use, options });
  await rig.periods(1);
  t.is(sensor.selfCalibration, 'off');
  t.is(rig.latest()['co2'], 800);
});

test('0 ppm is no reading', async (t) => {
  const sensor = new Mhz19Sim({ co2: 0 });
  await using rig = await bench(mhz19, { period: '1 min', board: board(sensor), use, options: { warmUp: 0 } });
  await rig.periods(1);
  t.is(rig.fault?.code, 'HYP_DEVICE_NOT_READY');
  t.is(rig.latest()['co2'], null);
});

test('a setting that the sensor has not got is refused', async (t) => {
  const sensor = new Mhz19Sim({ co2: 800 });
  for (const options of [{ range: 3000 }, { selfCalibration: true }, { warmUp: 'soon' }, { warmUp: -1 }]) {
    await using rig = await bench(mhz19, { board: board(sensor), use, options });
    t.is(rig.fault?.code, 'HYP_OPTIONS_INVALID', JSON.stringify(options));
  }
});
