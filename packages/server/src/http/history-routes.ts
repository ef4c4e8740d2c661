import { qualityCode } from '@hyphae/core';
import type { LogRecord } from '@hyphae/core/store';
import type { FastifyInstance } from 'fastify';
import type { Identity } from '../auth/token-store.js';
import { SelectorSet } from '../stream/selector.js';
import { EpochError, HttpNotFoundError, HttpRequestError } from './errors.js';
import { identityOf } from './http-guard.js';
import type { RestContext } from './rest-context.js';
import { ROUTE_SCHEMAS } from './route-schemas.js';

const HOUR_MS = 3_600_000;
const DEFAULT_RECORDS = 10_000;
const DEFAULT_LOG = 1_000;
const MOST_MS = 8.64e15;

interface MeasurementsQuery {
  readonly channel: string;
  readonly from?: string;
  readonly to?: string;
  readonly points?: number;
  readonly limit?: number;
}

interface LogQuery {
  readonly after?: number;
  readonly limit?: number;
  readonly epoch?: string;
}

/** Epoch ms of a time in a query. @throws HYP_HTTP_REQUEST */
function time(text: string, name: string): number {
  const iso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/i;
  const ms = /^-?\d{1,16}(\.\d+)?$/.test(text) ? Number(text) : iso.test(text) ? Date.parse(text) : NaN;
  if (!(Math.abs(ms) <= MOST_MS)) throw new HttpRequestError({ problem: `${name} is not a time` });
  return ms;
}

function wire({ q, kind, path, value, unit, at, quality }: LogRecord): object {
  return { q, kind, channel: path, value, unit, at, quality };
}

/** Which paths a token may read. */
function reads({ channels }: Identity): (path: string) => boolean {
  const allowed = new SelectorSet(channels);
  return (path) => allowed.matches(path);
}

/** What was measured. */
export function historyRoutes(app: FastifyInstance, { store, clock }: RestContext): void {
  const { measurements } = store;

  app.get('/api/v1/channels', { schema: ROUTE_SCHEMAS.channels }, async (request) => {
    const readable = reads(identityOf(request, 'read'));
    const latest = new Map((await clock.io(measurements.latest())).map((record) => [record.handle, record]));
    const channels = measurements
      .channels()
      .filter(({ path }) => readable(path))
      .map(({ handle, path, unit, kind }) => {
        const last = latest.get(handle);
        return { handle, path, unit, kind, ...(last ? { last: wire(last) } : {}) };
      });
    return { epoch: measurements.epoch, head: measurements.head, channels };
  });

  app.get<{ Querystring: MeasurementsQuery }>(
    '/api/v1/measurements',
    { schema: ROUTE_SCHEMAS.measurements },
    async (request) => {
      const readable = reads(identityOf(request, 'read'));
      const { channel, points, limit = DEFAULT_RECORDS, ...range } = request.query;
      const to = range.to === undefined ? clock.now() + 1 : time(range.to, 'to');
      const from = range.from === undefined ? to - HOUR_MS : time(range.from, 'from');
      if (from >= to) throw new HttpRequestError({ problem: 'from has to be before to' });
      const known = measurements.channels().find(({ path }) => path === channel);
      if (!known || !readable(channel)) throw new HttpNotFoundError({ what: 'channel' });
      const head = { channel, unit: known.unit, from, to };
      if (points !== undefined) {
        return { ...head, buckets: await clock.io(measurements.downsample({ path: channel, from, to }, points)) };
      }
      const records: object[] = [];
      for await (const one of measurements.query({ path: channel, from, to, limit: limit + 1 })) {
        records.push({ at: one.at, value: one.value, quality: qualityCode(one.quality, one.simulated) });
      }
      const more = records.length > limit;
      return { ...head, records: more ? records.slice(0, limit) : records, more };
    },
  );

  app.get<{ Querystring: LogQuery }>('/api/v1/log', { schema: ROUTE_SCHEMAS.log }, async (request) => {
    const readable = reads(identityOf(request, 'read'));
    const { after = 0, limit = DEFAULT_LOG, epoch } = request.query;
    if (epoch !== undefined && epoch !== measurements.epoch) throw new EpochError({ epoch: measurements.epoch });
    const head = measurements.head;
    const found = await clock.io(measurements.read(after, limit));
    // Read after the records: what was pruned meanwhile is not passed over in silence.
    const floor = measurements.floor;
    const records = found.filter(({ path }) => readable(path)).map(wire);
    const lost = after < floor ? { lost: { from: after, to: floor } } : {};
    return { epoch: measurements.epoch, head: Math.max(head, found.at(-1)?.q ?? 0), records, ...lost };
  });
}
