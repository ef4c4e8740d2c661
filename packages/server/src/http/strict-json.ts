import { createRequire } from 'node:module';
import type { Ajv } from 'ajv';
import type { FastifyInstance, FastifySchemaCompiler, FastifyServerOptions } from 'fastify';
import { jsonProblem } from '../stream/json-guard.js';
import { HttpMediaTypeError, HttpRequestError } from './errors.js';

const require = createRequire(import.meta.url);

/** Made when something is first validated: start-up does not pay for it. */
function ajv(options: object): () => Ajv {
  let made: Ajv | undefined;
  return () => {
    if (made) return made;
    const { Ajv: Validator } = require('ajv') as typeof import('ajv'); // what the import would give, at this moment
    return (made = new Validator({ allErrors: false, strict: false, ...options }));
  };
}

/** Bodies keep their types; queries are text by nature, so there numbers are read from text. */
function validatorCompiler(): FastifySchemaCompiler<unknown> {
  const strict = ajv({});
  const lenient = ajv({ coerceTypes: true });
  return ({ schema, httpPart }) => {
    let validate: ReturnType<Ajv['compile']> | undefined;
    return (data: unknown) => {
      validate ??= (httpPart === 'body' ? strict : lenient)().compile(schema as object); // route schemas are plain objects
      if (validate(data)) return { value: data };
      const [error] = validate.errors ?? [];
      const field = error?.instancePath.slice(1) ?? '';
      const where = field === '' ? httpPart : `${httpPart} field ${field}`;
      return { error: new HttpRequestError({ problem: `the ${where} ${error?.message ?? 'is not as it should be'}` }) };
    };
  };
}

/**
 * Compilers of schemas in place of the framework's, which would load and compile at start. Responses are made by this
 * package's own code; their schemas are documentation.
 */
export const schemaController = {
  compilersFactory: {
    buildValidator: validatorCompiler,
    buildSerializer: () => () => (data: unknown) => JSON.stringify(data),
  },
  // The declared type is that of the framework's own compiler; it is called with { schema, httpPart }, as setValidatorCompiler's is.
} as unknown as NonNullable<FastifyServerOptions['schemaController']>;

/** Has bodies parsed strictly: UTF-8 only, bounded in depth and size before anything looks at them. */
export function useStrictJson(app: FastifyInstance): void {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const type = request.headers['content-type'] ?? '';
    if (/charset\s*=/i.test(type) && !/charset\s*=\s*"?utf-?8"?\s*(;|$)/i.test(type)) {
      return done(new HttpMediaTypeError({ accepted: 'application/json in UTF-8' }));
    }
    let value: unknown;
    try {
      value = JSON.parse(utf8.decode(body as Buffer)); // parseAs: buffer
    } catch {
      return done(new HttpRequestError({ problem: 'the body is not JSON in UTF-8' }));
    }
    const problem = jsonProblem(value);
    if (problem) return done(new HttpRequestError({ problem: problem.msg }));
    done(null, value);
  });
}
