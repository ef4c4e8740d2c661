/* The HAL's own suite for I²C on an adapter that speaks SMBus only: rig modules i2c-dev, i2c-stub with a chip at 0x48. */
import { runAva } from './ava.mjs';

await runAva('test/hardware/guest/conformance-smbus.ava.mjs');
