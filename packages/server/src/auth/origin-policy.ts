import { isIP } from 'node:net';

/** What a server accepts beside the obvious. */
export interface OriginOptions {
  /** Names (without port) clients may use for this server, such as `greenhouse.local`. */
  readonly hosts?: readonly string[];
  /** Origins of pages of other servers that may use it, such as `https://panel.example`. */
  readonly origins?: readonly string[];
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Name part of a `Host` header: brackets kept, port and a trailing dot dropped. `undefined` when it is not one. */
export function hostName(header: string): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]{1,253})(?::(\d{1,5}))?$/i.exec(header);
  return match?.[1]?.toLowerCase().replace(/(?<=.)\.$/, '');
}

/**
 * Guards against DNS rebinding and foreign pages. A name is accepted when it is loopback's, configured, or the very address
 * the connection came in on (an address in digits cannot be rebound). An origin is accepted when absent, the same as the
 * host, or configured.
 */
export class OriginPolicy {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;

  constructor({ hosts = [], origins = [] }: OriginOptions = {}) {
    this.#hosts = new Set([...LOOPBACK, ...hosts.map((host) => host.toLowerCase())]);
    this.#origins = new Set(origins.map((origin) => origin.toLowerCase()));
  }

  acceptsHost(header: string | undefined, localAddress: string | undefined): boolean {
    const name = header === undefined ? undefined : hostName(header);
    if (name === undefined) return false;
    if (this.#hosts.has(name)) return true;
    const digits = name.replace(/^\[|\]$/g, '');
    return isIP(digits) !== 0 && localAddress?.replace(/^::ffff:/, '').toLowerCase() === digits;
  }

  acceptsOrigin(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined) return true;
    const given = origin.toLowerCase();
    if (this.#origins.has(given)) return true;
    return (
      host !== undefined && (given === `http://${host.toLowerCase()}` || given === `https://${host.toLowerCase()}`)
    );
  }
}
