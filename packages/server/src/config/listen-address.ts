import { ListenError } from '../http/errors.js';

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** The address without anything said. */
export const DEFAULT_LISTEN = '127.0.0.1:8080';

/**
 * Reads `host:port`, `[v6]:port`; port 0 takes a free one.
 *
 * @throws HYP_LISTEN
 */
export function parseListen(text: string): ListenAddress {
  const [, host = '', digits = ''] = /^(.+):(\d{1,5})$/.exec(text.trim()) ?? [];
  const port = Number(digits);
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (digits === '' || /[\s/@]/.test(bare) || (bare.includes(':') && bare === host)) {
    throw new ListenError({ address: text, why: 'it is not written as host:port, such as 127.0.0.1:8080' });
  }
  if (port > 65_535) throw new ListenError({ address: text, why: 'ports end at 65535' });
  return { host: bare, port };
}

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
