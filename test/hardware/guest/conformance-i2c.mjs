/* The HAL's own suite for I²C on a real adapter: rig modules i2c-dev, i2c-usersim. */
import { runAva } from './ava.mjs';

await runAva('test/hardware/guest/conformance-i2c.ava.mjs');
