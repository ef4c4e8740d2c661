import { SUBPROTOCOL } from '@hyphae/client';
import { CLIENT_MESSAGES, SERVER_MESSAGES } from '../stream/schemas.js';
import { STREAM_PATH } from '../stream/handshake-gate.js';

const EXAMPLES: Readonly<Record<string, object>> = {
  auth: { t: 'auth', token: 'your-token', client: { name: 'panel', ver: '1.0' } },
  sub: { t: 'sub', id: 1, sel: ['gh1/+/temperature', 'gh1/zone2/#'], kinds: ['m', 's', 'e'], mode: 'lossless' },
  ack: { t: 'ack', sub: 1, q: 0 },
  unsub: { t: 'unsub', id: 2, sub: 1 },
  cmd: { t: 'cmd', id: 3, key: '01J8Z3', to: 'gh1/heater', op: 'set', args: { on: true }, ttlMs: 2000 },
  renew: { t: 'renew', id: 4, lease: '0f6c3f86-8d0c-4d0e-a9f5-3f1d9b1f6f0a' },
  cget: { t: 'cget', id: 5, key: '01J8Z3' },
  hb: { t: 'hb' },
};

/** Headers of the upgrade. */
const HANDSHAKE = {
  type: 'object',
  required: ['Sec-WebSocket-Protocol'],
  properties: {
    'Sec-WebSocket-Protocol': { type: 'string', description: `A list that names ${SUBPROTOCOL}` },
    Authorization: { type: 'string', description: 'Bearer and the token; instead of the message auth' },
  },
} as const;

/**
 * The stream as AsyncAPI 3.1, from the schemas messages are validated with. The WebSocket binding knows one channel per
 * connection, so all messages are in it.
 */
export function asyncApiDocument(info: { readonly name: string; readonly version?: string }): object {
  const messages: Record<string, object> = {};
  const name = (side: 'client' | 'server', t: string) => `${side}_${t}`;
  for (const [t, payload] of Object.entries(CLIENT_MESSAGES)) {
    const example = EXAMPLES[t];
    messages[name('client', t)] = { name: t, payload, ...(example ? { examples: [{ payload: example }] } : {}) };
  }
  for (const [t, payload] of Object.entries(SERVER_MESSAGES)) messages[name('server', t)] = { name: t, payload };
  const ref = (key: string) => ({ $ref: `#/channels/stream/messages/${key}` });
  const channel = { $ref: '#/channels/stream' };
  const reply = (...names: string[]) => ({ channel, messages: names.map((t) => ref(name('server', t))) });
  const receive = (t: keyof typeof CLIENT_MESSAGES, ...replies: string[]) => ({
    action: 'receive',
    channel,
    messages: [ref(name('client', t))],
    ...(replies.length > 0 ? { reply: reply(...replies) } : {}),
  });
  return {
    asyncapi: '3.1.0',
    info: {
      title: `Stream of ${info.name}`,
      version: info.version ?? '1',
      description: 'Committed records, live and in order',
    },
    defaultContentType: 'application/json',
    channels: {
      stream: {
        address: STREAM_PATH,
        title: SUBPROTOCOL,
        messages,
        description:
          'A WebSocket. Ends with 40xx where trying again does not help, 41xx to be tried again with back-off, 42xx at once.',
        bindings: { ws: { method: 'GET', headers: HANDSHAKE, bindingVersion: '0.1.0' } },
      },
    },
    operations: {
      authenticate: receive('auth', 'ready', 'err'),
      subscribe: receive('sub', 'subok', 'err'),
      acknowledge: receive('ack'),
      unsubscribe: receive('unsub', 'end', 'err'),
      command: receive('cmd', 'cack', 'cres', 'err'),
      renewLease: receive('renew', 'cres', 'err'),
      commandResult: receive('cget', 'cres', 'err'),
      alive: receive('hb'),
      deliver: {
        action: 'send',
        channel,
        messages: Object.keys(SERVER_MESSAGES).map((t) => ref(name('server', t))),
      },
    },
  };
}
