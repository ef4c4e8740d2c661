import { randomUUID } from 'node:crypto';
import { isHyphaeError, type Logger } from '@hyphae/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../auth/authenticator.js';
import type { OriginPolicy } from '../auth/origin-policy.js';
import type { Identity, Scope } from '../auth/token-store.js';
import {
  ForbiddenError,
  HttpMediaTypeError,
  HttpNotFoundError,
  HttpRequestError,
  HttpTooLargeError,
  InternalError,
  RateLimitedError,
  UnauthorizedError,
} from './errors.js';
import { problemOf } from './problem.js';

const OPEN = new Set(['/healthz', '/readyz', '/metrics']);
const identities = new WeakMap<FastifyRequest, Identity>();

/** Who sent this request; the guard has let it through. @throws HYP_FORBIDDEN when the scope is missing */
export function identityOf(request: FastifyRequest, scope: Scope): Identity {
  const identity = identities.get(request);
  if (!identity?.scopes.includes(scope))
    throw new ForbiddenError({ why: `the token does not have the scope ${scope}` });
  return identity;
}

/** Stands before every route, those that do not exist included: host, origin, credentials. Turns errors into problems. */
export function useHttpGuard(
  app: FastifyInstance,
  { policy, authenticator, log }: { policy: OriginPolicy; authenticator: Authenticator; log: Logger },
): void {
  app.addHook('onRequest', async (request, reply) => {
    const { headers, socket } = request.raw;
    void reply.headers({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
    });
    if (!policy.acceptsHost(headers.host, socket.localAddress)) {
      throw new ForbiddenError({ why: 'the server does not go by this host name' });
    }
    if (!policy.acceptsOrigin(headers.origin, headers.host)) {
      throw new ForbiddenError({ why: 'pages of this origin may not use the server' });
    }
    if (OPEN.has(request.routeOptions.url ?? '')) return;
    if (count(request.raw.rawHeaders, 'authorization') > 1) {
      throw new HttpRequestError({ problem: 'there is more than one Authorization header' });
    }
    const login = authenticator.header(headers.authorization, socket.remoteAddress ?? '');
    if (login.ok) return void identities.set(request, login.identity);
    if (login.why === 'limited') {
      void reply.header('retry-after', Math.ceil(login.afterMs / 1_000));
      throw new RateLimitedError({ afterMs: login.afterMs });
    }
    void reply.header('www-authenticate', 'Bearer realm="hyphae"');
    throw new UnauthorizedError({ why: login.why === 'missing' ? 'no token was sent' : 'the token is not accepted' });
  });
  app.setNotFoundHandler((request, reply) => {
    problem(reply, new HttpNotFoundError({ what: 'path, or it does not take this method' }));
  });
  app.setErrorHandler((error, request, reply) => {
    const known = translate(error);
    if (isHyphaeError(known)) return problem(reply, known);
    const reference = randomUUID();
    log.error('a request failed', { reference, method: request.method, route: request.routeOptions.url, error: known });
    problem(reply, new InternalError({ reference }, { cause: known }));
  });
}

/** For requests the framework gives up on before any route: they get a problem as well. */
export function refuseRequest(error: unknown, _request: FastifyRequest, reply: FastifyReply): void {
  problem(reply, translate(error));
}

function problem(reply: FastifyReply, error: unknown): void {
  const body = problemOf(error);
  void reply.code(body.status).type('application/problem+json').serializer(String).send(JSON.stringify(body));
}

/** What the framework throws, by the catalogue. */
function translate(error: unknown): unknown {
  if (isHyphaeError(error) || !(error instanceof Error) || !('code' in error)) return error;
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new HttpTooLargeError({ what: 'The body', limit: '1 MiB' });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new HttpMediaTypeError({ accepted: 'application/json' });
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_VALIDATION':
      return new HttpRequestError({ problem: 'it could not be understood' });
    default:
      // Anything else the framework holds against the client is the client's to mend.
      return 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode < 500
        ? new HttpRequestError({ problem: 'it could not be understood' })
        : error;
  }
}

function count(rawHeaders: readonly string[], name: string): number {
  let found = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]?.toLowerCase() === name) found++;
  return found;
}
