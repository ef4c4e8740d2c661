// `npm start`: builds what has changed, then runs `hyphae start` with the arguments and the environment it was given.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const command = fileURLToPath(new URL('../packages/server/bin/hyphae.js', import.meta.url));
const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
const built = existsSync(fileURLToPath(new URL('../packages/server/dist/cli/main.js', import.meta.url)));

// Without a compiler (an installation without development packages) what is built already is run.
if (existsSync(compiler)) {
  if (!built) console.error('building …');
  for (const args of [['scripts/plugin-index.mjs'], [compiler, '-b']]) {
    const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] });
    if (status !== 0) {
      console.error('the build failed; the messages above say where');
      process.exit(status ?? 1);
    }
  }
} else if (!built) {
  console.error('nothing is built and there is no compiler: run npm ci first');
  process.exit(1);
}

const child = spawn(process.execPath, [command, 'start', ...process.argv.slice(2)], { stdio: 'inherit' });
// A terminal sends Ctrl+C to the whole group; from elsewhere the signal reaches only this process and is passed on.
process.on('SIGINT', () => void (process.stdin.isTTY || child.kill('SIGINT')));
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
