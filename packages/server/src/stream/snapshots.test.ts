import ava from 'ava';
import { SeededRandom } from '@hyphae/core';
import { Rig, tiled } from './rig.test.helper.js';
import { framesOf, until, wireRow } from './wire.test.helper.js';

const test = ava.serial; // each has a server of its own; a hundred at once would measure the machine

test('a snapshot is the state at exactly its position, and the frames after it begin there, in the midst of commits', async (t) => {
  await using rig = await Rig.open({ limits: { windowFrames: 1e6, windowBytes: 1e9 } });
  const random = new SeededRandom(6);
  const client = await rig.connect();
  let feeding = true;
  const feed = async () => {
    for (let i = 0; feeding && i < 20_000; i++) {
      await rig.commit({ [`s/c${Math.floor(random.next() * 9)}`]: i, [`s/d${Math.floor(random.next() * 9)}`]: -i });
      await new Promise((resolve) => void setImmediate(resolve));
    }
  };
  const fed = feed();
  const subs = Array.from({ length: 24 }, (_, i) => i + 1);
  for (const id of subs) {
    client.send({ t: 'sub', id, sel: ['s/+'], mode: id % 2 === 0 ? 'latest' : 'lossless' });
    await client.next('subok', ({ sub }) => sub === id);
    await new Promise((resolve) => void setTimeout(resolve, Math.floor(random.next() * 12)));
  }
  feeding = false;
  await fed;
  const { head } = rig.store.measurements;
  await until('all frames', () => subs.every((sub) => framesOf(client, sub).at(-1)?.to === head));
  const log = (await rig.log()).map(wireRow) as [q: number, ...unknown[]][];
  for (const sub of subs) {
    const snaps = client.all('snap').filter((snap) => snap.sub === sub);
    const at = snaps[0]?.at ?? -1;
    const state = new Map(log.filter(([q]) => q <= at).map(([, ...row]) => [row[0], row]));
    t.deepEqual(
      new Map(snaps.flatMap(({ r }) => r.map((row) => [row[0], [...row]]))),
      state,
      `snapshot ${sub} at ${at}`,
    );
    const rows = tiled(framesOf(client, sub), at);
    const folded = framesOf(client, sub).reduce((sum, { col }) => sum + (col?.n ?? 0), 0);
    t.is(rows.length + folded, head - at, `${sub} from ${at}`);
    if (sub % 2 === 1) t.deepEqual(rows, log.slice(at));
  }
  t.true(new Set(client.all('snap').map(({ at }) => at)).size > 12, 'at different positions');
});
