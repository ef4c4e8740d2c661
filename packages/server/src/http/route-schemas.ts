import { COMMAND_FIELDS } from '../stream/schemas.js';

const object = (
  properties: Readonly<Record<string, unknown>>,
  required: readonly string[] = Object.keys(properties),
) => ({
  type: 'object',
  properties,
  required,
});
const list = (items: object) => ({ type: 'array', items });
const TEXT = { type: 'string' } as const;
const NUMBER = { type: 'number' } as const;
const INTEGER = { type: 'integer' } as const;
const BOOLEAN = { type: 'boolean' } as const;
const NULLABLE = { type: ['number', 'null'] } as const;
const QUALITY = { type: 'integer', description: '0 good, 1 stale, 2 suspect, 3 bad, plus 4 where simulated' } as const;
const SEQUENCE = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;
const TIME = {
  type: 'string',
  minLength: 1,
  maxLength: 40,
  description: 'Epoch milliseconds, or ISO 8601 with an offset such as 2026-11-24T10:00:00Z',
} as const;

/** A problem (RFC 9457). */
export const PROBLEM = object(
  { type: TEXT, title: TEXT, status: INTEGER, code: TEXT, detail: TEXT, remedy: TEXT, retry: BOOLEAN },
  ['type', 'title', 'status', 'code', 'detail', 'retry'],
);

const INSTANCE = object(
  {
    id: TEXT,
    kind: TEXT,
    plugin: TEXT,
    state: { enum: ['waiting', 'starting', 'running', 'faulty', 'stopped'] },
    since: NUMBER,
    error: object({ code: TEXT, message: TEXT }),
    because: TEXT,
    needs: list(TEXT),
    resources: list(TEXT),
    channels: list(object({ path: TEXT, unit: TEXT })),
    restarts: INTEGER,
  },
  ['id', 'kind', 'plugin', 'state', 'since', 'needs', 'resources', 'channels', 'restarts'],
);
const OUTPUT = object({
  id: TEXT,
  mode: { enum: ['switch', 'level', 'dose', 'value'] },
  unit: TEXT,
  range: { type: 'array', items: NUMBER, minItems: 2, maxItems: 2 },
  safe: NUMBER,
  desired: NUMBER,
  confirmed: NULLABLE,
  owner: { type: ['string', 'null'] },
  rev: INTEGER,
  onMs: NUMBER,
  switches: INTEGER,
});
const RECORD = object({
  q: SEQUENCE,
  kind: { enum: ['m', 's', 'e', 'a'] },
  channel: TEXT,
  value: NULLABLE,
  unit: TEXT,
  at: NUMBER,
  quality: QUALITY,
});

const problem = { description: 'A problem', content: { 'application/problem+json': { schema: PROBLEM } } };
const ok = (description: string, schema: object) => ({ 200: { description, ...schema }, default: problem });

/** Schemas of the routes: what requests are validated with and what OpenAPI publishes. */
export const ROUTE_SCHEMAS = {
  healthz: { summary: 'Alive', security: [], response: ok('The process answers', object({ status: TEXT })) },
  readyz: {
    summary: 'Started, and the states of the graph',
    security: [],
    response: {
      ...ok(
        'Running',
        object({ ready: BOOLEAN, storage: { enum: ['ok', 'degraded', 'memory'] }, instances: list(INSTANCE) }),
      ),
      503: { description: 'Starting', ...object({ ready: BOOLEAN }) },
    },
  },
  metrics: {
    summary: 'Counters and gauges in Prometheus text',
    security: [],
    response: { 200: { description: 'Text format 0.0.4', type: 'string' }, default: problem },
  },
  node: {
    summary: 'The node',
    response: ok(
      'The node',
      object(
        {
          name: TEXT,
          version: TEXT,
          epoch: TEXT,
          head: SEQUENCE,
          floor: SEQUENCE,
          durable: BOOLEAN,
          startedAt: NUMBER,
          now: NUMBER,
          instances: { type: 'object' },
          scheduler: { type: 'object' },
        },
        ['name', 'epoch', 'head', 'floor', 'durable', 'startedAt', 'now', 'instances', 'scheduler'],
      ),
    ),
  },
  plugins: {
    summary: 'What was loaded, what not, and why',
    response: ok('Candidates of discovery', object({ plugins: list({ type: 'object' }) })),
  },
  sensors: { summary: 'Sensors', response: ok('Sensors', object({ sensors: list(INSTANCE) })) },
  outputs: { summary: 'Outputs', response: ok('Outputs', object({ outputs: list({ allOf: [INSTANCE, OUTPUT] }) })) },
  functions: { summary: 'Functions', response: ok('Functions', object({ functions: list(INSTANCE) })) },
  channels: {
    summary: 'Channels, each with its last committed record',
    response: ok(
      'Channels',
      object({
        epoch: TEXT,
        head: SEQUENCE,
        channels: list(
          object({ handle: INTEGER, path: TEXT, unit: TEXT, kind: TEXT, last: RECORD }, [
            'handle',
            'path',
            'unit',
            'kind',
          ]),
        ),
      }),
    ),
  },
  measurements: {
    summary: 'History of a channel, as taken or down-sampled',
    querystring: {
      ...object(
        {
          channel: { type: 'string', minLength: 1, maxLength: 256 },
          from: TIME,
          to: TIME,
          points: { type: 'integer', minimum: 1, maximum: 10_000 },
          limit: { type: 'integer', minimum: 1, maximum: 100_000 },
        },
        ['channel'],
      ),
      additionalProperties: false,
    },
    response: ok(
      'Records, or buckets when `points` is given',
      object(
        {
          channel: TEXT,
          unit: TEXT,
          from: NUMBER,
          to: NUMBER,
          records: list(object({ at: NUMBER, value: NULLABLE, quality: QUALITY })),
          more: { type: 'boolean', description: 'There are records after the last one given' },
          buckets: list(object({ at: NUMBER, min: NUMBER, mean: NUMBER, max: NUMBER, count: INTEGER })),
        },
        ['channel', 'unit', 'from', 'to'],
      ),
    ),
  },
  log: {
    summary: 'Committed records in order',
    querystring: {
      ...object(
        {
          after: SEQUENCE,
          limit: { type: 'integer', minimum: 1, maximum: 10_000 },
          epoch: { type: 'string', minLength: 1, maxLength: 128, description: 'Refused when the log has another' },
        },
        [],
      ),
      additionalProperties: false,
    },
    response: ok(
      'Records after `after`',
      object(
        {
          epoch: TEXT,
          head: SEQUENCE,
          records: list(RECORD),
          lost: object({ from: SEQUENCE, to: SEQUENCE }),
        },
        ['epoch', 'head', 'records'],
      ),
    ),
  },
  command: {
    summary: 'Commands an output',
    body: {
      ...object({ key: { type: 'string', minLength: 1, maxLength: 128, pattern: '^[!-~]+$' }, ...COMMAND_FIELDS }, [
        'op',
      ]),
      additionalProperties: false,
    },
    headers: object({ 'idempotency-key': { type: 'string', minLength: 1, maxLength: 128, pattern: '^[!-~]+$' } }, []),
    response: ok(
      'Carried out',
      object({ key: TEXT, st: TEXT, rev: INTEGER, q: SEQUENCE, dup: BOOLEAN, lease: TEXT, output: OUTPUT }, [
        'key',
        'st',
        'output',
      ]),
    ),
  },
  ticket: {
    summary: 'A one-time ticket for the stream, for browsers',
    response: ok('Good for one connection', object({ ticket: TEXT, expiresMs: NUMBER })),
  },
  document: { summary: 'A description of the interface', response: ok('The document', { type: 'object' }) },
} as const;
