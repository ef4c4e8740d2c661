import type { Clock, Logger } from '@hyphae/core';
import type { Node } from '@hyphae/core/kernel';
import type { Store } from '@hyphae/core/store';
import { fastify, type FastifyInstance } from 'fastify';
import { Authenticator } from '../auth/authenticator.js';
import { OriginPolicy } from '../auth/origin-policy.js';
import type { TokenStore } from '../auth/token-store.js';
import { DEFAULT_LIMITS, type StreamLimits } from '../stream/limits.js';
import { StreamService } from '../stream/stream-service.js';
import { allRoutes } from './document-routes.js';
import { hasErrno } from './errno.js';
import { ListenError } from './errors.js';
import { refuseRequest, useHttpGuard } from './http-guard.js';
import { schemaController, useStrictJson } from './strict-json.js';

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
  /** Whether the node has started, for `/readyz`. Default: no instance is starting any more. */
  readonly ready?: () => boolean;
}

/** A listening server. */
export interface Server extends AsyncDisposable {
  /** Where it can be reached, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /** Tells every stream client (4100) and ends all connections. */
  close(): Promise<void>;
}

const BODY_BYTES = 1024 * 1024;
const MOST_CONNECTIONS = 1_000;

/**
 * Serves a node over HTTP and WebSocket on one port. Resolves once it listens.
 *
 * @throws HYP_LISTEN when the address cannot be had, HYP_STORE when the last values cannot be read
 */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { clock, log, info, tokens, listen, hosts = [], origins = [] } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const authenticator = new Authenticator(tokens, clock);
  const policy = new OriginPolicy({ hosts: [listen.host, ...hosts], origins });
  const stream = await StreamService.open({ ...options, name: info.name, authenticator, policy, limits });
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES,
    requestTimeout: 10_000,
    connectionTimeout: 30_000,
    keepAliveTimeout: 5_000,
    http: { headersTimeout: 5_000, maxHeaderSize: 16 * 1024 },
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 512 },
    trustProxy: false,
    frameworkErrors: refuseRequest,
    schemaController,
  });
  try {
    useStrictJson(app);
    useHttpGuard(app, { policy, authenticator, log });
    const context = { ...options, stream, startedAt: clock.now() };
    allRoutes(app, context);
    app.server.maxConnections = MOST_CONNECTIONS;
    stream.attach(app.server);
    await app.listen({ host: listen.host, port: listen.port });
  } catch (error) {
    stream[Symbol.dispose]();
    await app.close();
    throw listenFailure(error, `${listen.host}:${listen.port}`);
  }
  const address = app.server.address();
  const port = typeof address === 'object' && address ? address.port : listen.port;
  const anywhere = listen.host === '0.0.0.0' || listen.host === '::';
  const name = anywhere ? 'localhost' : listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= shut(app, stream, clock));
  return { url: `http://${name}:${port}`, port, close, [Symbol.asyncDispose]: close };
}

/** Tells the stream's clients, lets them read it, then ends what is left. */
async function shut(app: FastifyInstance, stream: StreamService, clock: Clock): Promise<void> {
  stream[Symbol.dispose]();
  await clock.io(app.close());
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
