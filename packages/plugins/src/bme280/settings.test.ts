import test from 'ava';
import { encodeSettings, measurementMs } from './settings.js';

test('a measurement takes the longest time of the datasheets', (t) => {
  const ms = (temperature: 0 | 1 | 2, pressure: 0 | 1 | 4 | 16, humidity: 0 | 1 | 16) =>
    Number(measurementMs({ temperature, pressure, humidity }).toFixed(1));
  t.is(ms(1, 1, 1), 9.3); // BST-BME280-DS002 §9.1 for the recommended weather monitoring
  t.is(ms(1, 4, 0), 13.3); // the example of §9.1
  t.is(ms(1, 1, 0), 6.4); // BST-BMP280-DS001 table 13, "ultra low power"
  t.is(ms(2, 16, 0), 43.2); // table 13, "ultra high resolution"
});

test('encodes the control registers', (t) => {
  t.like(encodeSettings({ temperature: 1, pressure: 1, humidity: 1 }, 0), {
    ctrlHum: 0b001,
    ctrlMeas: 0b001_001_01,
    config: 0,
  });
  t.like(encodeSettings({ temperature: 2, pressure: 16, humidity: 4 }, 16), {
    ctrlHum: 0b011,
    ctrlMeas: 0b010_101_01,
    config: 0b000_100_00,
  });
});
