import type { Clock, Logger } from '@hyphae/core';
import type { Node } from '@hyphae/core/kernel';
import type { Store } from '@hyphae/core/store';
import { Authenticator } from '../auth/authenticator.js';
import { OriginPolicy } from '../auth/origin-policy.js';
import type { TokenStore } from '../auth/token-store.js';
import { DEFAULT_LIMITS, type StreamLimits } from '../stream/limits.js';
import { StreamService } from '../stream/stream-service.js';
import { hasErrno } from './errno.js';
import { ListenError } from './errors.js';
import { LateApplication } from './late-application.js';
import { listen as listenOn, shut } from './listen.js';

/** What a server serves, and where. */
export interface ServerOptions {
  readonly node: Node;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly info: { readonly name: string; readonly version?: string };
  readonly tokens: TokenStore;
  readonly listen: { readonly host: string; readonly port: number };
  /** Names clients may use for this server beside loopback's and the address itself. */
  readonly hosts?: readonly string[];
  /** Origins of other servers' pages that may use it. */
  readonly origins?: readonly string[];
  readonly limits?: Partial<StreamLimits>;
  /** What discovery found, served as it is by `/api/v1/plugins`. */
  readonly plugins?: () => readonly object[];
  /** True where the store is memory in place of a database that cannot be used: `/readyz` and the metrics say so. */
  readonly standIn?: boolean;
  /** Whether the node has started, for `/readyz`. Default: no instance is starting any more. */
  readonly ready?: () => boolean;
}

/** A listening server. */
export interface Server extends AsyncDisposable {
  /** Where it can be reached, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /** Loads what answers HTTP requests; otherwise the first request does. Never rejects. */
  prepare(): Promise<void>;
  /** Tells every stream client (4100) and ends all connections. */
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 1_000;
const MOST_PER_ADDRESS = 500;
const HTTP = {
  requestTimeout: 10_000,
  headersTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000, // else Node looks at these times twice a minute
  maxHeaderSize: 16 * 1024,
};

/**
 * Serves a node over HTTP and WebSocket on one port. Resolves once it listens; the stream is served from then on, and requests as
 * soon as what answers them is loaded.
 *
 * @throws HYP_LISTEN when the address cannot be had, HYP_STORE when the last values cannot be read
 */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { clock, info, tokens, listen, hosts = [], origins = [] } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const authenticator = new Authenticator(tokens, clock);
  const policy = new OriginPolicy({ hosts: [listen.host, ...hosts], origins });
  const stream = await StreamService.open({ ...options, name: info.name, authenticator, policy, limits });
  const application = new LateApplication({ ...options, stream, startedAt: clock.now() }, { policy, authenticator });
  const servers = await listenOn({
    ...listen,
    http: HTTP,
    idleMs: 30_000,
    mostConnections: MOST_CONNECTIONS,
    mostPerAddress: MOST_PER_ADDRESS,
    answer: (request, response) => application.answer(request, response),
    prepare: (server) => stream.attach(server),
  }).catch((error: unknown) => {
    stream[Symbol.dispose]();
    throw listenFailure(error, `${listen.host}:${listen.port}`);
  });
  const address = servers[0]?.address();
  const port = typeof address === 'object' && address ? address.port : listen.port;
  const anywhere = listen.host === '0.0.0.0' || listen.host === '::';
  const name = anywhere ? 'localhost' : listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  /** Tells the stream's clients, lets them read it, then ends what is left. */
  const end = async () => {
    stream[Symbol.dispose]();
    await clock.io(shut(servers));
    await application.close();
  };
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= end());
  return {
    url: `http://${name}:${port}`,
    port,
    prepare: () => application.prepare(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function listenFailure(error: unknown, address: string): unknown {
  if (hasErrno(error, 'EADDRINUSE'))
    return new ListenError({ address, why: 'another program uses it' }, { cause: error });
  if (hasErrno(error, 'EACCES')) return new ListenError({ address, why: 'this user may not' }, { cause: error });
  if (hasErrno(error, 'EADDRNOTAVAIL') || hasErrno(error, 'ENOTFOUND')) {
    return new ListenError({ address, why: 'this machine does not have that address' }, { cause: error });
  }
  return error;
}
