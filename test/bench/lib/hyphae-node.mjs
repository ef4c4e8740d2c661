// The same work on Hyphae: the real kernel, the SQLite store, the server with its stream.
import { defineSensor, silentLogger, SystemClock } from '@hyphae/core';
import { createNode } from '@hyphae/core/kernel';
import { openStore } from '@hyphae/core/store';
import { createServer, newToken, TokenStore } from '@hyphae/server';

export async function hyphaeNode({ sensors, channels, file, batchMs }) {
  const clock = new SystemClock();
  const store = await openStore({ client: 'sqlite3', file, clock });
  const node = createNode({ clock, store, recorder: { commitEvery: batchMs } });
  const names = Array.from({ length: channels }, (_, channel) => `c${channel}`);
  const stats = { readings: 0 };
  const sensor = defineSensor({
    id: 'bench',
    channels: Object.fromEntries(names.map((name) => [name, 'Cel'])),
    needs: {},
    period: '1 s',
    start: (_needs, { name }) => {
      const number = Number(name.slice(1));
      return {
        async sample() {
          const sample = {};
          for (let channel = 0; channel < channels; channel++) {
            sample[names[channel]] = 20 + ((number * 31 + channel * 7 + stats.readings) % 1000) / 100;
          }
          stats.readings += channels;
          return sample;
        },
      };
    },
  });
  await node.start({
    boards: {},
    sensors: Object.fromEntries(Array.from({ length: sensors }, (_, i) => [`s${i}`, { plugin: sensor }])),
  });
  const token = newToken();
  const tokens = new TokenStore([{ token, name: 'bench' }]);
  const many = { channelsPerSub: 1_000_000, socketsPerToken: 100, socketsPerAddress: 100, strangersPerAddress: 100 };
  const server = await createServer({
    node,
    store,
    clock,
    log: silentLogger,
    info: { name: 'bench' },
    tokens,
    listen: { host: '127.0.0.1', port: 0 },
    limits: { ...many, flushMs: 5, ringRecords: 100_000, windowBytes: 4 * 1024 * 1024, windowFrames: 1024 },
  });
  return { stats, url: `${server.url.replace('http', 'ws')}/api/v1/stream`, token };
}
