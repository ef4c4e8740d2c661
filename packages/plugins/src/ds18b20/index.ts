import { DeviceIdentityError, defineSensor } from '@hyphae/core';
import { oneWireThermometer } from '@hyphae/hal';
import { decodeScratchpad } from './scratchpad.js';

export { dallasCrc8 } from './dallas-crc8.js';
export { decodeScratchpad } from './scratchpad.js';

/** Family codes this driver reads, by part. */
export const DS18B20_FAMILIES = {
  ds18b20: 0x28,
  ds18s20: 0x10,
  ds1822: 0x22,
  ds1825: 0x3b,
  ds28ea00: 0x42,
} as const;

/**
 * DS18B20 thermometer on 1-Wire and its relatives DS18S20, DS1822, DS1825 and DS28EA00 (Analog Devices datasheet 19-7487).
 *
 * One channel, `temperature` in Cel. Errors: HYP_CHECKSUM, HYP_DEVICE_NOT_READY, HYP_DEVICE_IDENTITY, HYP_DEVICE_GONE.
 */
export const ds18b20 = defineSensor({
  id: 'ds18b20',
  description: 'DS18B20, DS18S20, DS1822, DS1825 or DS28EA00 thermometer on 1-Wire',
  channels: { temperature: 'Cel' },
  needs: { thermometer: oneWireThermometer({ families: Object.values(DS18B20_FAMILIES) }) },
  period: '10 s',

  start({ thermometer }) {
    const family = familyOf(thermometer.name);
    return {
      async sample() {
        return { temperature: decodeScratchpad(await thermometer.measure(), family, thermometer.name) };
      },
    };
  },
});

/** The family code in front of a ROM id such as `28-0000075b3c1a`, with or without the bus in front of it. */
function familyOf(name: string): number {
  const rom = name.slice(name.lastIndexOf('/') + 1);
  const family = Number.parseInt(rom.slice(0, 2), 16);
  const known: readonly number[] = Object.values(DS18B20_FAMILIES);
  if (known.includes(family)) return family;
  throw new DeviceIdentityError({
    device: name,
    expected: `family ${known.map((code) => code.toString(16)).join(', ')}`,
    found: rom.slice(0, 2),
  });
}
