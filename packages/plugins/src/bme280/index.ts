import { defineSensor, DeviceNotReadyError } from '@hyphae/core';
import { i2cDevice } from '@hyphae/hal';
import { decodeCalibration } from './calibration.js';
import { compensate } from './compensation.js';
import { BME280, BMP280, configure, identify, measure } from './forced-measurement.js';
import { bme280Options, bmp280Options, encodeSettings } from './settings.js';

export { decodeCalibration } from './calibration.js';
export type { Calibration, HumidityCalibration } from './calibration.js';
export { compensate } from './compensation.js';
export type { Air } from './compensation.js';
export { bme280Options, bmp280Options, encodeSettings, measurementMs } from './settings.js';
export type { Filter, Oversampling, OversamplingOf, Settings } from './settings.js';

const LOW_CALIBRATION = 0x88;
const HIGH_CALIBRATION = 0xe1;

/** Its registers hold the value of a measurement never made, or one no air has. */
const noResult = (device: string) =>
  new DeviceNotReadyError({ device, why: 'its data registers hold no plausible temperature' });

/**
 * Bosch BME280 on I²C: temperature, relative humidity and pressure (datasheet BST-BME280-DS002).
 *
 * Errors: HYP_DEVICE_IDENTITY, HYP_DEVICE_NOT_READY, those of the bus. A quantity without a plausible value is `null`.
 */
export const bme280 = defineSensor({
  id: 'bme280',
  description: 'Bosch BME280 temperature, humidity and pressure sensor on I²C',
  channels: { temperature: 'Cel', humidity: '%', pressure: 'hPa' },
  needs: { chip: i2cDevice({ addresses: [0x76, 0x77] }) },
  options: bme280Options,
  period: '10 s',

  async start({ chip }, { clock, signal, options }) {
    const driver = { chip, clock, signal };
    await identify(BME280, driver);
    const low = await chip.readRegister(LOW_CALIBRATION, 26);
    const calibration = decodeCalibration(low, await chip.readRegister(HIGH_CALIBRATION, 7), chip.name);
    const settings = encodeSettings(options.oversampling, options.filter);
    await configure(settings, chip);
    return {
      async sample() {
        const air = compensate(await measure(BME280, settings, driver), calibration);
        if (air.temperature === null) throw noResult(chip.name);
        return air;
      },
    };
  },
});

/**
 * Bosch BMP280 on I²C: temperature and pressure (datasheet BST-BMP280-DS001). The same chip without the humidity part.
 *
 * Errors: HYP_DEVICE_IDENTITY, HYP_DEVICE_NOT_READY, those of the bus. A quantity without a plausible value is `null`.
 */
export const bmp280 = defineSensor({
  id: 'bmp280',
  description: 'Bosch BMP280 temperature and pressure sensor on I²C',
  channels: { temperature: 'Cel', pressure: 'hPa' },
  needs: { chip: i2cDevice({ addresses: [0x76, 0x77] }) },
  options: bmp280Options,
  period: '10 s',

  async start({ chip }, { clock, signal, options }) {
    const driver = { chip, clock, signal };
    await identify(BMP280, driver);
    const calibration = decodeCalibration(await chip.readRegister(LOW_CALIBRATION, 24), undefined, chip.name);
    const settings = encodeSettings({ ...options.oversampling, humidity: 0 }, options.filter);
    await configure(settings, chip);
    return {
      async sample() {
        const { temperature, pressure } = compensate(await measure(BMP280, settings, driver), calibration);
        if (temperature === null) throw noResult(chip.name);
        return { temperature, pressure };
      },
    };
  },
});
