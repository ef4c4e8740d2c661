import type { FastifyInstance } from 'fastify';
import { asyncApiDocument } from './asyncapi.js';
import { commandRoutes } from './command-routes.js';
import { historyRoutes } from './history-routes.js';
import { identityOf } from './http-guard.js';
import { openApiDocument } from './openapi.js';
import type { RestContext } from './rest-context.js';
import { ROUTE_SCHEMAS } from './route-schemas.js';
import { statusRoutes } from './status-routes.js';

/** Every route of the server. */
export function allRoutes(app: FastifyInstance, context: RestContext): void {
  for (const routes of [statusRoutes, historyRoutes, commandRoutes, documentRoutes]) routes(app, context);
}

/** Descriptions of both interfaces for programs, made when first asked for. */
function documentRoutes(app: FastifyInstance, context: RestContext): void {
  let openApi: Promise<object> | undefined;
  let asyncApi: object | undefined;
  app.get('/api/v1/openapi.json', { schema: ROUTE_SCHEMAS.document }, (request) => {
    identityOf(request, 'read');
    return (openApi ??= openApiDocument(context, allRoutes));
  });
  app.get('/api/v1/asyncapi.json', { schema: ROUTE_SCHEMAS.document }, (request) => {
    identityOf(request, 'read');
    return (asyncApi ??= asyncApiDocument(context.info));
  });
}
