#!/usr/bin/env node
import module from 'node:module';
import { setFlagsFromString } from 'node:v8';

if (process.argv[2] === 'start') {
  // A start runs most of its code once: what the optimizing compiler makes of it meanwhile, on another core and in another 10 MB, comes
  // too late. And most of what it allocates is code that stays: without the second flag the young generation grows to swallow it and
  // keeps 16 MB that a node never needs again. Both are set back once the node listens (src/cli/start.ts).
  setFlagsFromString('--max-optimized-bytecode-size=0');
  setFlagsFromString('--semi-space-growth-factor=1');
}
// Node 22 and later keep compiled code between runs.
module.enableCompileCache?.();

const { main } = await import('../dist/cli/main.js');
await main(process.argv);
