import test from 'ava';
import { type HyphaeError, type Logger, StoreError } from '@hyphae/core';
import { openStore, type StoreOptions } from '@hyphae/core/store';
import { VirtualClock } from '@hyphae/core/testing';
import { openUsableStore } from './usable-store.js';

const busy = () =>
  new StoreError(
    { operation: 'open', why: 'locked' },
    { cause: Object.assign(new Error('x'), { code: 'SQLITE_BUSY' }) },
  );

function rig(attempt: (options: StoreOptions, attempts: number) => void) {
  const clock = new VirtualClock();
  const shortcomings: HyphaeError[] = [];
  const lines: string[] = [];
  const line = (text: string) => void lines.push(text);
  const log: Logger = { debug: line, info: line, warn: line, error: line, child: () => log };
  let attempts = 0;
  const opening = openUsableStore({
    open: async (options) => {
      if (options.client === 'sqlite3') attempt(options, ++attempts);
      return openStore({ client: 'memory', clock });
    },
    settings: { client: 'sqlite3', file: 'a.db' },
    dataDir: '/data',
    unusable: false,
    clock,
    log,
    shortcomings,
  });
  return { clock, shortcomings, lines, opening, attempts: () => attempts };
}

test('a database that another process holds is tried again until it can be had', async (t) => {
  const { clock, opening, shortcomings, attempts } = rig((_, count) => {
    if (count < 4) throw busy();
  });
  const { standIn } = await clock.run(opening);
  t.false(standIn);
  t.is(attempts(), 4);
  t.deepEqual(shortcomings, []);
});

test('one that stays locked means memory after a while, and says so', async (t) => {
  const { clock, opening, shortcomings, lines } = rig(() => {
    throw busy();
  });
  const began = clock.monotonic();
  const { standIn, store } = await clock.run(opening);
  t.true(standIn);
  t.false(store.measurements.durable);
  t.true(clock.monotonic() - began <= 20_000);
  t.is(shortcomings[0]?.code, 'HYP_STORE_UNUSABLE');
  t.regex(lines.at(-1) ?? '', /\/data\/a\.db cannot be used: HYP_STORE .*in memory/);
});

test('another failure is not waited for', async (t) => {
  const { opening, attempts } = rig(() => {
    throw new StoreError({ operation: 'open', why: 'the disk is full' });
  });
  t.true((await opening).standIn);
  t.is(attempts(), 1);
});

test('a database that was moved aside is a shortcoming, and its store has the log', async (t) => {
  const { opening, shortcomings } = rig(({ log, onMovedAside }) => {
    t.truthy(log);
    onMovedAside?.('/data/a.db.corrupt-1');
  });
  t.false((await opening).standIn);
  t.regex(shortcomings[0]?.message ?? '', /was damaged.*a\.db\.corrupt-1/);
});
