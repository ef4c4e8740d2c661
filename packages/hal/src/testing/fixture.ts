import type { Board, Clock, Need } from '@hyphae/core';
import { isHyphaeError, Lifetime, ResourceRegistry } from '@hyphae/core';

/** What every conformance suite needs of an environment: an open board, and a way to let time pass. */
export interface HalFixture extends AsyncDisposable {
  readonly board: Board;
  readonly clock: Clock;
  /** Waits for work to end, letting time pass for it. On a real clock: `(work) => work`. */
  run<T>(work: Promise<T>): Promise<T>;
}

/** One test's hold on a board: claims end with it. */
export class Bench implements AsyncDisposable {
  readonly life: Lifetime;
  readonly #registry: ResourceRegistry;

  constructor(readonly fixture: HalFixture) {
    this.life = new Lifetime('conformance', { clock: fixture.clock, deadline: '5 s' });
    this.#registry = new ResourceRegistry([fixture.board]);
  }

  /** Claims a resource; it is released with `lifetime`, else with the bench. */
  async claim<Handle>(need: Need<Handle>, use: string, lifetime = this.life): Promise<Handle> {
    const claim = await this.fixture.run(this.#registry.claim(need, { owner: 'conformance', lifetime, use }));
    return claim.handle;
  }

  /** Lets this much time pass. */
  async wait(ms: number): Promise<void> {
    await this.fixture.run(this.fixture.clock.sleep(ms, { name: 'conformance' }));
  }

  /** What work rejects with. */
  async failure(work: Promise<unknown>): Promise<unknown> {
    try {
      await this.fixture.run(work);
    } catch (error) {
      return error;
    }
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fixture.run(this.life[Symbol.asyncDispose]());
    await this.fixture[Symbol.asyncDispose]();
  }
}

/** The code of a Hyphae error, else what it says. */
export function codeOf(error: unknown): string {
  if (isHyphaeError(error)) return error.code;
  return error instanceof Error ? String(error) : error === undefined ? 'no error' : `${typeof error}, no error`;
}
