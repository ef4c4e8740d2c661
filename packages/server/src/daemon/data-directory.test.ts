import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { hasCode } from '@hyphae/core';
import { openDataDirectory } from './data-directory.js';
import { lockDataDirectory } from './data-lock.js';

async function temporary(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'hyphae-data-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

test('a data directory is made for its owner alone', async (t) => {
  await using temp = await temporary();
  const folder = join(temp.folder, 'deep', 'data');
  await using data = await openDataDirectory(folder);
  t.is((await stat(folder)).mode & 0o777, 0o700);
  t.is(data.unusable, undefined);
  t.is(data.tokenFile, join(folder, 'token'));
});

test('a second node on the same data directory is refused by name', async (t) => {
  await using temp = await temporary();
  await using _first = await openDataDirectory(temp.folder);
  const error = await t.throwsAsync(openDataDirectory(temp.folder));
  t.true(hasCode(error, 'HYP_DATA_IN_USE'));
  t.regex(error?.message ?? '', new RegExp(`process ${process.pid}`));
});

test('a directory that was given back can be taken again, and nothing is left in it', async (t) => {
  await using temp = await temporary();
  const first = await openDataDirectory(temp.folder);
  await first.announce({ url: 'http://127.0.0.1:1', pid: process.pid });
  t.deepEqual(JSON.parse(await readFile(join(temp.folder, 'server.json'), 'utf8')), {
    url: 'http://127.0.0.1:1',
    pid: process.pid,
  });
  await first[Symbol.asyncDispose]();
  t.deepEqual(await readdir(temp.folder), []);
  await using _second = await openDataDirectory(temp.folder);
  t.deepEqual(await readdir(temp.folder), ['node.lock']);
});

test('the lock of a process that is gone is taken over', async (t) => {
  await using temp = await temporary();
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  await writeFile(join(temp.folder, 'node.lock'), JSON.stringify({ pid: child.pid }));
  await using _data = await openDataDirectory(temp.folder);
  t.like(JSON.parse(await readFile(join(temp.folder, 'node.lock'), 'utf8')), { pid: process.pid });
});

test('the lock of an earlier process with a number in use again is taken over', async (t) => {
  await using temp = await temporary();
  await writeFile(join(temp.folder, 'node.lock'), JSON.stringify({ pid: process.pid, began: 'another boot 1' }));
  await using _data = await openDataDirectory(temp.folder);
  t.pass();
});

test('a lock that a power cut left empty is taken over', async (t) => {
  await using temp = await temporary();
  await writeFile(join(temp.folder, 'node.lock'), '');
  await using _data = await openDataDirectory(temp.folder);
  t.pass();
});

test('of many that take a stale lock at once, one gets it', async (t) => {
  await using temp = await temporary();
  await writeFile(join(temp.folder, 'node.lock'), '');
  // All are this process: the number only keeps their drafts apart; whose lock it is, is decided by the file.
  const attempts = Array.from({ length: 8 }, () => lockDataDirectory(temp.folder));
  const won = (await Promise.allSettled(attempts)).filter(({ status }) => status === 'fulfilled');
  t.is(won.length, 1);
});

test('a data directory that cannot be made is an error that says why', async (t) => {
  await using temp = await temporary();
  await writeFile(join(temp.folder, 'file'), '');
  for (const folder of [join(temp.folder, 'file'), join(temp.folder, 'file', 'below')]) {
    const error = await t.throwsAsync(openDataDirectory(folder));
    t.true(hasCode(error, 'HYP_DATA_DIRECTORY'), error?.message ?? '');
  }
});

test('a data directory below a folder that makes none is an error, not a wait', async (t) => {
  const error = await t.throwsAsync(openDataDirectory('/proc/nope/data'));
  t.true(hasCode(error, 'HYP_DATA_DIRECTORY'), error?.message ?? '');
});

test('a data directory that cannot be written is there, but unusable', async (t) => {
  // Nobody, not even root, can make files there.
  await using data = await openDataDirectory('/sys');
  t.is(data.unusable?.code, 'HYP_DATA_DIRECTORY');
  await t.notThrowsAsync(data.announce({ url: 'http://127.0.0.1:1', pid: 1 }));
});
