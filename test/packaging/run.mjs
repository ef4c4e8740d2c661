#!/usr/bin/env node
// Packs the packages, installs them in an empty folder without any optional dependency, and uses them as a stranger would.
// Ends with "N passed, N failed".
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'hyphae-packaging-'));
let passed = 0;
let failed = 0;

async function test(title, body) {
  try {
    await body();
    passed++;
    console.log(`ok - ${title}`);
  } catch (error) {
    failed++;
    console.log(`not ok - ${title}\n${error.stack ?? error}\n${error.stdout ?? ''}${error.stderr ?? ''}`);
  }
}

const run = (command, args, options = {}) =>
  execFileSync(command, args, { cwd: dir, encoding: 'utf8', stdio: 'pipe', ...options });
const assert = (condition, message) => {
  if (!condition) throw new Error(message);
};

try {
  const names = readdirSync(join(root, 'packages'));
  const tarballs = [];

  await test('every package packs, with no test and no source in it', () => {
    for (const name of names) {
      const [packed] = JSON.parse(
        run('npm', ['pack', '--json', '--silent', '--pack-destination', dir], { cwd: join(root, 'packages', name) }),
      );
      tarballs.push(join(dir, packed.filename));
      const files = packed.files.map(({ path }) => path);
      assert(files.includes('LICENSE'), `${name} has no licence`);
      assert(
        files.some((path) => path.startsWith('dist/')),
        `${name} has no build`,
      );
      const odd = files.filter((path) => /\.test\.|\.tsbuildinfo|^src\//.test(path));
      assert(odd.length === 0, `${name} contains ${odd.join(', ')}`);
    }
  });

  await test('no package has an install script', () => {
    for (const name of names) {
      const { scripts = {} } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
      const install = Object.keys(scripts).filter((script) => /^(pre|post)?(install|prepare)$/.test(script));
      assert(install.length === 0, `${name}: ${install}`);
    }
  });

  await test('the packages install in an empty folder without optional dependencies, so without a compiler', () => {
    writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }));
    run('npm', ['install', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs]);
    assert(!existsSync(join(dir, 'node_modules/sqlite3')), 'sqlite3 was installed in spite of --omit=optional');
  });

  await test('every entry loads without any native module', () => {
    const entries = [
      'core',
      'core/kernel',
      'core/store',
      'core/testing',
      'hal',
      'hal/sim',
      'hal/linux',
      'plugins',
      'plugins/sim',
      'plugins/bme280',
      'plugins/bme280/sim',
      'client',
      'server',
    ];
    writeFileSync(join(dir, 'load.mjs'), entries.map((entry) => `await import('@hyphae/${entry}');`).join('\n'));
    run(process.execPath, ['load.mjs']);
  });

  await test('a node without sqlite3 simulates, and runs with its readings in memory, saying what to install', async () => {
    const hyphae = join(dir, 'node_modules/.bin/hyphae');
    run(hyphae, ['init', '--sim', 'node']);
    const out = run(hyphae, ['simulate', '-c', 'node/hyphae.yaml', '--for', '10min', '--json']);
    assert(JSON.parse(out), 'simulate gave no JSON');
    const child = spawn(hyphae, ['start', '-c', 'node/hyphae.yaml'], {
      cwd: dir,
      env: { ...process.env, HYPHAE_LISTEN: '127.0.0.1:0' },
    });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.stderr.on('data', (chunk) => (text += chunk));
    const closed = new Promise((done) => child.on('close', done));
    const began = Date.now();
    while (!(/HYP_MODULE_MISSING/.test(text) && /sqlite3/.test(text) && /listening/.test(text))) {
      if (Date.now() - began > 30_000 || child.exitCode !== null) {
        child.kill('SIGKILL');
        throw new Error(`it neither runs nor says that sqlite3 is missing: ${text}`);
      }
      await new Promise((done) => setTimeout(done, 100));
    }
    child.kill('SIGTERM');
    assert((await closed) === 0, 'it did not stop cleanly');
  });
} finally {
  rmSync(dir, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
