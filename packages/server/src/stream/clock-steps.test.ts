import ava from 'ava';
import type { Measurement } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import { Rig, tiled } from './rig.test.helper.js';
import { framesOf, pass, wireRow } from './wire.test.helper.js';

const test = ava.serial; // each has a server of its own; a hundred at once would measure the machine

test('steps of the wall clock change neither the order of records nor heartbeats, acks and tickets', async (t) => {
  const clock = new VirtualClock();
  await using rig = await Rig.open({ clock });
  const { ticket } = (await (await rig.fetch('/api/v1/stream-tickets', { method: 'POST' })).json()) as {
    ticket: string;
  };
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  client.send({ t: 'sub', id: 2, sel: ['#'], mode: 'latest' });
  await client.next('snap', ({ sub }) => sub === 2);
  const began = clock.now();
  for (const [i, step] of [0, -3_600_000, 7_200_000, -315_360_000_000, 315_360_000_000, 0].entries()) {
    clock.setWallClock(began + step);
    const at = clock.now();
    const reading = (value: number): Measurement => ({
      source: 'a',
      channel: 'b',
      value,
      unit: 'Cel',
      at,
      quality: 'good',
    });
    await rig.append([reading(i), reading(i + 0.5)]);
    await pass(clock, 20);
    await pass(clock, 3_000);
    client.send({ t: 'ack', sub: 1, q: framesOf(client, 1).at(-1)?.to ?? 0 });
    client.send({ t: 'ack', sub: 2, q: framesOf(client, 2).at(-1)?.to ?? 0 });
  }
  t.is(client.socket.readyState, client.socket.OPEN);
  const log = (await rig.log()).map(wireRow);
  t.is(log.length, 12);
  t.true(
    log.some(([, , , at], i) => i > 0 && (at as number) < (log[i - 1]?.[3] as number)),
    'time went back',
  );
  t.deepEqual(tiled(framesOf(client, 1), 0), log);
  t.deepEqual(
    tiled(framesOf(client, 2), 0),
    log.filter((_, i) => i % 2 === 1),
  );
  t.is(client.all('hb').length, 0);
  await pass(clock, 14_000);
  t.is(client.all('hb').length, 1, 'by the time that passed, not by the time of day');
  const other = await rig.socket();
  other.send({ t: 'auth', ticket });
  t.truthy(await other.next('ready'));
});

test('each quality, simulated or not, has its number, and what is no number arrives as null, bad', async (t) => {
  await using rig = await Rig.open();
  const client = await rig.connect();
  client.send({ t: 'sub', id: 1, sel: ['#'] });
  await client.next('snap');
  const reading = (value: number, quality: Measurement['quality'], simulated: boolean): Measurement => ({
    ...{ source: 'a', channel: 'b', value, unit: 'Cel', at: 1_700_000_000_000, quality },
    ...(simulated ? { simulated } : {}),
  });
  const qualities = ['good', 'stale', 'suspect', 'bad'] as const;
  const readings = [false, true].flatMap((simulated) => qualities.map((quality) => reading(1, quality, simulated)));
  await rig.append([...readings, ...[NaN, Infinity, -Infinity].map((value) => reading(value, 'good', false))]);
  const { r } = await client.next('d');
  t.deepEqual(
    r.slice(0, 8).map(([, , , , quality]) => quality),
    [0, 1, 2, 3, 4, 5, 6, 7],
  );
  t.deepEqual(
    r.slice(8).map(([, , value, , quality]) => [value, quality]),
    [
      [null, 3],
      [null, 3],
      [null, 3],
    ],
  );
});
