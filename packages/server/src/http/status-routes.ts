import type { InstanceKind, InstanceStatus } from '@hyphae/core/kernel';
import type { FastifyInstance } from 'fastify';
import { identityOf } from './http-guard.js';
import { metricsText } from './metrics-text.js';
import type { RestContext } from './rest-context.js';
import { ROUTE_SCHEMAS } from './route-schemas.js';

/** What the node is and how it does. */
export function statusRoutes(app: FastifyInstance, context: RestContext): void {
  const { node, store, clock, info, stream } = context;
  const { measurements } = store;
  const isReady = context.ready ?? (() => node.status().every(({ state }) => state !== 'starting'));
  const ofKind = (kind: InstanceKind): readonly InstanceStatus[] =>
    node.status().filter((instance) => instance.kind === kind);

  app.get('/healthz', { schema: ROUTE_SCHEMAS.healthz }, () => ({ status: 'ok' }));

  app.get('/readyz', { schema: ROUTE_SCHEMAS.readyz }, (_, reply) => {
    const ready = isReady();
    const storage = stream.degraded ? 'degraded' : context.standIn ? 'memory' : 'ok';
    return reply.code(ready ? 200 : 503).send({ ready, storage, instances: node.status() });
  });

  app.get('/metrics', { schema: ROUTE_SCHEMAS.metrics }, (_, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').serializer(String).send(metricsText(context)),
  );

  app.get('/api/v1/node', { schema: ROUTE_SCHEMAS.node }, (request) => {
    identityOf(request, 'read');
    const instances: Record<string, number> = {};
    for (const { state } of node.status()) instances[state] = (instances[state] ?? 0) + 1;
    return {
      ...info,
      epoch: measurements.epoch,
      head: measurements.head,
      floor: measurements.floor,
      durable: stream.durable(),
      startedAt: context.startedAt,
      now: clock.now(),
      instances,
      scheduler: node.scheduler.metrics,
    };
  });

  app.get('/api/v1/plugins', { schema: ROUTE_SCHEMAS.plugins }, (request) => {
    identityOf(request, 'read');
    return { plugins: context.plugins?.() ?? [] };
  });

  app.get('/api/v1/sensors', { schema: ROUTE_SCHEMAS.sensors }, (request) => {
    identityOf(request, 'read');
    return { sensors: ofKind('sensor') };
  });

  app.get('/api/v1/functions', { schema: ROUTE_SCHEMAS.functions }, (request) => {
    identityOf(request, 'read');
    return { functions: ofKind('function') };
  });

  app.get('/api/v1/outputs', { schema: ROUTE_SCHEMAS.outputs }, (request) => {
    identityOf(request, 'read');
    const states = new Map(node.outputs.list().map((output) => [output.id, output]));
    const instances = ofKind('output').map((instance) => ({ ...instance, ...states.get(instance.id) }));
    const known = new Set(instances.map(({ id }) => id));
    return { outputs: [...instances, ...[...states.values()].filter(({ id }) => !known.has(id))] };
  });
}
