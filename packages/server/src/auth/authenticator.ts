import type { Clock } from '@hyphae/core';
import { LoginLimiter } from './login-limiter.js';
import { Tickets } from './tickets.js';
import type { Identity, TokenStore } from './token-store.js';

/** What came of an attempt. */
export type Login =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly why: 'missing' | 'wrong' }
  | { readonly ok: false; readonly why: 'limited'; readonly afterMs: number };

const BEARER = /^bearer +([\x21-\x7e]{1,512})$/i;

/** The token of an `Authorization` header (RFC 6750 §2.1), `null` for a header that is something else. */
export function bearerToken(header: string | undefined): string | null | undefined {
  return header === undefined ? undefined : (BEARER.exec(header)?.[1] ?? null);
}

/** Decides who somebody is, for REST and stream alike: one set of tokens, one limiter. */
export class Authenticator {
  readonly tickets: Tickets;
  readonly #limiter: LoginLimiter;
  readonly #tokens: TokenStore;
  readonly #clock: Clock;

  constructor(tokens: TokenStore, clock: Clock) {
    this.#tokens = tokens;
    this.#clock = clock;
    this.tickets = new Tickets(clock);
    this.#limiter = new LoginLimiter(clock);
  }

  /** By an `Authorization` header. A missing one is not held against the address. */
  header(header: string | undefined, address: string): Login {
    const token = bearerToken(header);
    return token === undefined ? { ok: false, why: 'missing' } : this.token(token ?? '', address);
  }

  token(token: string, address: string): Login {
    return this.#try(address, () => this.#tokens.verify(token, this.#clock.now()));
  }

  ticket(ticket: string, address: string): Login {
    return this.#try(address, () => this.tickets.redeem(ticket));
  }

  #try(address: string, verify: () => Identity | undefined): Login {
    const afterMs = this.#limiter.waitMs(address);
    if (afterMs > 0) return { ok: false, why: 'limited', afterMs };
    const identity = verify();
    if (identity) return { ok: true, identity };
    this.#limiter.failed(address);
    return { ok: false, why: 'wrong' };
  }
}
