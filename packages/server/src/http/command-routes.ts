import { randomUUID } from 'node:crypto';
import type { StreamErrorCode } from '@hyphae/client';
import {
  InstanceUnknownError,
  NotReadyError,
  OutputInterlockError,
  OutputOwnedError,
  OutputRangeError,
  StoreError,
  type HyphaeError,
} from '@hyphae/core';
import type { FastifyInstance } from 'fastify';
import type { Command } from '../stream/command-desk.js';
import { StreamFailure } from '../stream/stream-failure.js';
import { CommandExpiredError, CommandKeyError, ForbiddenError, HttpRequestError } from './errors.js';
import { identityOf } from './http-guard.js';
import type { RestContext } from './rest-context.js';
import { ROUTE_SCHEMAS } from './route-schemas.js';

/** A failed command by the catalogue. */
function failure(code: StreamErrorCode, why: string, { to, ttlMs = 0, key, args }: Command): HyphaeError {
  switch (code) {
    case 'not_found':
      return new InstanceUnknownError({ instance: to, kind: 'output', known: [] });
    case 'forbidden':
      return new ForbiddenError({ why });
    case 'out_of_range':
      return new OutputRangeError({
        output: to,
        value: args?.value ?? (args?.on === true ? 1 : 0),
        range: withoutRepeat(why),
      });
    case 'not_owner':
      return new OutputOwnedError({ output: to, owner: withoutRepeat(why) });
    case 'interlock':
      return new OutputInterlockError({ output: to, why });
    case 'idem_conflict':
      return new CommandKeyError({ key });
    case 'expired':
      return new CommandExpiredError({ ttlMs });
    case 'storage_degraded':
      return new StoreError({ operation: 'record the command', why });
    case 'bad_field':
      return new HttpRequestError({ problem: why });
    default:
      return new NotReadyError({ instance: to, because: why });
  }
}

/** The first half of the stream's words, where the REST error has its own. */
const withoutRepeat = (why: string) => why.replace(/^(the value is not accepted: |it is controlled by )/, '');

/** Commands for outputs, and tickets. */
export function commandRoutes(app: FastifyInstance, { node, stream }: RestContext): void {
  // Names have levels: a wildcard takes `gh1/heater` and `gh1%2Fheater` alike.
  app.post<{ Params: { '*': string }; Body: Omit<Command, 'to' | 'key'> & { key?: string } }>(
    '/api/v1/outputs/*',
    { schema: ROUTE_SCHEMAS.command },
    async (request, reply) => {
      const who = identityOf(request, 'outputs:write');
      const path = request.params['*'];
      if (!path.endsWith('/commands')) return reply.callNotFound();
      const header = request.headers['idempotency-key'];
      const { key = typeof header === 'string' ? header : randomUUID(), ...asked } = request.body;
      const command: Command = { ...asked, key, to: path.slice(0, -'/commands'.length) };
      try {
        const { err, ...carried } = await stream.desk.carryOut(who, command, () => {});
        if (err) throw new StreamFailure(err.code, err.msg);
        return { ...carried, output: node.outputs.get(command.to) };
      } catch (error) {
        throw error instanceof StreamFailure ? failure(error.code, error.message, command) : error;
      }
    },
  );

  app.post('/api/v1/stream-tickets', { schema: ROUTE_SCHEMAS.ticket }, (request) =>
    stream.authenticator.tickets.issue(identityOf(request, 'read')),
  );
}
