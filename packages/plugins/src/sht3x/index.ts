import { defineSensor, DeviceNotReadyError, hasCode, hex, type JsonSchema } from '@hyphae/core';
import { type I2cDevice, i2cDevice } from '@hyphae/hal';
import { celsius, decodeWords, relativeHumidity } from './words.js';

export { crc8 } from './crc8.js';
export { celsius, decodeWords, relativeHumidity } from './words.js';

// Commands of 16 bits (Datasheet SHT3x-DIS §4.3 and §4.8 to §4.11).
const BREAK = 0x3093;
const SOFT_RESET = 0x30a2;
const HEATER_OFF = 0x3066;
const READ_STATUS = 0xf32d;
const CLEAR_STATUS = 0x3041;
/** Single shot without clock stretching, which not every bus master gets right, and the longest a measurement takes (table 4). */
const SINGLE_SHOT = {
  high: { command: 0x2400, measurementMs: 15.5 },
  medium: { command: 0x240b, measurementMs: 6.5 },
  low: { command: 0x2416, measurementMs: 4.5 },
} as const;

const HEATER_ON = 0x2000;
/** A soft reset takes 1.5 ms at most (§2.2, table 4), and 1 ms has to pass between two commands (§4.8). */
const IDLE_MS = 2;

const options = {
  type: 'object',
  additionalProperties: false,
  properties: {
    repeatability: {
      enum: ['high', 'medium', 'low'],
      default: 'high',
      description: 'High is the quietest and takes 15.5 ms a measurement, low takes 4.5 ms',
    },
  },
} as const satisfies JsonSchema;

/**
 * Sensirion SHT30, SHT31 and SHT35 on I²C: temperature and relative humidity (Datasheet SHT3x-DIS, version 7).
 *
 * Errors: HYP_CHECKSUM, HYP_DEVICE_NOT_READY, those of the bus.
 */
export const sht3x = defineSensor({
  id: 'sht3x',
  description: 'Sensirion SHT30, SHT31 or SHT35 temperature and humidity sensor on I²C',
  channels: { temperature: 'Cel', humidity: '%' },
  needs: { chip: i2cDevice({ addresses: [0x44, 0x45] }) },
  options,
  period: '10 s',

  async start({ chip }, { clock, signal, options }) {
    const obey = async (word: number) => {
      await command(chip, word);
      await clock.sleep(IDLE_MS, { signal, name: `${chip.name} reset` });
    };
    await obey(BREAK); // a reset is only obeyed when idle, and another program may have left it measuring periodically
    await obey(SOFT_RESET);
    await obey(HEATER_OFF); // it is off after a reset of the original; copies of this chip exist
    const [status = 0] = decodeWords(await query(chip, READ_STATUS, 3), 1, chip.name);
    if ((status & HEATER_ON) !== 0) {
      throw new DeviceNotReadyError({ device: chip.name, why: `its heater stays on (status ${hex(status)})` });
    }
    await clock.sleep(IDLE_MS, { signal, name: `${chip.name} reset` });
    await obey(CLEAR_STATUS);

    const { command: measurement, measurementMs } = SINGLE_SHOT[options.repeatability];
    return {
      async sample() {
        await command(chip, measurement);
        await clock.sleep(Math.ceil(measurementMs), { signal, name: `${chip.name} conversion` });
        const [temperature = NaN, humidity = NaN] = decodeWords(await result(chip), 2, chip.name);
        return { temperature: celsius(temperature), humidity: relativeHumidity(humidity) };
      },
    };
  },
});

function command(chip: I2cDevice, word: number): Promise<void> {
  return chip.write(Uint8Array.of(word >> 8, word));
}

async function query(chip: I2cDevice, word: number, length: number): Promise<Uint8Array> {
  const [answer = new Uint8Array()] = await chip.transfer([
    { write: Uint8Array.of(word >> 8, word) },
    { read: length },
  ]);
  return answer;
}

/** It acknowledged the command, so one that does not acknowledge now has not finished measuring (§4.4). */
async function result(chip: I2cDevice): Promise<Uint8Array> {
  try {
    return await chip.read(6);
  } catch (error) {
    if (!hasCode(error, 'HYP_I2C_NO_ACK')) throw error;
    throw new DeviceNotReadyError({ device: chip.name, why: 'it is still measuring' }, { cause: error });
  }
}
