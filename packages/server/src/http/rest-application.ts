import type { IncomingMessage, ServerResponse } from 'node:http';
import { fastify } from 'fastify';
import type { Authenticator } from '../auth/authenticator.js';
import type { OriginPolicy } from '../auth/origin-policy.js';
import { allRoutes } from './document-routes.js';
import { refuseRequest, useHttpGuard } from './http-guard.js';
import type { RestContext } from './rest-context.js';
import { schemaController, useStrictJson } from './strict-json.js';

const BODY_BYTES = 1024 * 1024;

/** What answers HTTP requests. It does not listen. */
export interface RestApplication {
  answer(request: IncomingMessage, response: ServerResponse): void;
  close(): Promise<void>;
}

/** Makes the REST interface. This module carries the framework with it: import it when there is time, or a request. */
export async function restApplication(
  context: RestContext,
  { policy, authenticator }: { readonly policy: OriginPolicy; readonly authenticator: Authenticator },
): Promise<RestApplication> {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES,
    routerOptions: { maxParamLength: 512 },
    trustProxy: false,
    frameworkErrors: refuseRequest,
    schemaController,
  });
  useStrictJson(app);
  useHttpGuard(app, { policy, authenticator, log: context.log });
  allRoutes(app, context);
  await app.ready();
  return { answer: (request, response) => app.routing(request, response), close: () => app.close() };
}
