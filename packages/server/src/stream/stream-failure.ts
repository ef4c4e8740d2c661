import type { StreamErrorCode } from '@hyphae/client';
import { isHyphaeError, type HyphaeError } from '@hyphae/core';

/** A request of a client that cannot be served: becomes an `err` message, or the `err` of a command's result. */
export class StreamFailure extends Error {
  constructor(
    readonly code: StreamErrorCode,
    message: string,
    readonly retry = false,
    readonly afterMs?: number,
  ) {
    super(message);
  }
}

const CODES: Readonly<Record<string, StreamErrorCode>> = {
  HYP_INSTANCE_UNKNOWN: 'not_found',
  HYP_OUTPUT_RANGE: 'out_of_range',
  HYP_OUTPUT_OWNED: 'not_owner',
  HYP_OUTPUT_INTERLOCK: 'interlock',
  HYP_STORE: 'storage_degraded',
  HYP_NOT_READY: 'device_unavailable',
};

/** In words that repeat nothing of the request: a name or a value that is wrong is not sent back. */
const MESSAGES: Readonly<Record<string, (context: HyphaeError['context']) => string>> = {
  HYP_INSTANCE_UNKNOWN: () => 'there is no such output',
  HYP_OUTPUT_RANGE: ({ range }) => `the value is not accepted: ${String(range)}`,
  HYP_OUTPUT_OWNED: ({ owner }) => `it is controlled by ${String(owner)}`,
  HYP_OUTPUT_INTERLOCK: ({ why }) => String(why),
};

/** Errors of the node by the protocol's codes. Whatever else a device throws makes it unavailable. */
export function streamFailure(error: unknown): StreamFailure {
  if (error instanceof StreamFailure) return error;
  if (!isHyphaeError(error)) return new StreamFailure('internal', 'the server failed', true);
  const message = MESSAGES[error.code]?.(error.context) ?? error.message;
  return new StreamFailure(CODES[error.code] ?? 'device_unavailable', message, error.retryable);
}
