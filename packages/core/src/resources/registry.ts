import { ClaimConflictError, ResourceAmbiguousError, ResourceMissingError } from '../errors/catalogue.js';
import type { Lifetime } from '../lifetime/lifetime.js';
import type { Board, ResourceInfo } from './board.js';
import type { Need } from './need.js';

/** The exclusive right to use one resource until the claim is disposed. */
export interface Claim<Handle> extends AsyncDisposable {
  /** Kind and canonical address, such as `i2c i2c-1/0x76`. */
  readonly resource: string;
  readonly owner: string;
  readonly handle: Handle;
  readonly simulated: boolean;
  /** The name under which the board was added. */
  readonly board: string;
}

/** What a claim is made with. */
export interface ClaimOptions {
  readonly owner: string;
  /** The claim ends with this lifetime, or earlier. */
  readonly lifetime: Lifetime;
  /** What the user wrote under `use` for this need. */
  readonly use?: string | undefined;
}

interface Entry {
  readonly name: string;
  readonly board: Board;
  readonly rank: number;
}

interface Found extends Entry {
  readonly kind: string;
  readonly address: string;
}

interface Holding {
  /** As {@link Claim.resource} had it when the claim was made. */
  readonly resource: string;
  /** The same with the board's name, which no other claim has. */
  readonly full: string;
  readonly owner: string;
}

/** Who holds which resource. One owner at a time. */
export class ResourceRegistry {
  /** By {@link keyOf}: boards come and go, and what a claim is called changes with them, but not what it is a claim on. */
  readonly #held = new Map<string, Holding>();
  readonly #boards: Entry[] = [];

  constructor(boards: readonly Board[] = []) {
    for (const board of boards) this.add(board);
  }

  /**
   * Adds a board; disposing what it returns takes it away again.
   *
   * @param rank boards of lower rank are asked first; default: in the order they are added
   */
  add(board: Board, name = board.name, rank = this.#boards.length): Disposable {
    const entry = { name, board, rank };
    this.#boards.push(entry);
    this.#boards.sort((a, b) => a.rank - b.rank);
    return {
      [Symbol.dispose]: () => {
        const index = this.#boards.indexOf(entry);
        if (index >= 0) this.#boards.splice(index, 1);
      },
    };
  }

  /**
   * Claims the resource the user named, else the first free one that would do. A name that two boards know is refused: the
   * wrong heater must not be switched. `use: linux:gpiochip0/17` says which board is meant.
   *
   * @throws HYP_CLAIM_CONFLICT naming both owners, HYP_RESOURCE_AMBIGUOUS naming the boards, HYP_RESOURCE_MISSING with what is
   *   offered instead, or the board's error
   */
  async claim<Handle>(need: Need<Handle>, { owner, lifetime, use }: ClaimOptions): Promise<Claim<Handle>> {
    const found = this.#find(need, use);
    const boards = [...new Set(found.map(({ name }) => name))];
    if (use !== undefined && boards.length > 1) {
      throw new ResourceAmbiguousError({ kind: need.kind, resource: use, boards, example: `${boards[0]}:${use}` });
    }
    const free = found.find((each) => !this.#held.has(keyOf(each)));
    if (!free) throw await this.#refusal(need, owner, use, found[0]);
    const { name, board, address } = free;
    const resource = this.#display(free);
    const life = lifetime.child(resource);
    const key = keyOf(free);
    this.#held.set(key, { resource, full: fullName(free), owner });
    life.defer(() => this.#held.delete(key), 'claim');
    try {
      const handle = (await board.open(need, address, { owner, lifetime: life })) as Handle; // the kind decides the handle's type
      life.throwIfEnded(); // ended while it was opening: the claim is gone already
      return {
        resource,
        owner,
        handle,
        simulated: board.simulated,
        board: name,
        [Symbol.asyncDispose]: () => life[Symbol.asyncDispose](),
      };
    } catch (error) {
      // What went wrong first is what its owner can act on; a release that fails as well has nothing to add.
      await life[Symbol.asyncDispose]().catch(() => {});
      throw error;
    }
  }

  /** Resource and owner of every claim, for diagnostics and leak checks. */
  get held(): ReadonlyMap<string, string> {
    const held = new Map<string, string>();
    for (const { resource, full, owner } of this.#held.values()) held.set(held.has(resource) ? full : resource, owner);
    return held;
  }

  /** Everything the boards offer, with the present owner. */
  async list(): Promise<readonly (ResourceInfo & { readonly board: string; readonly owner?: string })[]> {
    const lists = await Promise.all(
      this.#boards.map(async (entry) =>
        (await entry.board.list()).map((info) => ({ entry, info: { ...info, board: entry.name } })),
      ),
    );
    return lists.flat().map(({ entry, info }) => {
      const owner = this.#held.get(keyOf({ name: entry.name, kind: info.kind, address: info.address }))?.owner;
      return owner === undefined ? info : { ...info, owner };
    });
  }

  #find(need: Need, use: string | undefined): Found[] {
    const cut = use?.indexOf(':') ?? -1;
    const chosen = cut > 0 ? this.#boards.filter(({ name }) => name === use?.slice(0, cut)) : [];
    const [boards, wanted] = chosen.length > 0 ? [chosen, use?.slice(cut + 1)] : [this.#boards, use];
    const { kind } = need;
    return boards.flatMap((entry) => entry.board.match(need, wanted).map((address) => ({ ...entry, kind, address })));
  }

  /** Kind and address; with the board's name where another board has an address of this name as well. For reading only. */
  #display(found: Found): string {
    const { name, kind, address } = found;
    const others = this.#boards.some(
      (other) => other.name !== name && other.board.match({ kind, choices: [] }, address).includes(address),
    );
    return others ? fullName(found) : `${kind} ${address}`;
  }

  async #refusal(need: Need, owner: string, use: string | undefined, taken: Found | undefined): Promise<Error> {
    const holder = taken && this.#held.get(keyOf(taken))?.owner;
    if (taken && holder !== undefined) {
      return new ClaimConflictError({ resource: this.#display(taken), owner, holder });
    }
    const offered = (await this.list()).filter((info) => info.kind === need.kind).map((info) => info.address);
    return new ResourceMissingError({
      kind: need.kind,
      resource: use ?? (need.choices.join(' or ') || '(none named under `use`)'),
      offered: offered.length > 0 ? offered.slice(0, 16) : ['nothing'],
    });
  }
}

/** The board's name is the user's and stays when a board is taken away and added again; a claim may outlast both. */
function keyOf({ name, kind, address }: Pick<Found, 'name' | 'kind' | 'address'>): string {
  return JSON.stringify([name, kind, address]);
}

function fullName({ name, kind, address }: Found): string {
  return `${kind} ${name}:${address}`;
}
