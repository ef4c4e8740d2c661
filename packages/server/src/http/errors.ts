import { defineError } from '@hyphae/core';

// Rows of the server's own errors. Documented in docs/reference/errors.md with the others.

export const ListenError = defineError<{ address: string; why: string }>()(
  'HYP_LISTEN',
  'The server cannot listen on {address}: {why}',
  { remedy: 'Choose a free address of this machine, written as host:port, under `server.listen` or in HYPHAE_LISTEN.' },
);
export const TokenFileError = defineError<{ file: string; why: string }>()(
  'HYP_TOKEN_FILE',
  'The token file {file} cannot be used: {why}',
  { remedy: 'Make the data directory writable for this user, or remove the file to have a new token made.' },
);
export const HttpRequestError = defineError<{ problem: string }>()(
  'HYP_HTTP_REQUEST',
  'The request is not valid: {problem}',
  { remedy: 'Compare it with /api/v1/openapi.json.' },
);
export const HttpNotFoundError = defineError<{ what: string }>()('HYP_HTTP_NOT_FOUND', 'There is no such {what}', {
  remedy: 'Look at /api/v1/openapi.json for the paths and at /api/v1/channels and /api/v1/outputs for the names.',
});
export const HttpTooLargeError = defineError<{ what: string; limit: string }>()(
  'HYP_HTTP_TOO_LARGE',
  '{what} is larger than the limit of {limit}',
  { remedy: 'Send less at a time.' },
);
export const HttpMediaTypeError = defineError<{ accepted: string }>()(
  'HYP_HTTP_MEDIA_TYPE',
  'The body’s type is not accepted, only {accepted} is',
  { remedy: 'Send JSON in UTF-8 with Content-Type: application/json.' },
);
export const UnauthorizedError = defineError<{ why: string }>()('HYP_UNAUTHORIZED', 'Not authenticated: {why}', {
  remedy: 'Send Authorization: Bearer TOKEN with the token from the file `token` in the data directory.',
});
export const ForbiddenError = defineError<{ why: string }>()('HYP_FORBIDDEN', 'Not allowed: {why}', {
  remedy: 'Use a token with that scope, or an address and origin the server is configured for.',
});
export const RateLimitedError = defineError<{ afterMs: number }>()(
  'HYP_RATE_LIMITED',
  'Too many attempts; try again in {afterMs} ms',
  { retryable: true, remedy: 'Wait as long as Retry-After says.' },
);
export const OverloadedError = defineError<{ why: string }>()('HYP_OVERLOADED', 'Too much at once: {why}', {
  retryable: true,
  remedy: 'Try again later with back-off, or close connections that are not used.',
});
export const EpochError = defineError<{ epoch: string }>()(
  'HYP_EPOCH',
  'The log has another epoch, {epoch}: earlier sequence numbers say nothing about it',
  { remedy: 'Start again from the current state.' },
);
export const CommandKeyError = defineError<{ key: string }>()(
  'HYP_COMMAND_KEY',
  'The key was used before for another command',
  { remedy: 'Use a new key for each new command; repeat a key only to repeat the same command.' },
);
export const CommandExpiredError = defineError<{ ttlMs: number }>()(
  'HYP_COMMAND_EXPIRED',
  'The command waited longer than its {ttlMs} ms and was not carried out',
  { remedy: 'Send it again with a new key if it is still wanted.' },
);
export const InternalError = defineError<{ reference: string }>()(
  'HYP_INTERNAL',
  'The server failed; its log tells more under reference {reference}',
  { retryable: true, remedy: 'Look for the reference in the log and report it.' },
);
