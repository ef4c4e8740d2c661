import test from 'ava';
import { silentLogger } from '@hyphae/core';
import { createNode } from '@hyphae/core/kernel';
import { VirtualClock } from '@hyphae/core/testing';
import { keepFor } from './keep-for.js';

test('a clock that jumps ahead ten years deletes only what was old before', async (t) => {
  const clock = new VirtualClock();
  const start = clock.now();
  const node = createNode({ clock, log: silentLogger });
  const pruned: number[] = [];
  keepFor('30 d', node, { measurements: { prune: async (before) => pruned.push(before) } }, silentLogger);
  await clock.advance('10 min');
  clock.setWallClock(clock.now() + 10 * 365 * 86_400_000);
  await clock.advance('1 h');
  t.true(pruned.length > 3);
  for (const before of pruned)
    t.true(before <= start + 3_600_000 + 600_000 - 30 * 86_400_000, new Date(before).toISOString());
  await clock.advance('25 h');
  t.is(Math.round((clock.now() - (pruned.at(-1) ?? 0)) / 86_400_000), 30, 'a clock that stays is believed in the end');
  await clock.run(node[Symbol.asyncDispose]());
});
