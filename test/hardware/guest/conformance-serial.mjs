/* The HAL's own suite for serial ports on pseudo-terminals. */
import { runAva } from './ava.mjs';

await runAva('test/hardware/guest/conformance-serial.ava.mjs');
