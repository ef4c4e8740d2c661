// How the benches are called and how they answer.
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

/** The options every bench has: `--quick` for a short run, `--json FILE` to keep the results, `--rounds N`. */
export function benchArgs(extra = {}) {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      rounds: { type: 'string' },
      ...extra,
    },
    allowPositionals: true,
  });
  return values;
}

/** Prints rows of equal keys as a table; numbers to the right. */
export function printTable(title, rows) {
  const keys = Object.keys(rows[0] ?? {});
  const cells = [keys, ...rows.map((row) => keys.map((key) => String(row[key] ?? '')))];
  const widths = keys.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  const numeric = keys.map((key) => rows.every((row) => /^[-+\d.,–]/.test(String(row[key] ?? '–'))));
  const lines = cells.map((row) =>
    row.map((cell, i) => (numeric[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  '),
  );
  console.log(
    `\n${title}\n${lines[0]}\n${widths.map((width) => '-'.repeat(width)).join('  ')}\n${lines.slice(1).join('\n')}`,
  );
}

/** Writes results with what they were measured on. */
export async function writeJson(file, results) {
  const machine = { node: process.version, platform: process.platform, cpus: cpus().length, cpu: cpus()[0]?.model };
  await writeFile(file, `${JSON.stringify({ machine, at: new Date().toISOString(), ...results }, null, 2)}\n`);
}

/** Prints one line per target and returns true when all are met. */
export function printTargets(targets) {
  for (const { what, met, found } of targets) console.log(`${met ? 'met   ' : 'MISSED'}  ${what}: ${found}`);
  return targets.every(({ met }) => met);
}
