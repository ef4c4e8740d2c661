import { defineSensor, DeviceNotReadyError, type JsonSchema } from '@hyphae/core';
import { i2cDevice } from '@hyphae/hal';
import { DEFAULT_MTREG, lux, measurementMs, mtregCommands } from './light.js';

export { DEFAULT_MTREG, lux, measurementMs, mtregCommands } from './light.js';

// Instruction set (ROHM BH1750FVI technical note 2009.04 rev. B, page 5).
const POWER_ON = 0x01;
const RESET = 0x07;
/** Afterwards the chip powers down by itself. */
const ONE_TIME_HIGH_RESOLUTION = 0x20;

const options = {
  type: 'object',
  additionalProperties: false,
  properties: {
    mtreg: {
      type: 'integer',
      minimum: 31,
      maximum: 254,
      default: DEFAULT_MTREG,
      description:
        'Measurement time register. 31 reads up to 121 klx, which full sun needs; 69 up to 54 klx; 254 up to 14 klx in steps of 0.23 lx',
    },
  },
} as const satisfies JsonSchema;

/**
 * ROHM BH1750FVI on I²C: illuminance (BH1750FVI technical note).
 *
 * Light beyond the range gives `null`. Errors: HYP_DEVICE_NOT_READY, those of the bus.
 */
export const bh1750 = defineSensor({
  id: 'bh1750',
  description: 'ROHM BH1750FVI ambient light sensor on I²C',
  channels: { light: 'lx' },
  needs: { chip: i2cDevice({ addresses: [0x23, 0x5c] }) },
  options,
  period: '10 s',

  async start({ chip }, { clock, signal, options: { mtreg } }) {
    const command = (opcode: number) => chip.write(Uint8Array.of(opcode)); // one per transaction (page 10)
    const [mtregHigh, mtregLow] = mtregCommands(mtreg);
    const waitMs = Math.ceil(measurementMs(mtreg));
    await command(POWER_ON);
    await command(RESET); // empties the data register, so that nothing measured before is taken for new; wants power on
    return {
      async sample() {
        // Written every time, for a chip that lost its supply for a moment is back at the default and would give wrong values.
        await command(mtregHigh);
        await command(mtregLow);
        await command(ONE_TIME_HIGH_RESOLUTION);
        await clock.sleep(waitMs, { signal, name: `${chip.name} measurement` });
        const [high, low] = await chip.read(2);
        if (high === undefined || low === undefined) {
          throw new DeviceNotReadyError({ device: chip.name, why: 'its result came incomplete' });
        }
        return { light: lux((high << 8) | low, mtreg) };
      },
    };
  },
});
