import { bench } from '@hyphae/core/testing';
import { RegisterChip, simBoard } from '@hyphae/hal/sim';
import test from 'ava';
import { tmp102 } from './tmp102.js';

class Tmp102Sim extends RegisterChip {
  feel(celsius: number) {
    const count = Math.round(celsius / 0.0625) << 4;
    this.registers.set([(count >> 8) & 0xff, count & 0xff]);
  }
}

test('follows the air, also below zero, and says why when the chip goes away', async (t) => {
  const chip = new Tmp102Sim();
  await using rig = await bench(tmp102, { board: simBoard({ i2c: { 0x48: chip } }) });
  chip.feel(-25);
  t.deepEqual(await rig.periods(1), [{ temperature: -25 }]);
  chip.unplug();
  await rig.periods(1);
  t.is(rig.fault?.code, 'HYP_I2C_NO_ACK');
});
