import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import test from 'ava';
import { AddressLimit } from './address-limit.js';

test('an address has so many connections at a time and no more, and keeps nobody else out', async (t) => {
  const limit = new AddressLimit(2);
  const server = createServer((socket) => socket.write('served')).on('connection', () => {});
  server.prependListener('connection', limit.admit);
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a port
  const from = (localAddress: string) => connect({ port, host: '127.0.0.1', localAddress }).on('error', () => {});
  const [first, second] = [from('127.0.0.1'), from('127.0.0.1')];
  await Promise.all([once(first, 'data'), once(second, 'data')]);
  await once(from('127.0.0.1'), 'close');
  const other = from('127.0.0.2');
  await once(other, 'data');
  first.destroy();
  await once(first, 'close');
  let again = from('127.0.0.1');
  // The server hears of the end a little later.
  while ((await Promise.race([once(again, 'data'), once(again, 'close')]))[0] === false) again = from('127.0.0.1');
  t.true(again.bytesRead > 0);
  for (const socket of [second, other, again]) socket.destroy();
  server.close();
});
