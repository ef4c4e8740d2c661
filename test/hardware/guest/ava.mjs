/*
 * Runs one ava file in the guest and prints its outcome as the other scripts do. Ava takes the files to run from its
 * configuration; the guest's file system is a copy on write, so its configuration may be replaced here.
 */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

/** Runs `file`, named from the root of the repository, and ends the process. */
export async function runAva(file) {
  const config = { files: [file], workerThreads: false, concurrency: 1, serial: true, timeout: '4m' };
  await writeFile('ava.config.mjs', `export default ${JSON.stringify(config)};\n`);
  const ava = spawn(process.execPath, ['node_modules/ava/entrypoints/cli.mjs', '--tap'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let count = 0;
  for await (const line of createInterface({ input: ava.stdout })) {
    const [, not = '', title] = /^(not )?ok \d+ - (.*)$/.exec(line) ?? [];
    if (title === undefined) {
      if (/^\s/.test(line)) console.log(line); // the details of a failure
      continue;
    }
    count++;
    console.log(`${not}ok - ${title}`);
  }
  const status = ava.exitCode ?? (await new Promise((resolve) => ava.once('close', resolve)));
  console.log(`1..${count}`);
  process.exit(status ?? 1);
}
