import { defineSensor } from '@hyphae/core';
import { i2cDevice } from '@hyphae/hal';
import { ADS1015, ADS1115 } from './conversion.js';
import { optionsOf } from './options.js';
import { startConverter } from './single-shot.js';

export { ADS1015, ADS1115, conversionMs, encodeConfig, RANGES, volts } from './conversion.js';
export type { Input, Part, Range, Request } from './conversion.js';

/**
 * Texas Instruments ADS1115 on I²C: four analogue inputs at 16 bits (datasheet SBAS444).
 *
 * An input that is not configured gives nothing; one beyond its range gives `null`.
 * Errors: HYP_DEVICE_IDENTITY, HYP_DEVICE_NOT_READY, those of the bus.
 */
export const ads1115 = defineSensor({
  id: 'ads1115',
  description: 'Texas Instruments ADS1115 16-bit converter with four analogue inputs on I²C',
  channels: { a0: 'V', a1: 'V', a2: 'V', a3: 'V' },
  needs: { chip: i2cDevice({ addresses: [0x48, 0x49, 0x4a, 0x4b] }) },
  options: optionsOf(ADS1115, 128),
  period: '10 s',
  start: ({ chip }, context) => startConverter(ADS1115, chip, context),
});

/**
 * Texas Instruments ADS1015 on I²C: four analogue inputs at 12 bits, faster than the ADS1115 (datasheet SBAS473).
 *
 * An input that is not configured gives nothing; one beyond its range gives `null`.
 * Errors: HYP_DEVICE_IDENTITY, HYP_DEVICE_NOT_READY, those of the bus.
 */
export const ads1015 = defineSensor({
  id: 'ads1015',
  description: 'Texas Instruments ADS1015 12-bit converter with four analogue inputs on I²C',
  channels: { a0: 'V', a1: 'V', a2: 'V', a3: 'V' },
  needs: { chip: i2cDevice({ addresses: [0x48, 0x49, 0x4a, 0x4b] }) },
  options: optionsOf(ADS1015, 1600),
  period: '10 s',
  start: ({ chip }, context) => startConverter(ADS1015, chip, context),
});
