import { ChecksumError, DeviceIdentityError, DeviceNotReadyError, hex } from '@hyphae/core';
import { dallasCrc8 } from './dallas-crc8.js';

/** Length of every scratchpad of the family. */
const LENGTH = 9;
/** Range of all chips of the family (DS18B20 datasheet, "Temperature range"), °C. */
const COLDEST = -55;
const HOTTEST = 125;
/** What reserved byte 6 holds (or COUNT REMAIN, on a DS18S20) after power-on and before the first conversion. */
const POWER_ON_MARK = 0x0c;
/** What the temperature register holds after power-on, °C. */
const POWER_ON_TEMPERATURE = 85;
/** The DS18S20, with half degrees and a remainder counter. */
const DS18S20 = 0x10;
/** The DS1825, whose family code the MAX31850 thermocouple converter shares. */
const DS1825 = 0x3b;

/**
 * Turns the nine bytes of a scratchpad into a temperature.
 *
 * @param bytes as read, CRC last (DS18B20 datasheet, figure 9)
 * @param family the ROM id's first byte: 28 (DS18B20), 22 (DS1822), 3B (DS1825), 42 (DS28EA00) or 10 (DS18S20)
 * @param device for messages
 * @returns °C, in steps of the resolution the chip is set to
 * @throws HYP_DEVICE_NOT_READY when nothing answered, when the chip lost power before it converted (85 °C with the power-on
 *   mark), or for a value outside −55 to 125 °C, such as the −127 and 127.94 °C of failed conversions; HYP_CHECKSUM;
 *   HYP_DEVICE_IDENTITY for a MAX31850
 */
export function decodeScratchpad(bytes: Uint8Array, family: number, device: string): number {
  if (bytes.length !== LENGTH) throw notReady(device, `${bytes.length} bytes instead of ${LENGTH}`);
  // Both have to come before the CRC: nine zeros have a valid one.
  if (bytes.every((byte) => byte === 0xff)) throw notReady(device, 'only ones, as from a line without a device');
  if (bytes.every((byte) => byte === 0x00)) throw notReady(device, 'only zeros, as from a shorted line');

  const expected = dallasCrc8(bytes.subarray(0, LENGTH - 1));
  if (bytes[8] !== expected) throw new ChecksumError({ device, expected: hex(expected), found: hex(bytes[8]) });

  const view = new DataView(bytes.buffer, bytes.byteOffset, LENGTH);
  // The DS1825 has a zero in bit 7 of its configuration, the MAX31850 a one (and another scale).
  if (family === DS1825 && (view.getUint8(4) & 0x80) !== 0) {
    throw new DeviceIdentityError({ device, expected: 'a DS1825', found: 'a MAX31850 thermocouple converter' });
  }
  const temperature = family === DS18S20 ? halfDegrees(view, device) : sixteenths(view);
  if (temperature === POWER_ON_TEMPERATURE && view.getUint8(6) === POWER_ON_MARK) {
    throw notReady(device, 'it was powered on after the conversion was asked for (85 °C); check its supply');
  }
  if (temperature < COLDEST || temperature > HOTTEST) {
    throw notReady(device, `${temperature} °C is outside ${COLDEST} to ${HOTTEST} °C: the conversion failed`);
  }
  return temperature;
}

/** DS18B20, DS1822, DS1825, DS28EA00: a signed number of 1/16 °C (datasheet, figure 4). */
function sixteenths(view: DataView): number {
  // Configuration bits 6 and 5 give 9 to 12 bits; the bits below the resolution are undefined (datasheet, table 2).
  const undefinedBits = 3 - ((view.getUint8(4) >> 5) & 0b11);
  return ((view.getInt16(0, true) >> undefinedBits) << undefinedBits) / 16;
}

/**
 * DS18S20: half degrees, refined by the counters (datasheet, "Operation—Measuring temperature"):
 * TEMP_READ − 0.25 + (COUNT_PER_C − COUNT_REMAIN) / COUNT_PER_C, with TEMP_READ cut to whole degrees.
 */
function halfDegrees(view: DataView, device: string): number {
  const countPerDegree = view.getUint8(7);
  if (countPerDegree === 0) throw notReady(device, 'COUNT PER °C is 0');
  const whole = view.getInt16(0, true) >> 1;
  return whole - 0.25 + (countPerDegree - view.getUint8(6)) / countPerDegree;
}

function notReady(device: string, why: string): Error {
  return new DeviceNotReadyError({ device, why });
}
