import { lookup } from 'node:dns/promises';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import ava from 'ava';
import { Rig } from '../stream/rig.test.helper.js';
import { listen, shut } from './listen.js';

const test = ava.serial;

const status = (url: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    get(url, { agent: false }, (response) => resolve(response.resume().statusCode)).on('error', reject);
  });

test('requests that come before anything can answer are all answered', async (t) => {
  await using rig = await Rig.open();
  const all = Array.from({ length: 20 }, () => rig.fetch('/healthz', { token: null }));
  for (const response of await Promise.all(all)) t.deepEqual(await response.json(), { status: 'ok' });
});

test('a server that was prepared answers, and one that is closed prepares nothing', async (t) => {
  await using rig = await Rig.open();
  await rig.server.prepare();
  t.is((await rig.fetch('/healthz', { token: null })).status, 200);
  await rig.server.close();
  await t.notThrowsAsync(rig.server.prepare());
});

const options = {
  port: 0,
  http: {},
  idleMs: 1_000,
  mostConnections: 10,
  mostPerAddress: 10,
  prepare: () => {},
};

test('localhost is every address it has on this machine', async (t) => {
  const servers = await listen({ ...options, host: 'localhost', answer: (_, response) => response.end('ok') });
  const { port } = servers[0]?.address() as AddressInfo; // it listens on a port
  for (const { address, family } of await lookup('localhost', { all: true })) {
    t.is(await status(`http://${family === 6 ? `[${address}]` : address}:${port}/`), 200, address);
  }
  await shut(servers);
  await t.throwsAsync(status(`http://127.0.0.1:${port}/`), { code: 'ECONNREFUSED' });
});

test('an address that cannot be had is the error of the system', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo; // it listens on a port
  const error = listen({ ...options, host: '127.0.0.1', port, answer: () => {} });
  await t.throwsAsync(error, { code: 'EADDRINUSE' });
  other.close();
});
