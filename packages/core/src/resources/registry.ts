import { ClaimConflictError, ResourceMissingError } from '../errors/catalogue.js';
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

/** Who holds which resource. One owner at a time. */
export class ResourceRegistry {
  readonly #held = new Map<string, string>();
  readonly #boards: { readonly name: string; readonly board: Board }[] = [];

  constructor(boards: readonly Board[] = []) {
    for (const board of boards) this.add(board);
  }

  /** Adds a board; disposing what it returns takes it away again. */
  add(board: Board, name = board.name): Disposable {
    const entry = { name, board };
    this.#boards.push(entry);
    return {
      [Symbol.dispose]: () => {
        const index = this.#boards.indexOf(entry);
        if (index >= 0) this.#boards.splice(index, 1);
      },
    };
  }

  /**
   * Claims the resource the user named, else the first free one that would do.
   *
   * @throws HYP_CLAIM_CONFLICT naming both owners, HYP_RESOURCE_MISSING with what is offered instead, or the board's error
   */
  async claim<Handle>(need: Need<Handle>, { owner, lifetime, use }: ClaimOptions): Promise<Claim<Handle>> {
    const found = this.#boards.flatMap(({ name, board }) =>
      board.match(need, use).map((address) => ({ name, board, address, resource: `${need.kind} ${address}` })),
    );
    const free = found.find(({ resource }) => !this.#held.has(resource));
    if (!free) throw await this.#refusal(need, owner, use, found[0]?.resource);
    const { name, board, address, resource } = free;
    const life = lifetime.child(resource);
    this.#held.set(resource, owner);
    life.defer(() => this.#held.delete(resource), 'claim');
    try {
      const handle = (await board.open(need, address, { owner, lifetime: life })) as Handle; // the kind decides the handle's type
      life.signal.throwIfAborted(); // ended while it was opening: the claim is gone already
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
    return this.#held;
  }

  /** Everything the boards offer, with the present owner. */
  async list(): Promise<readonly (ResourceInfo & { readonly board: string; readonly owner?: string })[]> {
    const lists = await Promise.all(
      this.#boards.map(async ({ name, board }) => (await board.list()).map((info) => ({ ...info, board: name }))),
    );
    return lists.flat().map((info) => {
      const owner = this.#held.get(`${info.kind} ${info.address}`);
      return owner === undefined ? info : { ...info, owner };
    });
  }

  async #refusal(need: Need, owner: string, use: string | undefined, taken: string | undefined): Promise<Error> {
    const holder = taken && this.#held.get(taken);
    if (taken && holder !== undefined) return new ClaimConflictError({ resource: taken, owner, holder });
    const offered = (await this.list()).filter((info) => info.kind === need.kind).map((info) => info.address);
    return new ResourceMissingError({
      kind: need.kind,
      resource: use ?? (need.choices.join(' or ') || '(none named under `use`)'),
      offered: offered.length > 0 ? offered.slice(0, 16) : ['nothing'],
    });
  }
}
