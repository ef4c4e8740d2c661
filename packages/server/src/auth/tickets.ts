import { createHash } from 'node:crypto';
import type { Clock } from '@hyphae/core';
import { newToken, type Identity } from './token-store.js';

const LIFETIME_MS = 60_000;
const MOST = 1_000;

/**
 * One-time tickets: what a browser that cannot set headers sends in `auth` instead of a long-lived token. Single use,
 * at most 60 s old, kept only as digests, at most 1,000 at a time (the oldest goes first).
 */
export class Tickets {
  readonly #clock: Clock;
  readonly #open = new Map<string, { readonly identity: Identity; readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(identity: Identity): { readonly ticket: string; readonly expiresMs: number } {
    const ticket = newToken();
    this.#open.set(key(ticket), { identity, until: this.#clock.monotonic() + LIFETIME_MS });
    for (const [oldest] of this.#open) {
      if (this.#open.size <= MOST) break;
      this.#open.delete(oldest);
    }
    return { ticket, expiresMs: LIFETIME_MS };
  }

  /** Who it was issued to, once. */
  redeem(ticket: string): Identity | undefined {
    const id = key(ticket); // looked up by digest: no comparison with a secret
    const found = this.#open.get(id);
    this.#open.delete(id);
    if (!found || found.until <= this.#clock.monotonic()) return undefined;
    const { expires = Infinity } = found.identity; // a ticket does not outlive its token
    return expires > this.#clock.now() ? found.identity : undefined;
  }

  /** Forgets the tickets of a token that was revoked. */
  forget(tokenId: string): void {
    for (const [id, { identity }] of this.#open) if (identity.id === tokenId) this.#open.delete(id);
  }
}

function key(ticket: string): string {
  return createHash('sha256').update(ticket, 'utf8').digest('base64url');
}
