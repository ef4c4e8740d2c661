import type { StreamErrorCode } from './protocol.js';

/** A request that failed, or a connection that cannot be had. Branch on `code`; never parse `message`. */
export class StreamError extends Error {
  override readonly name = 'StreamError';

  constructor(
    /** A code of the protocol, `closed` when the client was closed, or `connection` when there is none to be had. */
    readonly code: StreamErrorCode | 'closed' | 'connection',
    message: string,
    /** True when the same may succeed later. */
    readonly retry = false,
    /** Code the server closed the connection with. */
    readonly closeCode?: number,
  ) {
    super(message);
  }
}

/** What a closed connection means: 40xx will not be better another time. */
export function closedWith(code: number, reason: string): StreamError {
  const message = reason === '' ? `closed with ${code}` : reason;
  return new StreamError('connection', message, code < 4000 || code >= 4100, code);
}
