/** A JSON Schema (2020-12) as plain data: what messages are validated with and what AsyncAPI and OpenAPI publish. */
export type MessageSchema = Readonly<Record<string, unknown>>;

const MOST = Number.MAX_SAFE_INTEGER;
const SEQUENCE = { type: 'integer', minimum: 0, maximum: MOST } as const;
const ID = {
  type: 'integer',
  minimum: 1,
  maximum: MOST,
  description: 'Strictly increasing within a connection',
} as const;
const TEXT = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength }) as const;
const MS = (minimum: number, maximum: number) => ({ type: 'number', minimum, maximum }) as const;
const KEY = { ...TEXT(128), pattern: '^[!-~]+$', description: 'Makes repeating the command harmless' } as const;

function message(t: string, required: readonly string[], properties: Readonly<Record<string, unknown>>): MessageSchema {
  return { type: 'object', required: ['t', ...required], properties: { t: { const: t }, ...properties } };
}

/** What a command asks for: the same for the stream and for REST. */
export const COMMAND_FIELDS = {
  op: { enum: ['set', 'release'] },
  args: {
    type: 'object',
    properties: {
      on: { type: 'boolean', description: 'For outputs of mode switch: 1 or 0' },
      value: { type: 'number', description: 'In the unit and range of the output' },
    },
  },
  ttlMs: { ...MS(1, 86_400_000), description: 'Not carried out when it would begin later than this' },
  lease: {
    type: 'object',
    required: ['ms'],
    properties: { ms: { ...MS(30, 60_000), description: 'The output is released unless renewed within this time' } },
  },
  if: {
    type: 'object',
    required: ['rev'],
    properties: { rev: { ...SEQUENCE, description: 'Refused unless the output’s rev is this' } },
  },
} as const;

/** What clients send, by `t`. */
export const CLIENT_MESSAGES = {
  auth: message('auth', [], {
    token: TEXT(512),
    ticket: TEXT(512),
    client: { type: 'object', properties: { name: TEXT(128), ver: TEXT(128) } },
    caps: { type: 'array', maxItems: 64, items: TEXT(64) },
  }),
  sub: message('sub', ['id', 'sel'], {
    id: ID,
    sel: { type: 'array', minItems: 1, items: { type: 'string' } },
    kinds: {
      type: 'array',
      minItems: 1,
      maxItems: 16,
      items: { enum: ['m', 's', 'e', 'a'] },
      description: 'Default m, s and e. There are no records of kind a yet',
    },
    mode: { enum: ['lossless', 'latest', 'sample'], description: 'Default lossless. sample: latest, each second' },
    minMs: { ...MS(0, 3_600_000), description: 'For latest and sample: the shortest time between frames' },
    maxMs: { ...MS(1_000, 3_600_000), description: 'Progress at least this often; never less often than hbMs' },
    snap: { type: 'boolean' },
    from: {
      anyOf: [
        { const: 'now' },
        { type: 'object', required: ['e', 'q'], properties: { e: TEXT(128), q: SEQUENCE } },
        { type: 'object', required: ['tsMs'], properties: { tsMs: MS(0, 8.64e15) } },
      ],
    },
  }),
  ack: message('ack', ['sub', 'q'], { sub: ID, q: SEQUENCE }),
  unsub: message('unsub', ['id', 'sub'], { id: ID, sub: ID }),
  cmd: message('cmd', ['id', 'key', 'to', 'op'], { id: ID, key: KEY, to: TEXT(256), ...COMMAND_FIELDS }),
  renew: message('renew', ['lease'], { id: ID, lease: TEXT(128) }),
  cget: message('cget', ['key'], { id: ID, key: KEY }),
  hb: message('hb', [], {}),
} as const;

/** `t` of a message of a client. */
export type ClientMessageType = keyof typeof CLIENT_MESSAGES;

const ROW = {
  type: 'array',
  minItems: 5,
  maxItems: 5,
  description: '[q, handle, value, tsMs, quality]; quality 0 good, 1 stale, 2 suspect, 3 bad, plus 4 where simulated',
} as const;
const SUB = { type: 'integer', minimum: 1 } as const;
const LOST = { type: 'object', required: ['from', 'to'], properties: { from: SEQUENCE, to: SEQUENCE } } as const;
const CHANNELS = {
  type: 'object',
  additionalProperties: { type: 'array', items: { type: 'string' }, minItems: 2, maxItems: 2 },
  description: 'Path and UCUM unit by handle',
} as const;
const ERROR_CODES = [
  'bad_json bad_type bad_field unknown_type id_not_increasing unauthorized forbidden not_found too_large too_many_subs',
  'too_many_selectors bad_selector rate_limited busy not_owner interlock out_of_range idem_conflict expired',
  'device_unavailable storage_degraded internal',
]
  .join(' ')
  .split(' ');

/** What the server sends, by `t`. */
export const SERVER_MESSAGES: Readonly<Record<string, MessageSchema>> = {
  hello: message('hello', ['p', 'auth', 'deadlineMs'], {
    p: { const: 1 },
    auth: { type: 'array', items: { enum: ['token', 'ticket'] } },
    deadlineMs: { type: 'integer' },
  }),
  ready: message('ready', ['node', 'epoch', 'head', 'durable', 'now', 'scopes', 'limits', 'hbMs', 'caps'], {
    node: { type: 'string' },
    epoch: { type: 'string' },
    head: SEQUENCE,
    durable: { type: 'boolean' },
    now: { type: 'object', properties: { wall: { type: 'number' }, mono: { type: 'number' } } },
    scopes: { type: 'array', items: { type: 'string' } },
    limits: { type: 'object' },
    hbMs: { type: 'integer' },
    caps: { type: 'array', items: { type: 'string' } },
  }),
  subok: message('subok', ['id', 'sub', 'e', 'at', 'resumed', 'ch'], {
    id: ID,
    sub: SUB,
    e: { type: 'string' },
    at: SEQUENCE,
    resumed: { type: 'boolean' },
    why: { enum: ['epoch', 'expired', 'ahead', 'too_many'] },
    lost: LOST,
    ch: CHANNELS,
  }),
  snap: message('snap', ['sub', 'at', 'part', 'last', 'r'], {
    sub: SUB,
    at: SEQUENCE,
    part: { type: 'integer', minimum: 0 },
    last: { type: 'boolean' },
    r: { type: 'array', items: { type: 'array', minItems: 4, maxItems: 4 } },
  }),
  d: message('d', ['sub', 'from', 'to', 'r'], {
    sub: SUB,
    from: SEQUENCE,
    to: SEQUENCE,
    r: { type: 'array', items: ROW },
    ch: CHANNELS,
    cu: { const: true },
    col: { type: 'object', properties: { n: SEQUENCE, why: { enum: ['slow', 'rate'] } } },
  }),
  end: message('end', ['sub', 'code'], { sub: SUB, id: ID, code: { type: 'string' }, lost: LOST }),
  hb: message('hb', ['q', 'ts'], { q: SEQUENCE, ts: { type: 'number' } }),
  cack: message('cack', ['id'], { id: ID }),
  cres: message('cres', ['st'], {
    id: ID,
    key: { type: 'string' },
    st: { enum: ['done', 'rejected', 'failed', 'expired', 'aborted'] },
    rev: { ...SEQUENCE, description: 'The output’s, once this was over. Missing where the server ended meanwhile' },
    q: { ...SEQUENCE, description: 'Where the log stood: a transition is at or before it. Missing as rev is' },
    dup: { const: true },
    lease: { type: 'string' },
    err: { type: 'object', properties: { code: { enum: ERROR_CODES }, msg: { type: 'string' } } },
  }),
  err: message('err', ['code', 'msg', 'retry'], {
    id: ID,
    code: { enum: ERROR_CODES },
    msg: { type: 'string' },
    retry: { type: 'boolean' },
    afterMs: { type: 'number' },
  }),
};
