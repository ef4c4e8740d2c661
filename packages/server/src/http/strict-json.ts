import { Ajv } from 'ajv';
import type { FastifyInstance } from 'fastify';
import { jsonProblem, type JsonBounds } from '../stream/json-guard.js';
import { HttpMediaTypeError, HttpRequestError } from './errors.js';

const BOUNDS: JsonBounds = { depth: 16, keys: 64, characters: 4_096 };

/**
 * Has bodies parsed strictly: UTF-8 only, bounded in depth and size before anything looks at them, no coercion of types.
 * Queries are text by nature: there numbers are read from text.
 */
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
    const problem = jsonProblem(value, BOUNDS);
    if (problem) return done(new HttpRequestError({ problem: problem.msg }));
    done(null, value);
  });
  const strict = new Ajv({ allErrors: false, strict: false });
  const lenient = new Ajv({ allErrors: false, strict: false, coerceTypes: true });
  app.setValidatorCompiler(({ schema, httpPart }) => {
    const ajv = httpPart === 'body' ? strict : lenient;
    // Compiled at the first request: start-up does not pay for it.
    let validate: ReturnType<Ajv['compile']> | undefined;
    return (data: unknown) => {
      validate ??= ajv.compile(schema as object); // route schemas are plain objects
      if (validate(data)) return { value: data };
      const [error] = validate.errors ?? [];
      const field = error?.instancePath.slice(1) ?? '';
      const where = field === '' ? httpPart : `${httpPart} field ${field}`;
      return { error: new HttpRequestError({ problem: `the ${where} ${error?.message ?? 'is not as it should be'}` }) };
    };
  });
  // Responses are made by this package's own code; their schemas are documentation.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
}
