#!/usr/bin/env node
/*
 * Runs `hyphae start` on the kernel rig, with a BME280 behind a real /dev/i2c-N and relays on real lines beside a simulated board,
 * and proves that readings are stored and streamed and that commands reach the lines. The same as `run.mjs node-on-rig`.
 */
process.argv.push('node-on-rig');
await import('./run.mjs');
