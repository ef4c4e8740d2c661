#!/usr/bin/env node
// Runs the benches one after the other: `npm run bench [-- NAME…] [-- --quick]`. With --json DIR each leaves its results there.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const here = import.meta.dirname;
const all = readdirSync(here)
  .filter((file) => file.endsWith('.mjs') && file !== 'run.mjs')
  .map((file) => file.slice(0, -4));
if (values.help) {
  console.log(`Usage: npm run bench -- [NAME…] [--quick] [--json DIR]\nNames: ${all.join(', ')}`);
  process.exit();
}
const unknown = positionals.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}; there are ${all.join(', ')}`);
  process.exit(1);
}
if (values.json) mkdirSync(values.json, { recursive: true });
let missed = 0;
for (const name of positionals.length > 0 ? positionals : all) {
  const args = [
    join(here, `${name}.mjs`),
    ...(values.quick ? ['--quick'] : []),
    ...(values.json ? ['--json', join(values.json, `${name}.json`)] : []),
  ];
  const code = await new Promise((resolve) => spawn(process.execPath, args, { stdio: 'inherit' }).on('close', resolve));
  if (code !== 0) missed++;
}
console.log(missed === 0 ? '\nAll targets met.' : `\n${missed} benches missed a target or failed.`);
process.exitCode = missed === 0 ? 0 : 1;
