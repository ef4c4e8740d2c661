// The same updates for every contender of the stream bench: 100 channels, a tick every 10 ms, rows encoded once.
import { createServer as createHttpServer } from 'node:http';
import { LocalEventBus, silentLogger, SystemClock } from '@hyphae/core';
import { EncodedRows, openStore } from '@hyphae/core/store';
import { createServer, newToken, TokenStore } from '@hyphae/server';
import { WebSocketServer } from 'ws';

const CHANNELS = 100;
const TICK_MS = 10;

/** Calls `emit(handles, rows, from, values, at)` with `rate` updates a second. */
function feed(rate, emit) {
  const stats = { updates: 0 };
  const started = performance.now();
  setInterval(() => {
    const due = Math.floor(((performance.now() - started) * rate) / 1_000) - stats.updates;
    if (due <= 0) return;
    const from = stats.updates;
    const at = Date.now();
    const handles = new Array(due);
    const rows = new Array(due);
    const values = new Float64Array(due);
    for (let i = 0; i < due; i++) {
      const handle = ((from + i) % CHANNELS) + 1;
      handles[i] = handle;
      values[i] = 20 + ((from + i) % 997) / 100;
      rows[i] = `[${from + 1 + i},${handle},${values[i]},${at},0]`;
    }
    stats.updates += due;
    emit(handles, rows, from, values, at);
  }, TICK_MS);
  return stats;
}

/** By hand, batched: rows gathered, joined every 50 ms, one buffer for all clients. */
export async function handBatched(rate, flushMs) {
  const { url, sockets } = await plain();
  let waiting = [];
  setInterval(() => {
    if (waiting.length === 0) return;
    const frame = Buffer.from(`{"t":"d","r":[${waiting.join(',')}]}`);
    waiting = [];
    for (const socket of sockets) socket.send(frame, { binary: false });
  }, flushMs);
  return { url, stats: feed(rate, (_, rows) => waiting.push(...rows)) };
}

/** By hand, one frame an update, built once for all clients. */
export async function handUnbatched(rate) {
  const { url, sockets } = await plain();
  const send = (_, rows) => {
    for (const row of rows) {
      const frame = Buffer.from(`{"t":"d","r":[${row}]}`);
      for (const socket of sockets) socket.send(frame, { binary: false });
    }
  };
  return { url, stats: feed(rate, send) };
}

/** The server with its hub, fed with batches as a store would commit them. */
export async function hyphae(rate, flushMs) {
  const clock = new SystemClock();
  const store = await openStore({ client: 'memory', clock });
  const { epoch } = store.measurements;
  const events = new LocalEventBus(() => {});
  const records = Array.from({ length: CHANNELS }, (_, i) => ({
    source: 'bench',
    channel: `c${i}`,
    value: 0,
    unit: 'Cel',
    at: 0,
    quality: 'good',
  }));
  const token = newToken();
  const server = await createServer({
    node: { events, outputs: { list: () => [] }, status: () => [], flush: async () => {} },
    store,
    clock,
    log: silentLogger,
    info: { name: 'bench' },
    tokens: new TokenStore([{ token, name: 'bench' }]),
    listen: { host: '127.0.0.1', port: 0 },
    limits: { flushMs, socketsPerToken: 100, strangersPerAddress: 100, socketsPerAddress: 100 },
  });
  const stats = feed(rate, (handles, rows, from, values, at) => {
    events.publish('committed', {
      epoch,
      from,
      to: from + rows.length,
      handles,
      rows: EncodedRows.of(rows),
      values,
      ats: new Float64Array(values.length).fill(at),
      codes: new Uint8Array(values.length),
      records: handles.map((handle) => records[handle - 1]),
    });
  });
  return { url: `${server.url.replace('http', 'ws')}/api/v1/stream`, token, stats };
}

async function plain() {
  const server = createHttpServer();
  const sockets = new Set();
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return { url: `ws://127.0.0.1:${server.address().port}`, sockets };
}
