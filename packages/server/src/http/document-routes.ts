import type { FastifyInstance } from 'fastify';
import { asyncApiDocument } from './asyncapi.js';
import { identityOf } from './http-guard.js';
import type { RestContext } from './rest-context.js';
import { ROUTE_SCHEMAS } from './route-schemas.js';

/** Descriptions of both interfaces for programs. Made when first asked for. */
export function documentRoutes(app: FastifyInstance, { info }: RestContext): void {
  let asyncApi: object | undefined;
  app.get('/api/v1/openapi.json', { schema: ROUTE_SCHEMAS.document }, (request) => {
    identityOf(request, 'read');
    return app.swagger();
  });
  app.get('/api/v1/asyncapi.json', { schema: ROUTE_SCHEMAS.document }, (request) => {
    identityOf(request, 'read');
    return (asyncApi ??= asyncApiDocument(info));
  });
}
