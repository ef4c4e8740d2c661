import test from 'ava';
import { silentLogger } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import { runUntilSignal } from './run-until-signal.js';
import type { Daemon } from './start-daemon.js';

for (const [what, dispose, expected] of [
  ['cleanly', async () => {}, 0],
  ['with a failure', () => Promise.reject(new Error('a relay stuck')), 1],
] as const) {
  test.serial(`a node that stops ${what} ends with status ${expected}`, async (t) => {
    const daemon = { [Symbol.asyncDispose]: dispose } as unknown as Daemon; // all that is used when a signal comes
    const running = runUntilSignal(daemon, new VirtualClock(), silentLogger);
    process.emit('SIGTERM', 'SIGTERM');
    t.is(await running, expected);
  });
}
