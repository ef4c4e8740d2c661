import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { SeededRandom } from '../time/random.js';
import { collect, StoreDirectory, T0 } from './stores.test.helper.js';

const child = fileURLToPath(new URL('./crash.test.child.js', import.meta.url));
const ROUNDS = 20;

/** Starts a process that appends, kills it after so many commits at a random moment, and gives the lines it could say. */
async function appendAndKill(file: string, commits: number): Promise<string[]> {
  const process_ = spawn(process.execPath, [child, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  let seen = 0;
  process_.stdout.on('data', (bytes: Buffer) => {
    text += bytes.toString();
    seen += bytes.filter((byte) => byte === 10).length;
    if (seen >= commits) process_.kill('SIGKILL');
  });
  const [, signal] = (await once(process_, 'close')) as [number | null, string | null];
  if (signal !== 'SIGKILL') throw new Error(`the child ended by itself: ${text}`);
  return text.split('\n').slice(0, -1); // an unfinished line says nothing
}

test('kill -9 in the middle of appends: every acknowledged record is there with its value, and no number is missing', async (t) => {
  t.timeout(120_000);
  using directory = new StoreDirectory();
  const random = new SeededRandom(7);
  let confirmed = 0;
  const epochs = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const lines = await appendAndKill(directory.file(), 1 + Math.floor(random.next() * 60));
    for (const line of lines) {
      const [from, to, epoch = ''] = line.split(' ');
      epochs.add(epoch);
      t.true(Number(from) >= confirmed, `${line} follows ${confirmed}`);
      confirmed = Number(to);
    }
  }
  t.is(epochs.size, 1);
  await using store = await directory.open();
  const { measurements } = store;
  t.true(measurements.head >= confirmed, `${measurements.head} ≥ ${confirmed}`);
  t.true(confirmed > ROUNDS);
  const log = await measurements.read(0, measurements.head);
  t.is(log.length, measurements.head);
  log.forEach(({ q, value, at }, i) => {
    if (q !== i + 1 || value !== q / 8 || at !== T0 + q - 1) t.fail(`record ${i + 1} is ${q}, ${value}, ${at}`);
  });
  let points = 0;
  for (const { path } of measurements.channels()) {
    const found = await collect(measurements, { path });
    points += found.length;
    for (const { value, at } of found) if (value !== (at - T0 + 1) / 8) t.fail(`${path} has ${value} at ${at}`);
  }
  t.is(points, measurements.head);
  t.deepEqual(directory.log.lines, []);
});
