import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { openTokenFile } from './token-file.js';

async function temporary(): Promise<AsyncDisposable & { readonly folder: string; readonly file: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'hyphae-token-'));
  return {
    folder,
    file: join(folder, 'token'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

test('a token is made once, for its owner alone, and read from then on', async (t) => {
  await using temp = await temporary();
  const file = join(temp.folder, 'deep', 'data', 'token');
  const first = await openTokenFile(file);
  t.true(first.created);
  t.is(await readFile(file, 'utf8'), `${first.token}\n`);
  t.is((await stat(file)).mode & 0o777, 0o600);
  t.deepEqual(await openTokenFile(file), { token: first.token, created: false });
  t.deepEqual(await readdir(join(temp.folder, 'deep', 'data')), ['token']);
});

for (const text of ['', '\n']) {
  test(`a file that holds ${JSON.stringify(text)} gets a token`, async (t) => {
    await using temp = await temporary();
    await writeFile(temp.file, text);
    const { token, created } = await openTokenFile(temp.file);
    t.true(created);
    t.is((await readFile(temp.file, 'utf8')).trim(), token);
    t.is((await stat(temp.file)).mode & 0o777, 0o600);
    t.deepEqual(await readdir(temp.folder), ['token']);
  });
}

test('many that start together agree on one token', async (t) => {
  await using temp = await temporary();
  const all = await Promise.all(Array.from({ length: 8 }, () => openTokenFile(temp.file)));
  t.is(new Set(all.map(({ token }) => token)).size, 1);
  t.is(all.filter(({ created }) => created).length, 1);
});

test('what is no token is refused, stays as it is, and no draft is left', async (t) => {
  await using temp = await temporary();
  await writeFile(temp.file, 'short');
  await t.throwsAsync(openTokenFile(temp.file), { code: 'HYP_TOKEN_FILE' });
  t.is(await readFile(temp.file, 'utf8'), 'short');
  await rm(temp.file);
  await mkdir(temp.file);
  await t.throwsAsync(openTokenFile(temp.file), { code: 'HYP_TOKEN_FILE' });
  t.deepEqual(await readdir(temp.folder), ['token']);
});
