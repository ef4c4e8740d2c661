import test from 'ava';
import { silentLogger } from '@hyphae/core';
import { openStore } from '@hyphae/core/store';
import { VirtualClock } from '@hyphae/core/testing';
import { commandDigest, CommandLedger } from './command-ledger.js';

const HOUR = 3_600_000;

test('results are kept for 24 hours, in memory and on disk, and forgotten afterwards', async (t) => {
  const clock = new VirtualClock();
  await using store = await openStore({ client: 'memory', clock });
  const ledger = new CommandLedger(store.state, clock, silentLogger);
  await (
    await ledger.accept('anna', 'k1', 'a', true)
  )({ st: 'done', rev: 1, q: 1 });
  await clock.advance(23 * HOUR);
  await (
    await ledger.accept('anna', 'k2', 'b', true)
  )({ st: 'done', rev: 2, q: 2 });
  t.deepEqual(await ledger.find('anna', 'k1')?.outcome, { st: 'done', rev: 1, q: 1 });
  await clock.advance(2 * HOUR);
  await (
    await ledger.accept('anna', 'k3', 'c', true)
  )({ st: 'done', rev: 3, q: 3 });
  t.is(ledger.find('anna', 'k1'), undefined);
  t.not(ledger.find('anna', 'k2'), undefined);
  const kept = await store.state.list('stream/commands');
  t.deepEqual(
    kept.map(([key]) => key),
    ['anna k2', 'anna k3'],
  );
  const next = new CommandLedger(store.state, clock, silentLogger);
  await next.load();
  t.deepEqual(await next.find('anna', 'k2')?.outcome, { st: 'done', rev: 2, q: 2 });
});

test('of each token the latest 10,000 results are kept', async (t) => {
  const clock = new VirtualClock();
  await using store = await openStore({ client: 'memory', clock });
  const ledger = new CommandLedger(store.state, clock, silentLogger);
  await (
    await ledger.accept('bert', 'k', 'x', true)
  )({ st: 'done' });
  for (let i = 0; i < 10_002; i++) await (await ledger.accept('anna', `k${i}`, 'x', true))({ st: 'done' });
  t.is(ledger.find('anna', 'k1'), undefined);
  t.not(ledger.find('anna', 'k2'), undefined);
  t.not(ledger.find('bert', 'k'), undefined);
  t.is((await store.state.list('stream/commands')).length, 10_001);
});

test('the same command has the same digest, whatever the order of its fields', (t) => {
  const one = commandDigest({ to: 'a', args: { on: true, value: 1 }, key: 'k' });
  t.is(commandDigest({ key: 'k', args: { value: 1, on: true }, to: 'a' }), one);
  t.not(commandDigest({ key: 'k', args: { value: 2, on: true }, to: 'a' }), one);
});

test('a command is remembered for a day, whatever the wall clock does meanwhile', async (t) => {
  const clock = new VirtualClock();
  await using store = await openStore({ client: 'memory', clock });
  const ledger = new CommandLedger(store.state, clock, silentLogger);
  const accept = async (key: string) => (await ledger.accept('me', key, key, true))({ st: 'done' });
  await accept('a');
  clock.setWallClock(clock.now() + 2 * 86_400_000);
  await accept('b');
  t.truthy(ledger.find('me', 'a'), 'the clock jumped two days ahead');
  await clock.advance('23 h');
  await accept('c');
  t.truthy(ledger.find('me', 'a'));
  await clock.advance('2 h');
  await accept('d');
  t.is(ledger.find('me', 'a'), undefined);
  t.truthy(ledger.find('me', 'c'));
});
