import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server as HttpServer, type ServerOptions } from 'node:http';
import { AddressLimit } from './address-limit.js';

/** What is told to every server that is opened, before it listens. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly http: ServerOptions;
  /** How long a connection may be silent. */
  readonly idleMs: number;
  readonly mostConnections: number;
  /** The same for one address. */
  readonly mostPerAddress: number;
  readonly answer: RequestListener;
  readonly prepare: (server: HttpServer) => void;
}

/**
 * Opens the servers of an address: one, or one each for IPv4 and IPv6 where the address is `localhost`, on the same port.
 *
 * @throws the system's error when the (first) address cannot be had
 */
export async function listen(options: ListenOptions): Promise<readonly HttpServer[]> {
  const limit = new AddressLimit(options.mostPerAddress);
  const first = await open(options, limit, options.host, options.port);
  const address = first.address();
  if (options.host !== 'localhost' || typeof address !== 'object' || !address) return [first];
  const all = await lookup('localhost', { all: true }).catch(() => []);
  const others = all.filter((found) => found.address !== address.address);
  // A machine may have a name for an address family it does not use: the first server is enough then.
  const opened = await Promise.allSettled(others.map((other) => open(options, limit, other.address, address.port)));
  return [first, ...opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))];
}

async function open(options: ListenOptions, limit: AddressLimit, host: string, port: number): Promise<HttpServer> {
  const server = createServer(options.http, options.answer);
  server.setTimeout(options.idleMs);
  server.maxConnections = options.mostConnections;
  server.on('connection', limit.admit);
  options.prepare(server);
  server.listen({ host, port });
  await once(server, 'listening'); // rejects with the server's error
  return server;
}

/** Ends all connections and stops listening. */
export async function shut(servers: readonly HttpServer[]): Promise<void> {
  await Promise.all(
    servers.map((server) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    }),
  );
}
