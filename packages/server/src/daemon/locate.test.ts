import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { EMBEDDED_CONFIG, locate } from './locate.js';

function temporary(): Disposable & {
  readonly folder: string;
  readonly empty: string;
  readonly data: string;
  readonly home: string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'hyphae-locate-'));
  const [empty, data, home] = [join(folder, 'empty'), join(folder, 'data'), join(folder, 'home')];
  for (const path of [empty, data, home]) mkdirSync(path);
  writeFileSync(join(folder, 'hyphae.yaml'), '');
  writeFileSync(join(folder, 'other.yaml'), '');
  return { folder, empty, data, home, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

test('a configuration that is named wins, and its folder holds the data', (t) => {
  using temp = temporary();
  const env = { HYPHAE_CONFIG: '/elsewhere/x.yaml' };
  t.deepEqual(locate({ configFile: 'other.yaml', env, cwd: temp.folder }), {
    configFile: join(temp.folder, 'other.yaml'),
    embedded: false,
    dataDir: temp.folder,
  });
  t.like(locate({ env, cwd: temp.folder }), { configFile: '/elsewhere/x.yaml', dataDir: '/elsewhere' });
});

test('the configuration of the folder one stands in comes next', (t) => {
  using temp = temporary();
  t.like(locate({ env: {}, cwd: temp.folder }), { configFile: join(temp.folder, 'hyphae.yaml'), dataDir: temp.folder });
});

test('HYPHAE_DATA decides about the data, and holds the configuration where there is no other', (t) => {
  using temp = temporary();
  const env = { HYPHAE_DATA: temp.data };
  t.like(locate({ env, cwd: temp.folder }), { configFile: join(temp.folder, 'hyphae.yaml'), dataDir: temp.data });
  t.like(locate({ env, cwd: temp.empty }), { configFile: EMBEDDED_CONFIG, embedded: true, dataDir: temp.data });
  writeFileSync(join(temp.data, 'hyphae.yaml'), '');
  t.like(locate({ env, cwd: temp.empty }), { configFile: join(temp.data, 'hyphae.yaml'), embedded: false });
});

test('without anything said the data is where the desktop’s rules want it', (t) => {
  using temp = temporary();
  t.is(locate({ env: { XDG_DATA_HOME: temp.home }, cwd: temp.empty }).dataDir, join(temp.home, 'hyphae'));
  t.is(
    locate({ env: { XDG_DATA_HOME: 'relative', HOME: temp.home }, cwd: temp.empty }).dataDir,
    join(temp.home, '.local/share/hyphae'),
  );
  t.is(locate({ env: { HOME: temp.home }, cwd: temp.empty }).dataDir, join(temp.home, '.local/share/hyphae'));
});

test('empty variables say nothing', (t) => {
  using temp = temporary();
  const env = { HYPHAE_CONFIG: '', HYPHAE_DATA: ' ', HOME: temp.home };
  t.like(locate({ configFile: '', env, cwd: temp.empty }), {
    configFile: EMBEDDED_CONFIG,
    dataDir: join(temp.home, '.local/share/hyphae'),
  });
});
