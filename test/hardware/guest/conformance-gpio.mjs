/* The HAL's own suite for GPIO on the kernel's simulated chip: rig module gpio-sim. */
import { runAva } from './ava.mjs';

await runAva('test/hardware/guest/conformance-gpio.ava.mjs');
