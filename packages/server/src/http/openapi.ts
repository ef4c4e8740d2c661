import { fastify, type FastifyInstance } from 'fastify';
import type { RestContext } from './rest-context.js';
import { schemaController } from './strict-json.js';

/**
 * The REST interface as OpenAPI 3.1, from the schemas of the routes. The generator is loaded and the routes are registered
 * once more, on an application that never listens, when the document is first asked for: start-up does not pay for it.
 */
export async function openApiDocument(
  context: RestContext,
  routes: (app: FastifyInstance, context: RestContext) => void,
): Promise<object> {
  const { default: swagger } = await import('@fastify/swagger');
  const { name, version = '1' } = context.info;
  const app = fastify({ schemaController });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: `Hyphae node ${name}`, version },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    // Names of outputs have levels, so the route is a wildcard; the document tells what stands in it.
    transform: ({ schema, url }) => ({ schema, url: url.replace('/outputs/*', '/outputs/:id/commands') }),
  });
  routes(app, context);
  await app.ready();
  const document = app.swagger();
  await app.close();
  return document;
}
