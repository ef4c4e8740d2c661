import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { storeConformance } from '../testing/store-conformance.js';
import { SystemClock } from '../time/system-clock.js';
import { openStore } from './open-store.js';

const directory = await mkdtemp(join(tmpdir(), 'hyphae-store-'));
test.after.always(() => rm(directory, { recursive: true, force: true }));
const clock = new SystemClock();
let files = 0;

storeConformance(test, 'memory', () => openStore({ client: 'memory', clock, logKeep: 1_000 }));
storeConformance(test, 'sqlite3', () =>
  openStore({ client: 'sqlite3', clock, file: join(directory, `${files++}.db`) }),
);
// So that every answer comes from blocks and log together.
storeConformance(test, 'sqlite3, sealing all the time', () =>
  openStore({ client: 'sqlite3', clock, file: join(directory, `${files++}.db`), sealAt: 1 }),
);
