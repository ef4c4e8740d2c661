/**
 * The daemon: HTTP, the stream, configuration and the command.
 *
 * @packageDocumentation
 */
export { openTokenFile } from './auth/token-file.js';
export { ALL_SCOPES, newToken, TokenStore } from './auth/token-store.js';
export type { Identity, Scope, TokenSpec } from './auth/token-store.js';
export * from './http/errors.js';
export { createServer } from './http/create-server.js';
export type { Server, ServerOptions } from './http/create-server.js';
export * from './daemon/errors.js';
export { startDaemon } from './daemon/start-daemon.js';
export type { Daemon, DaemonOptions } from './daemon/start-daemon.js';
export type { Environment, Places } from './daemon/locate.js';
export type { Candidate } from './discovery/plugin-set.js';
export { DEFAULT_LIMITS } from './stream/limits.js';
export type { StreamLimits } from './stream/limits.js';
