#!/usr/bin/env node
import module from 'node:module';
import { setFlagsFromString } from 'node:v8';

// Most of what a start allocates is code that stays. Without this the young generation grows to swallow it and keeps 16 MB that
// a node never needs again; once the start is over, V8 may grow it as it sees fit (src/cli/start.ts).
setFlagsFromString('--semi-space-growth-factor=1');
// Node 22 and later keep compiled code between runs.
module.enableCompileCache?.();

const { main } = await import('../dist/cli/main.js');
await main(process.argv);
