import { defineSensor } from '@hyphae/core';
import { i2cDevice } from '@hyphae/hal';

/** TMP102 thermometer on I²C (TI datasheet SBOS397). */
export const tmp102 = defineSensor({
  id: 'tmp102',
  channels: { temperature: 'Cel' },
  needs: { chip: i2cDevice({ addresses: [0x48, 0x49, 0x4a, 0x4b] }) },
  period: '5 s',
  start({ chip }) {
    return {
      async sample() {
        const [high = 0, low = 0] = await chip.readRegister(0x00, 2);
        const count = ((high << 24) | (low << 16)) >> 20; // 12 bits, two's complement
        return { temperature: count * 0.0625 };
      },
    };
  },
});
