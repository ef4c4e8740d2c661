import { isHyphaeError, type HyphaeError } from '@hyphae/core';

/** A problem as of RFC 9457, with the code of the error catalogue. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly remedy?: string;
  readonly retry: boolean;
}

const STATUS: Readonly<Record<string, number>> = {
  HYP_HTTP_REQUEST: 400,
  HYP_DURATION: 400,
  HYP_OUTPUT_RANGE: 400,
  HYP_UNAUTHORIZED: 401,
  HYP_FORBIDDEN: 403,
  HYP_HTTP_NOT_FOUND: 404,
  HYP_INSTANCE_UNKNOWN: 404,
  HYP_OUTPUT_OWNED: 409,
  HYP_OUTPUT_INTERLOCK: 409,
  HYP_COMMAND_KEY: 409,
  HYP_EPOCH: 409,
  HYP_COMMAND_EXPIRED: 408,
  HYP_HTTP_TOO_LARGE: 413,
  HYP_HTTP_MEDIA_TYPE: 415,
  HYP_RATE_LIMITED: 429,
  HYP_INTERNAL: 500,
  HYP_OVERLOADED: 503,
  HYP_NOT_READY: 503,
  HYP_STORE: 503,
  HYP_DEADLINE: 504,
};

/** What a client learns about an error: catalogued ones as they are, of others only that there was one. */
export function problemOf(error: unknown): Problem {
  if (!isHyphaeError(error)) {
    return {
      type: 'about:blank',
      title: 'Internal error',
      status: 500,
      code: 'HYP_INTERNAL',
      detail: 'The server failed; its log tells more',
      retry: true,
    };
  }
  const { code, message, retryable } = error;
  const remedy = remedyOf(error);
  const status = STATUS[code] ?? 502;
  return {
    type: `urn:hyphae:error:${code}`,
    title: code,
    status,
    code,
    detail: message,
    ...(remedy === undefined ? {} : { remedy }),
    retry: retryable,
  };
}

/** The remedy stands on the error's class, which may belong to another copy of the catalogue. */
function remedyOf(error: HyphaeError): string | undefined {
  const { remedy } = error.constructor as { remedy?: unknown }; // any class
  return typeof remedy === 'string' ? remedy : undefined;
}
