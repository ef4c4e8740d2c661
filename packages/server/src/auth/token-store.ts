import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a token allows. `read`: everything but secrets. `outputs:write`: commands. `outputs:override`: take outputs from others. */
export type Scope = 'read' | 'outputs:write' | 'outputs:override' | 'admin';

/** Every scope: what the token in the data directory has. */
export const ALL_SCOPES: readonly Scope[] = ['read', 'outputs:write', 'outputs:override', 'admin'];

/** Who holds a token. Never contains the token itself. */
export interface Identity {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Selectors of the channels it may read. Default: all. */
  readonly channels: readonly string[];
  /** Epoch milliseconds after which it is worth nothing. */
  readonly expires?: number;
}

/** A token to accept. */
export interface TokenSpec {
  readonly token: string;
  readonly name: string;
  readonly scopes?: readonly Scope[];
  readonly channels?: readonly string[];
  readonly expires?: number;
}

interface Held {
  readonly digest: Buffer;
  readonly identity: Identity;
}

/** SHA-256, so that what is compared has one length and what is kept is not the secret. */
function digest(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest();
}

/** 256 random bits in base64url: a token or a ticket. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** The tokens a server accepts. Only their digests are kept; comparison takes the same time for every candidate. */
export class TokenStore {
  #held: readonly Held[] = [];
  readonly #listeners = new Set<(id: string) => void>();

  constructor(tokens: readonly TokenSpec[] = []) {
    for (const token of tokens) this.add(token);
  }

  get size(): number {
    return this.#held.length;
  }

  /** Accepts a token from now on. Returns who it stands for. The id is derived from the token: it survives a restart. */
  add({ token, name, scopes = ALL_SCOPES, channels = ['#'], expires }: TokenSpec): Identity {
    const hash = digest(token);
    const id = hash.subarray(0, 9).toString('base64url');
    const identity: Identity = { id, name, scopes, channels, ...(expires === undefined ? {} : { expires }) };
    const known = this.#held.some((held) => held.identity.id === id);
    this.#held = [...this.#held.filter((held) => held.identity.id !== id), { digest: hash, identity }];
    if (known) this.#tell(id);
    return identity;
  }

  /** Refuses a token from now on; sockets that use it are told and cut. */
  revoke(id: string): void {
    this.#held = this.#held.filter((held) => held.identity.id !== id);
    this.#tell(id);
  }

  /** Who holds this token, or nobody. Every stored digest is compared, whichever matches. */
  verify(token: string, now: number): Identity | undefined {
    const given = digest(token);
    let found: Identity | undefined;
    for (const held of this.#held) if (timingSafeEqual(held.digest, given)) found = held.identity;
    return found && (found.expires === undefined || found.expires > now) ? found : undefined;
  }

  /** Calls `listener` with the id of each token that was revoked or changed. */
  onChange(listener: (id: string) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }
}
