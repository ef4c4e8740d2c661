import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { SUBPROTOCOL } from '@hyphae/client';
import { isHyphaeError, type Clock, type HyphaeError } from '@hyphae/core';
import type { OriginPolicy } from '../auth/origin-policy.js';
import { TokenBucket } from '../auth/token-bucket.js';
import { ForbiddenError, HttpNotFoundError, HttpRequestError, OverloadedError } from '../http/errors.js';
import { problemOf } from '../http/problem.js';
import type { StreamLimits } from './limits.js';

/** How many connections there are. */
export interface ConnectionCounts {
  readonly all: number;
  of(address: string): { readonly all: number; readonly strangers: number };
}

/** The stream's path. */
export const STREAM_PATH = '/api/v1/stream';

/** What is checked before a connection becomes a WebSocket, from cheap to dear; nothing was allocated for it until then. */
export class HandshakeGate {
  readonly #bucket: TokenBucket;

  constructor(
    readonly policy: OriginPolicy,
    clock: Clock,
    readonly limits: StreamLimits,
    readonly counts: ConnectionCounts,
  ) {
    this.#bucket = new TokenBucket(clock, limits.handshakesPerSecond, limits.handshakesPerSecond);
  }

  /** Why this handshake is refused, if it is. */
  refusal(request: IncomingMessage): HyphaeError | undefined {
    const { headers, socket } = request;
    if (!this.policy.acceptsHost(headers.host, socket.localAddress)) {
      return new ForbiddenError({ why: 'the server does not go by this host name' });
    }
    if (!this.policy.acceptsOrigin(headers.origin, headers.host)) {
      return new ForbiddenError({ why: 'pages of this origin may not use the server' });
    }
    const here = this.counts.of(socket.remoteAddress ?? '');
    const { sockets, socketsPerAddress, strangersPerAddress } = this.limits;
    if (this.counts.all >= sockets) return new OverloadedError({ why: 'all connections are in use' });
    if (here.all >= socketsPerAddress) return new OverloadedError({ why: 'too many connections from this address' });
    if (here.strangers >= strangersPerAddress && headers.authorization === undefined) {
      return new OverloadedError({ why: 'too many connections from this address that are not authenticated' });
    }
    if (!this.#bucket.take()) return new OverloadedError({ why: 'too many handshakes' });
    const [path, query] = (request.url ?? '').split('?');
    if (path !== STREAM_PATH) return new HttpNotFoundError({ what: 'path' });
    if (query !== undefined && /(^|&)(access_)?token=/i.test(query)) {
      return new HttpRequestError({ problem: 'a token does not belong in a URL' });
    }
    const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
    if (!offered?.includes(SUBPROTOCOL)) {
      return new HttpRequestError({ problem: `the subprotocol has to be ${SUBPROTOCOL}` });
    }
    return undefined;
  }
}

/** Answers a handshake with a problem (RFC 9457) instead of 101, and ends the connection. */
export function refuseHandshake(wire: Duplex, error: unknown): void {
  const problem = problemOf(error);
  const body = JSON.stringify(problem);
  const retry = isHyphaeError(error) && error.retryable ? 'Retry-After: 1\r\n' : '';
  wire.on('error', () => {}); // the peer may be gone already
  wire.resume(); // what it still sends is of no interest, and unread it would keep the answer from arriving
  wire.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\nConnection: close\r\n${retry}` +
      `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
