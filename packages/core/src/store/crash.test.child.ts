import { writeSync } from 'node:fs';
import { SystemClock } from '../time/system-clock.js';
import { openStore } from './open-store.js';
import { T0 } from './stores.test.helper.js';

/** Appends for ever, and says after each commit what is on the disk: `first last epoch`. Started by the crash test. */
const store = await openStore({
  client: 'sqlite3',
  file: process.argv[2] ?? '',
  clock: new SystemClock(),
  sealAt: 300, // so that it may be killed while sealing too
});
const { measurements } = store;
for (let i = measurements.head; ;) {
  const n = 1 + (i % 7) * 5;
  const batch = Array.from({ length: n }, (_, k) => ({
    source: `s${(i + k) % 5}`,
    channel: 'x',
    value: (i + k + 1) / 8,
    unit: '1' as const,
    at: T0 + i + k,
    quality: 'good' as const,
  }));
  const { from, to, epoch } = await measurements.append(batch);
  writeSync(1, `${from} ${to} ${epoch}\n`);
  i = to;
}
