import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authenticator } from '../auth/authenticator.js';
import type { OriginPolicy } from '../auth/origin-policy.js';
import { problemOf } from './problem.js';
import type { RestApplication } from './rest-application.js';
import type { RestContext } from './rest-context.js';

/**
 * Takes HTTP requests from the first moment on, but loads what answers them only when there is time, or a request. The framework is
 * a fifth of what a start has to load, and neither the outputs nor the stream need it.
 */
export class LateApplication {
  #application: RestApplication | undefined;
  #loading: Promise<RestApplication> | undefined;
  #closed = false;

  constructor(
    readonly context: RestContext,
    readonly guard: { readonly policy: OriginPolicy; readonly authenticator: Authenticator },
  ) {}

  answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.#application) return this.#application.answer(request, response);
    this.#load().then(
      (application) => application.answer(request, response),
      (error: unknown) => refuse(response, error),
    );
  }

  /** Loads ahead of the first request. Never rejects: what went wrong is logged, and the first request tries again. */
  async prepare(): Promise<void> {
    if (!this.#closed) await this.#load().catch(() => {});
  }

  async close(): Promise<void> {
    this.#closed = true;
    const application = await this.#loading?.catch(() => undefined);
    await application?.close();
  }

  #load(): Promise<RestApplication> {
    return (this.#loading ??= this.context.clock.io(this.#import()).catch((error: unknown) => {
      this.#loading = undefined;
      this.context.log.error('what answers requests could not be loaded', { error: String(error) });
      throw error;
    }));
  }

  async #import(): Promise<RestApplication> {
    const { restApplication } = await import('./rest-application.js');
    return (this.#application = await restApplication(this.context, this.guard));
  }
}

function refuse(response: ServerResponse, error: unknown): void {
  const problem = problemOf(error);
  response.writeHead(problem.status, { 'content-type': 'application/problem+json', connection: 'close' });
  response.end(JSON.stringify(problem));
}
